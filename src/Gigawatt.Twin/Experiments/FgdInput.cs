using Gigawatt.Fleet;
using Gigawatt.Twin.Traces;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Experiments;

/// <summary>What the FGD experiment runs on.</summary>
/// <param name="Workload">The workload's name: the pod list's file name without endings.</param>
/// <param name="Seed">The seed that order and ranks belong to.</param>
/// <param name="Fleet">The nodes, each a group of its own.</param>
/// <param name="Pods">The pods, before the order is applied.</param>
/// <param name="Arrival">The order: indices of pods, some of them more than once.</param>
/// <param name="NodeRanks">Which of equally good nodes is preferred, lowest first, by node; null is their order.</param>
public sealed record FgdInput(
    string Workload, long Seed, FleetModel Fleet, IReadOnlyList<JobSpec> Pods, IReadOnlyList<int> Arrival, IReadOnlyList<int>? NodeRanks)
{
    /// <summary>Reads the files of an experiment, each plain or gzip.</summary>
    /// <param name="nodes">The node list.</param>
    /// <param name="pods">The pod list.</param>
    /// <param name="arrival">The arrival orders; null takes the pods once, in the order of the list.</param>
    /// <param name="nodeRanks">The tie-break ranks; null prefers earlier nodes of the list.</param>
    /// <param name="seed">Which column of the two is read: <c>seedN</c>.</param>
    /// <exception cref="TraceFormatException">A file cannot be read.</exception>
    public static FgdInput Read(string nodes, string pods, string? arrival, string? nodeRanks, long seed)
    {
        FleetModel fleet = OpenbTrace.ReadNodes(nodes);
        if (!fleet.Groups.Any(g => g.Accelerators > 0)) { throw new TraceFormatException(nodes, 1, "gpu", "expected at least one node with a GPU"); }
        JobSpec[] specs = [.. OpenbTrace.ReadPods(pods).Select(p => p.Spec with { WhenItDoesNotFit = WhenItDoesNotFit.Drop })];
        return new FgdInput(
            NameOf(pods),
            seed,
            fleet,
            specs,
            arrival is null ? [.. Enumerable.Range(0, specs.Length)] : OpenbTrace.ReadArrival(arrival, seed, specs.Length),
            nodeRanks is null ? null : OpenbTrace.ReadRanks(nodeRanks, seed, fleet));
    }

    private static string NameOf(string path)
    {
        string name = Path.GetFileName(path);
        foreach (string ending in (ReadOnlySpan<string>)[".gz", ".csv"])
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) { name = name[..^ending.Length]; }
        }

        return name;
    }
}
