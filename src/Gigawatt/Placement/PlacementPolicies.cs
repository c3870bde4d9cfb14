using Gigawatt.Placement.Baselines;
using Gigawatt.Placement.BinPack;
using Gigawatt.Placement.Fgd;
using Gigawatt.Placement.Scoring;
using Gigawatt.Workloads;

namespace Gigawatt.Placement;

/// <summary>What a policy may be told beside the fleet.</summary>
public sealed record PlacementOptions
{
    /// <summary>Order in which equal nodes are preferred, lowest first, by node id; null is the order of ids.</summary>
    public IReadOnlyList<int>? NodeRanks { get; init; }

    /// <summary>The workload that the fleet typically sees, for policies that look ahead; null makes such policies unavailable.</summary>
    public IReadOnlyList<TypicalTask>? Typical { get; init; }
}

/// <summary>A kind of task and how often it comes.</summary>
/// <param name="Demand">What it needs.</param>
/// <param name="Share">Its share of all tasks, 0 to 1.</param>
/// <param name="FitsNoType">It accepts only accelerator types that the fleet does not have, which no set of types can say.</param>
public readonly record struct TypicalTask(TaskDemand Demand, double Share, bool FitsNoType = false)
{
    /// <summary>Whether it accepts accelerators of a type.</summary>
    internal bool MayUse(int type) =>
        !FitsNoType && (Demand.AcceleratorTypes == 0 || (type >= 0 && (Demand.AcceleratorTypes >> type & 1) != 0));
}

/// <summary>The placement policies there are, by name.</summary>
public static class PlacementPolicies
{
    /// <summary>The name of the policy that is used unless another is asked for.</summary>
    public const string Default = "bin-pack";

    private static readonly (string Name, Func<PlacementOptions, IPlacementPolicy?> Create)[] All =
    [
        (Default, static _ => new BinPackPolicy()),
        ("fgd", static o => o.Typical is null ? null : new ScoredPolicy(new FgdScorer(o.Typical), o.NodeRanks)),
        ("best-fit", static o => new ScoredPolicy(new BestFitScorer(), o.NodeRanks)),
        ("dot-product", static o => new ScoredPolicy(new DotProductScorer(), o.NodeRanks)),
        ("gpu-packing", static o => new ScoredPolicy(new GpuPackingScorer(), o.NodeRanks)),
        ("gpu-clustering", static o => new ScoredPolicy(new GpuClusteringScorer(), o.NodeRanks)),
    ];

    /// <summary>All names, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(p => p.Name)];

    /// <summary>A new policy of that name, or null when there is none or <paramref name="options"/> lacks what it needs.</summary>
    public static IPlacementPolicy? Create(string name, PlacementOptions options) =>
        All.FirstOrDefault(p => p.Name == name).Create?.Invoke(options);
}
