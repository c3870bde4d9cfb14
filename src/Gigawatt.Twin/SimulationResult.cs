using Gigawatt.Units;

namespace Gigawatt.Twin;

/// <summary>What came out of a simulation.</summary>
public sealed record SimulationResult
{
    /// <summary>The placement policy's name.</summary>
    public required string Policy { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The trace's name.</summary>
    public required string Workload { get; init; }

    /// <summary>Jobs submitted. Each was placed, dropped, refused, or still waits at the end.</summary>
    public required int Jobs { get; init; }

    /// <summary>Jobs that got their nodes.</summary>
    public required int Placed { get; init; }

    /// <summary>Jobs that were to be tried once and did not fit.</summary>
    public required int Dropped { get; init; }

    /// <summary>Jobs that could never fit.</summary>
    public required int Refused { get; init; }

    /// <summary>Jobs that ran to their end.</summary>
    public required int Completed { get; init; }

    /// <summary>Mean time from submission to a place, over the jobs placed.</summary>
    public required Duration WaitMean { get; init; }

    /// <summary>Half of the jobs placed waited no longer than this.</summary>
    public required Duration WaitMedian { get; init; }

    /// <summary>90 % of the jobs placed waited no longer than this.</summary>
    public required Duration WaitP90 { get; init; }

    /// <summary>99 % of the jobs placed waited no longer than this.</summary>
    public required Duration WaitP99 { get; init; }

    /// <summary>The longest wait of a job that was placed.</summary>
    public required Duration WaitMax { get; init; }

    /// <summary>Simulated time from the first submission to the last thing that happened.</summary>
    public required Duration Elapsed { get; init; }

    /// <summary>Allocated share of the accelerators in percent, mean over <see cref="Elapsed"/>; 0 for a fleet without any.</summary>
    public required double AllocationPercent { get; init; }

    /// <summary>Idle accelerators that a typical task of this trace cannot use, in percent of all accelerators, mean over
    /// <see cref="Elapsed"/>; 0 for a fleet without any.</summary>
    public required double FragmentedPercent { get; init; }

    /// <summary>Events that the control loop took in.</summary>
    public required long Steps { get; init; }

    /// <summary>Hash of all commands: equal inputs have equal hashes.</summary>
    public required string Hash { get; init; }
}
