using Gigawatt.Placement;
using Gigawatt.Tests.Placement;
using Gigawatt.Twin.Experiments;
using Gigawatt.Twin.Traces;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Twin;

public sealed class FgdExperimentTests : IDisposable
{
    private readonly TraceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private FgdInput Input(string ending, params string[] pods)
    {
        string nodes = _folder.Write("nodes" + ending, "sn,cpu_milli,memory_mib,gpu,model", "n0,32000,1000,2,T4", "n1,32000,1000,4,G2", "c0,96000,1000,0,");
        string list = _folder.Write("some_pods" + ending, ["name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec", .. pods]);
        string order = _folder.Write("order" + ending, ["seed7", .. Enumerable.Range(0, pods.Length).Select(i => $"{i}"), "0", "1"]);
        string ranks = _folder.Write("ranks" + ending, "node,seed7", "c0,0", "n1,1", "n0,2");
        return FgdInput.Read(nodes, list, order, ranks, 7);
    }

    private static readonly string[] Pods =
    [
        "p0,4000,10,1,500,", "p1,4000,10,1,1000,G2", "p2,4000,10,1,1000,A10|T4", "p3,4000,10,1,1000,NOT_HERE", "p4,90000,10,0,0,",
        "p5,4000,10,4,1000,", "p6,1000,10,1,300,", "p7,1000,2000,1,300,", "p8,4000,10,0,0,",
    ];

    [Theory]
    [InlineData("fgd")]
    [InlineData("best-fit")]
    [InlineData("dot-product")]
    [InlineData("gpu-packing")]
    [InlineData("gpu-clustering")]
    public void Plain_and_compressed_files_give_the_same_run(string policy)
    {
        FgdResult plain = FgdExperiment.Run(Input(".csv", Pods), policy), compressed = FgdExperiment.Run(Input(".csv.gz", Pods), policy);
        Assert.Equal(plain.Hash, compressed.Hash);
        Assert.Equal(("some_pods", 7L, policy, 11), (plain.Workload, plain.Seed, plain.Policy, plain.Jobs));
        Assert.Equal(plain.Workload, compressed.Workload);
        Assert.True(plain.AllocationPercent is > 0 and <= 100);
    }

    [Fact]
    public void A_pod_that_accepts_only_models_that_are_not_there_is_dropped_and_counts_as_arrived()
    {
        FgdResult result = FgdExperiment.Run(Input(".csv", "p0,1000,10,1,1000,NOT_HERE", "p1,1000,10,1,600,T4|NOT_HERE"), "fgd");

        // The order repeats both pods: 3,200 of 6,000 thousandths arrive and p1 is placed twice, on a GPU of its own each.
        Assert.Equal((4, 2, 2, 1200L), (result.Jobs, result.Placed, result.Dropped, result.UsedMilli));
        Assert.Equal(54, result.AllocationByArrived.Count);
        Assert.Equal(20.00m, result.AllocationPercent);
        Assert.Equal(result.AllocationPercent, result.AllocationByArrived[53]);
    }

    [Fact]
    public void Cpu_only_pods_may_go_to_nodes_without_gpus()
    {
        FgdResult result = FgdExperiment.Run(Input(".csv", "p0,90000,10,0,0,", "p1,1000,10,1,1000,"), "best-fit");
        Assert.Equal((3, 1), (result.Placed, result.Dropped));
    }

    [Fact]
    public void A_node_list_without_gpus_is_refused()
    {
        string nodes = _folder.Write("n.csv", "sn,cpu_milli,memory_mib,gpu,model", "c0,96000,1000,0,");
        TraceFolder.AssertRefuses(() => FgdInput.Read(nodes, nodes, null, null, 42), 1, "gpu", "at least one node with a GPU");
    }

    [Fact]
    public void An_unknown_policy_is_refused_with_the_names_there_are()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => FgdExperiment.Run(Input(".csv", Pods), "worst-fit"));
        Assert.Contains("best-fit", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Typical_tasks_are_the_most_frequent_kinds_up_to_95_percent_by_count_then_size_descending()
    {
        JobSpec Pod(int cpu, int milli, params string[] types) => new() { Name = "p", Tenant = "t", CpuMilli = cpu, Accelerators = milli > 0 ? 1 : 0, AcceleratorMilli = Math.Max(1, milli), AcceleratorTypes = types, MemoryMib = cpu };
        JobSpec[] jobs =
        [
            .. Enumerable.Repeat(Pod(2000, 500), 60), .. Enumerable.Repeat(Pod(1000, 0), 15), .. Enumerable.Repeat(Pod(1000, 300), 15),
            .. Enumerable.Repeat(Pod(1000, 300, "b"), 5), .. Enumerable.Repeat(Pod(500, 300), 5),
        ];
        FleetTypes types = new("a", "b");
        IReadOnlyList<TypicalTask> typical = TypicalTasks.Of(jobs, types.List);
        Assert.Equal([(2000, 500, 0UL), (1000, 300, 0UL), (1000, 0, 0UL), (1000, 300, 2UL)], typical.Select(t => (t.Demand.CpuMilli, t.Demand.AcceleratorMilli, t.Demand.AcceleratorTypes)));
        Assert.Equal(0.6 / 0.95, typical[0].Share);
        Assert.Equal(1, typical.Sum(t => t.Share), 12);
    }

    [Fact]
    public void The_number_of_typical_tasks_of_each_published_workload_is_as_measured()
    {
        int[] taken = [.. OpenbFiles.Workloads.Select(w => TypicalTasks.Of(OpenbTrace.ReadPods(OpenbFiles.Path($"openb_pod_list_{w}.csv.gz")).Select(p => p.Spec), []).Count)];
        Assert.Equal([35, 127, 38, 36], taken);
    }

    [Fact]
    public void The_whole_experiment_decides_as_a_scan_of_every_node_does()
    {
        FgdInput input = OpenbFiles.Input("gpuspec33", 51);
        var options = new PlacementOptions { NodeRanks = input.NodeRanks, Typical = TypicalTasks.Of(input.Pods, input.Fleet.AcceleratorTypes) };
        input = input with { Arrival = [.. input.Arrival.Take(1500)] };
        Assert.Equal(FgdExperiment.Run(input, new NaiveScan("fgd", options)).Hash, FgdExperiment.Run(input, "fgd").Hash);
    }

    private sealed record FleetTypes(params string[] Names)
    {
        public IReadOnlyList<Gigawatt.Fleet.AcceleratorType> List => [.. Names.Select(n => new Gigawatt.Fleet.AcceleratorType(n, 0, default, default, default))];
    }
}
