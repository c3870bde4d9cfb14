using Gigawatt.Metering;
using Gigawatt.Units;

namespace Gigawatt.Execution;

/// <summary>What a command asks of the world.</summary>
public enum CommandKind : byte
{
    /// <summary>Start a task on a node. Carrying it out twice is carrying it out once.</summary>
    StartTask,

    /// <summary>Stop a task: SIGTERM, and SIGKILL after the grace.</summary>
    StopTask,

    /// <summary>Write a usage record to the ledger. Idempotent by the record's id.</summary>
    RecordUsage,

    /// <summary>A job ended; tell whoever waits for it.</summary>
    JobEnded,
}

/// <summary>A record to write. An object, as commands are many and small, and few of them have one.</summary>
/// <param name="Record">What an attempt of a task used.</param>
public sealed record JobUsage(UsageRecord Record);

/// <summary>A decision of the control loop, as data: somebody else carries it out.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="JobId">The job.</param>
/// <param name="Attempt">The attempt.</param>
/// <param name="Rank">The task's place in the gang; 0 for commands about the job.</param>
/// <param name="Node">Dense node id; -1 for commands about the job.</param>
/// <param name="Argument">Accelerator mask, grace in nanoseconds or final phase, by kind.</param>
/// <param name="Usage">For <see cref="CommandKind.RecordUsage"/>.</param>
public readonly record struct Command(
    CommandKind Kind, long JobId, int Attempt, int Rank, int Node, ulong Argument, JobUsage? Usage = null)
{
    /// <summary>The hash with this command folded in.</summary>
    public StableHash FoldInto(StableHash hash)
    {
        hash = hash.Add((ulong)Kind).Add(JobId).Add(((ulong)Attempt << 32) | (uint)Rank).Add(Node).Add(Argument);
        return Usage is null ? hash : hash.Add(Usage.Record.Energy.Millijoules).Add(Usage.Record.Cost.Micros);
    }
}
