namespace Gigawatt.Twin.Experiments;

/// <summary>What came out of one run of the FGD experiment.</summary>
public sealed record FgdResult
{
    /// <summary>The placement policy's name.</summary>
    public required string Policy { get; init; }

    /// <summary>The seed of order and ranks.</summary>
    public required long Seed { get; init; }

    /// <summary>The workload's name.</summary>
    public required string Workload { get; init; }

    /// <summary>Pods that arrived.</summary>
    public required int Jobs { get; init; }

    /// <summary>Pods that got a node.</summary>
    public required int Placed { get; init; }

    /// <summary>Pods that fitted nowhere.</summary>
    public required int Dropped { get; init; }

    /// <summary>Allocated share of the accelerators in percent, to 0.01: the headline, <see cref="AllocationByArrived"/> at 130, or at
    /// the last load that was reached when the order ends before 130.</summary>
    public required decimal AllocationPercent { get; init; }

    /// <summary>Idle accelerators that a typical task cannot use, in percent of all accelerators, to 0.01: <see cref="FragmentedByArrived"/>
    /// at the same load.</summary>
    public required decimal FragmentedPercent { get; init; }

    /// <summary>Hash of all commands: equal inputs and policies have equal hashes.</summary>
    public required string Hash { get; init; }

    /// <summary>Thousandths of accelerators held at the end.</summary>
    public required long UsedMilli { get; init; }

    /// <summary>Thousandths of accelerators of all nodes.</summary>
    public required long CapacityMilli { get; init; }

    /// <summary>Thousandths of idle accelerators that a typical task cannot use, at the end.</summary>
    public required double FragmentedMilli { get; init; }

    /// <summary>Mean allocated percent over the arrivals at each load; the index is the arrived accelerators in percent of all. Null
    /// where no arrival fell on a load.</summary>
    public required IReadOnlyList<decimal?> AllocationByArrived { get; init; }

    /// <summary>Mean fragmented percent over the arrivals at each load, likewise.</summary>
    public required IReadOnlyList<decimal?> FragmentedByArrived { get; init; }
}
