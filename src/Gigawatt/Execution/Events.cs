using Gigawatt.Admission.Queues;
using Gigawatt.Fleet;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Execution;

/// <summary>Something that happened. The only way in which the state of the control loop changes.</summary>
/// <remarks>To add one: a record here, a case in <c>ControlLoop.Step</c>, a tag in <c>EventCodec</c>.</remarks>
public abstract record Event;

/// <summary>The fleet file was loaded, at the first start or after it changed.</summary>
/// <param name="Model">The whole description.</param>
public sealed record FleetDescribed(FleetModel Model) : Event;

/// <summary>A tenant's quota was set.</summary>
/// <param name="Tenant">Name.</param>
/// <param name="AcceleratorMilli">Most accelerators its jobs may hold at once, in thousandths; null has no limit.</param>
public sealed record QuotaSet(string Tenant, long? AcceleratorMilli) : Event;

/// <summary>The queues and cohorts were set, at the first start or after their file changed.</summary>
/// <param name="Model">All of them.</param>
public sealed record QueuesSet(QueueModel Model) : Event;

/// <summary>An agent came into contact: a node of the fleet file that it serves, or one of its own.</summary>
/// <param name="Node">The node as the agent found it.</param>
/// <param name="AcceleratorType">Its accelerators' type by name, or empty.</param>
public sealed record NodeJoined(NodeGroup Node, AcceleratorType? AcceleratorType) : Event;

/// <summary>An agent has been out of contact so long that nothing of it can still run; its tasks are lost.</summary>
/// <param name="Node">The node's name.</param>
public sealed record NodeLost(string Node) : Event;

/// <summary>An operator ended a node's quarantine: it was repaired, or its losses were not its own.</summary>
/// <param name="Node">The node's name.</param>
public sealed record NodeReleased(string Node) : Event;

/// <summary>A job was accepted.</summary>
/// <param name="JobId">The next job number.</param>
/// <param name="Spec">What was asked for.</param>
public sealed record JobSubmitted(long JobId, JobSpec Spec) : Event;

/// <summary>A job's owner wants it stopped.</summary>
/// <param name="JobId">The job.</param>
public sealed record JobCancelRequested(long JobId) : Event;

/// <summary>A task runs.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">The attempt it belongs to; reports of earlier attempts are void.</param>
/// <param name="Rank">The task's place in the gang.</param>
public sealed record TaskStarted(long JobId, int Attempt, int Rank) : Event;

/// <summary>A task came to an end of its own, or was stopped.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">The attempt it belongs to.</param>
/// <param name="Rank">The task's place in the gang.</param>
/// <param name="ExitCode">Exit code; 128 + n for signal n.</param>
/// <param name="Reading">What meters and the operating system say it used.</param>
public sealed record TaskExited(long JobId, int Attempt, int Rank, int ExitCode, TaskReading Reading) : Event;

/// <summary>A task is gone and nobody knows how it ended, or it could not be started: the node's failure, not the job's.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">The attempt it belongs to.</param>
/// <param name="Rank">The task's place in the gang.</param>
/// <param name="Reason">One sentence.</param>
public sealed record TaskLost(long JobId, int Attempt, int Rank, string Reason) : Event;

/// <summary>Time passed; deadlines that are due take effect.</summary>
public sealed record TimePassed : Event;

/// <summary>What was measured of a task. Null means that the machine has no such meter.</summary>
/// <param name="CpuMilliseconds">CPU time used, user and system.</param>
/// <param name="CpuEnergy">Energy attributed from the CPU's counters.</param>
/// <param name="AcceleratorEnergy">Energy of the accelerators it held.</param>
public readonly record struct TaskReading(long? CpuMilliseconds, Joules? CpuEnergy, Joules? AcceleratorEnergy);
