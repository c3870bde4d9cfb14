namespace Gigawatt.Placement;

/// <summary>Why a job waits. A closed list, so that alerts can be set on it.</summary>
public enum WaitReason
{
    /// <summary>It failed through no fault of its own and rests before the next attempt.</summary>
    RetryBackoff,

    /// <summary>Its tenant holds as many accelerators as it may.</summary>
    QuotaExhausted,

    /// <summary>Its queue has no quota left for it, and cannot borrow enough.</summary>
    InsufficientQuota,

    /// <summary>Its queue is no longer configured.</summary>
    QueueGone,

    /// <summary>Nodes that could run it exist, and none of them is up.</summary>
    NodesDown,

    /// <summary>Too few accelerators of an accepted type are free on any one node.</summary>
    InsufficientAccelerators,

    /// <summary>Nodes with free accelerators lack CPUs, or no node has the CPUs free.</summary>
    InsufficientCpu,

    /// <summary>Nodes with free CPUs lack memory.</summary>
    InsufficientMemory,

    /// <summary>Some tasks of the gang would fit now, but not all.</summary>
    GangIncomplete,

    /// <summary>It fits and is placed in the next step.</summary>
    NextInLine,
}
