namespace Gigawatt.Workloads;

/// <summary>Where a job is in its life.</summary>
public enum JobPhase : byte
{
    /// <summary>Accepted and waiting for a place.</summary>
    Queued,

    /// <summary>Placed; not all tasks have reported that they run.</summary>
    Starting,

    /// <summary>All tasks run.</summary>
    Running,

    /// <summary>Being stopped; some tasks may still run.</summary>
    Stopping,

    /// <summary>Every task ended with exit code 0.</summary>
    Succeeded,

    /// <summary>A task ended with another exit code, or the requeue limit was reached.</summary>
    Failed,

    /// <summary>Stopped at its owner's request.</summary>
    Cancelled,

    /// <summary>Stopped at its time limit.</summary>
    TimedOut,

    /// <summary>Did not fit when tried once.</summary>
    Dropped,
}

/// <summary>Questions about phases.</summary>
public static class JobPhases
{
    /// <summary>Whether the job is over.</summary>
    public static bool IsEnded(this JobPhase phase) => phase >= JobPhase.Succeeded;

    /// <summary>Whether the job holds capacity.</summary>
    public static bool HoldsCapacity(this JobPhase phase) => phase is JobPhase.Starting or JobPhase.Running or JobPhase.Stopping;
}
