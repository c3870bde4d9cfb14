using CsCheck;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Tests.Support;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Placement;

/// <summary>Goal: remembering scores never changes a decision. Method: a random course of tasks that come and go and nodes that go
/// down, come up and join; at each task the policy and a scan of every node must choose the same accelerators of the same node.</summary>
public sealed class ScoredPolicyTests
{
    private static readonly (int Accelerators, int Milli)[] Sizes = [(0, 0), (1, 100), (1, 250), (1, 500), (1, 810), (1, 1000), (2, 1000), (4, 1000), (8, 1000), (12, 1000)];

    private static readonly int[] Counts = [0, 0, 1, 2, 4, 8, 8, 12];

    private static readonly Gen<TaskDemand> GenDemand =
        Gen.Select(Gen.Int[1, 16], Gen.Int[0, 8], Gen.Int[0, Sizes.Length - 1].Select(i => Sizes[i]), Gen.Int[0, 9]).Select((cores, memory, size, types) =>
            new TaskDemand(cores * 1000, memory * 1024, size.Accelerators, size.Milli, size.Accelerators > 0 && types < 3 ? (ulong)types + 1 : 0));

    private static readonly Gen<NodeGroup[]> GenNodes =
        Gen.Select(Gen.Int[3, 6].Select(i => 1 << i), Gen.Int[0, 7].Select(i => Counts[i]), Gen.Int[0, 1])
            .Select((cores, accelerators, type) => (cores, accelerators, type)).Array[2, 24].Select(nodes =>
                nodes.Select((n, i) => TestCell.Group($"n{i}", 1, 1, n.cores * 1000, type: n.accelerators > 0 ? n.type : -1, accelerators: n.accelerators)).ToArray());

    private static readonly Gen<TypicalTask[]> GenTypical =
        Gen.Select(GenDemand, Gen.Int[1, 100], Gen.Int[0, 19]).Array[1, 12].Select(kinds =>
        {
            double total = kinds.Sum(k => k.Item2);
            return kinds.Select(k => new TypicalTask(k.Item1, k.Item2 / total, k.Item1.Accelerators > 0 && k.Item3 == 0)).ToArray();
        });

    private static readonly Gen<(int What, int Which)[]> GenCourse = Gen.Select(Gen.Int[0, 99], Gen.Int[0, 10_000]).Array[10, 300];

    [Theory]
    [InlineData("fgd")]
    [InlineData("best-fit")]
    [InlineData("dot-product")]
    [InlineData("gpu-packing")]
    [InlineData("gpu-clustering")]
    public void Remembered_scores_choose_what_a_scan_of_every_node_chooses(string policy) =>
        Gen.Select(GenNodes, GenTypical, GenDemand.Array[1, 12], GenCourse, Gen.Shuffle(Enumerable.Range(0, 24).ToArray()), Gen.Bool)
            .Sample((nodes, typical, demands, course, ranks, ranked) =>
            {
                var options = new PlacementOptions { Typical = typical, NodeRanks = ranked ? ranks : null };
                Follow(PlacementPolicies.Create(policy, options)!, new NaiveScan(policy, options), nodes, demands, course);
            }, iter: 150);

    private static void Follow(IPlacementPolicy policy, NaiveScan naive, NodeGroup[] nodes, TaskDemand[] demands, (int What, int Which)[] course)
    {
        var fleet = new FleetState();
        fleet.Apply(TestCell.Fleet([.. nodes.SkipLast(1)]));
        var held = new List<(TaskDemand Demand, TaskPlacement Place)>();
        foreach ((int what, int which) in course)
        {
            if (what < 70)
            {
                int shape = which % demands.Length;
                bool fits = naive.TryChoose(fleet, shape, demands[shape], out TaskPlacement expected);
                Assert.Equal(fits, policy.TryChoose(fleet, shape, demands[shape], out TaskPlacement place));
                Assert.Equal(expected, place);
                if (!fits) { continue; }
                fleet.Hold(demands[shape], place);
                held.Add((demands[shape], place));
            }
            else if (what < 92 && held.Count > 0)
            {
                (TaskDemand demand, TaskPlacement place) = held[which % held.Count];
                held.RemoveAt(which % held.Count);
                fleet.Release(demand, place);
            }
            else if (what < 99) { fleet.SetStatus(which % fleet.NodeCount, which % 3 == 0 ? NodeStatus.Down : NodeStatus.Up); }
            else { fleet.Apply(TestCell.Fleet(nodes)); }
        }
    }

    [Fact]
    public void A_policy_that_fell_behind_the_change_log_starts_afresh()
    {
        IPlacementPolicy policy = PlacementPolicies.Create("best-fit", new PlacementOptions())!;
        var fleet = new FleetState();
        fleet.Apply(TestCell.Fleet(TestCell.Group("tight", 1, 1, 2000), TestCell.Group("roomy", 1, 1, 64_000)));
        var small = new TaskDemand(2000, 0, 0, 0, 0);
        Assert.True(policy.TryChoose(fleet, 0, small, out TaskPlacement first));
        Assert.Equal(0, first.Node);
        fleet.Hold(small, first);
        for (int change = 0; change < 5000; change++) { fleet.SetStatus(1, change % 2 == 0 ? NodeStatus.Down : NodeStatus.Up); }
        Assert.True(policy.TryChoose(fleet, 0, small, out TaskPlacement second));
        Assert.Equal(1, second.Node);
    }

    [Theory]
    [InlineData("fgd")]
    [InlineData("best-fit")]
    [InlineData("dot-product")]
    [InlineData("gpu-packing")]
    [InlineData("gpu-clustering")]
    public void Placing_allocates_nothing_once_every_shape_was_seen(string policy)
    {
        TaskDemand[] demands = [.. Enumerable.Range(1, 20).Select(i => new TaskDemand(i * 500, 0, 1, i * 50, 0)), new TaskDemand(8000, 0, 2, 1000, 0), new TaskDemand(2000, 0, 0, 0, 0)];
        var options = new PlacementOptions { Typical = [.. demands.Select(d => new TypicalTask(d, 1.0 / demands.Length))] };
        IPlacementPolicy remembering = PlacementPolicies.Create(policy, options)!;
        var fleet = new FleetState();
        fleet.Apply(TestCell.Fleet([.. Enumerable.Range(0, 300).Select(i => TestCell.Group($"n{i}", 1, 1, 64_000, type: 0, accelerators: 8))]));
        Place(2 * demands.Length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Place(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Place(int tasks)
        {
            for (int i = 0; i < tasks; i++)
            {
                int shape = i % demands.Length;
                if (!remembering.TryChoose(fleet, shape, demands[shape], out TaskPlacement place)) { continue; }
                fleet.Hold(demands[shape], place);
                if (i % 3 == 0) { fleet.Release(demands[shape], place); }
            }
        }
    }

    [Fact]
    public void Fgd_is_not_to_be_had_without_a_typical_workload() =>
        Assert.Null(PlacementPolicies.Create("fgd", new PlacementOptions()));
}
