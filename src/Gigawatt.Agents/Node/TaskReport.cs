using Gigawatt.Agents.Telemetry;
using Gigawatt.Units;

namespace Gigawatt.Agents.Node;

/// <summary>Something that happened to a task. Reports are delivered at least once: the receiver drops repeats.</summary>
/// <param name="Key">The task.</param>
public abstract record TaskReport(TaskKey Key)
{
    /// <summary>Whether the task is over and nothing of it runs any more.</summary>
    public abstract bool IsFinal { get; }
}

/// <summary>The task runs. Delivered again by every agent that adopts it.</summary>
/// <param name="Key">The task.</param>
/// <param name="Pid">The process, session and group number of its supervisor.</param>
/// <param name="StartedAt">When the supervisor began, by the node's clock.</param>
public sealed record TaskStarted(TaskKey Key, int Pid, Instant StartedAt) : TaskReport(Key)
{
    /// <inheritdoc/>
    public override bool IsFinal => false;
}

/// <summary>The command ended, by itself or by a signal.</summary>
/// <param name="Key">The task.</param>
/// <param name="ExitCode">
/// 0 to 255. 126 is a command that could not be executed, 127 one that was not found, 128 + n one ended by signal n;
/// the log says more.
/// </param>
/// <param name="Signal">n when the exit code is 128 + n and n is a signal; a command can also exit with such a code itself.</param>
/// <param name="StartedAt">When the supervisor began, by the node's clock.</param>
/// <param name="EndedAt">When the command ended, by the node's clock.</param>
/// <param name="CpuMilliseconds">User and system time of the command and its descendants.</param>
/// <param name="Energy">What was measured for it.</param>
public sealed record TaskExited(
    TaskKey Key, int ExitCode, int? Signal, Instant StartedAt, Instant EndedAt, long CpuMilliseconds, TaskEnergy Energy)
    : TaskReport(Key)
{
    /// <inheritdoc/>
    public override bool IsFinal => true;
}

/// <summary>The task is gone and nobody knows how it ended; whether to run it again is the receiver's choice.</summary>
/// <param name="Key">The task.</param>
/// <param name="Reason">Why, in words for a person.</param>
public sealed record TaskLost(TaskKey Key, string Reason) : TaskReport(Key)
{
    /// <inheritdoc/>
    public override bool IsFinal => true;
}

/// <summary>The command never began; on this node it would most likely fail to again.</summary>
/// <param name="Key">The task.</param>
/// <param name="Reason">Why, in words for a person.</param>
public sealed record TaskFailedToStart(TaskKey Key, string Reason) : TaskReport(Key)
{
    /// <inheritdoc/>
    public override bool IsFinal => true;
}
