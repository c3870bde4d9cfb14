using Gigawatt.Fleet;
using Gigawatt.Twin.Traces;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Twin;

public sealed class OpenbTraceTests : IDisposable
{
    private const string NodeHeader = "sn,cpu_milli,memory_mib,gpu,model";
    private const string PodHeader = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time";

    private readonly TraceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nodes_become_groups_of_one_in_the_order_of_the_file()
    {
        FleetModel fleet = OpenbTrace.ReadNodes(_folder.Write("n.csv", NodeHeader, "b,64000,262144,2,P100", "a,96000,1024,0,", "c,1000,1,8,G2", "d,1,1,1,P100"));
        Assert.Equal(["b", "a", "c", "d"], fleet.Groups.Select(g => g.NodeName(0)));
        Assert.Equal(["P100", "G2"], fleet.AcceleratorTypes.Select(t => t.Name));
        Assert.Equal([0, -1, 1, 0], fleet.Groups.Select(g => g.AcceleratorType));
        Assert.Equal((64_000, 262_144, 2), (fleet.Groups[0].CpuMilli, fleet.Groups[0].MemoryMib, fleet.Groups[0].Accelerators));
    }

    [Fact]
    public void Sixty_four_models_are_read_and_the_next_is_refused()
    {
        string[] rows = [NodeHeader, .. Enumerable.Range(0, 65).Select(i => $"n{i},1000,1000,1,M{i}")];
        Assert.Equal(64, OpenbTrace.ReadNodes(_folder.Write("n.csv", rows[..65])).AcceleratorTypes.Count);
        TraceFolder.AssertRefuses(() => OpenbTrace.ReadNodes(_folder.Write("m.csv", rows)), 66, "model", "one of the 64 GPU models");
    }

    [Theory]
    [InlineData("a,64000,262144,2", "model", "a GPU model, because the node has GPUs, found nothing")]
    [InlineData("a,64000,262144,65,G2", "gpu", "from 0 to 64, found '65'")]
    [InlineData("a,many,262144,2,G2", "cpu_milli", "found 'many'")]
    [InlineData("a,1,-5,2,G2", "memory_mib", "found '-5'")]
    [InlineData("first,1,5,2,G2", "sn", "a name that no earlier node has, found 'first'")]
    [InlineData(",1,5,2,G2", "sn", "the node's name, found nothing")]
    public void A_bad_node_row_is_refused_with_line_and_column(string row, string column, string said) =>
        TraceFolder.AssertRefuses(() => OpenbTrace.ReadNodes(_folder.Write("n.csv", NodeHeader, "first,1,1,0,", row)), 3, column, said);

    [Fact]
    public void Pods_are_read_with_types_and_times()
    {
        IReadOnlyList<TraceJob> pods = OpenbTrace.ReadPods(_folder.Write("p.csv", PodHeader,
            "share,6000,12288,1,460,V100M16|T4,LS,Running,100,400,150", "cpu,1000,5,0,500,,BE,Failed,7,9,", "four,1,1,4,1000,,,,,,"));
        Assert.Equal((6000, 12_288, 1, 460), (pods[0].Spec.CpuMilli, pods[0].Spec.MemoryMib, pods[0].Spec.Accelerators, pods[0].Spec.AcceleratorMilli));
        Assert.Equal(["V100M16", "T4"], pods[0].Spec.AcceleratorTypes);
        Assert.Equal(Instant.Epoch + Duration.FromSeconds(100), pods[0].Submitted);
        Assert.Equal(Duration.FromSeconds(250), pods[0].RunTime);
        Assert.Equal((0, Duration.FromSeconds(2)), (pods[1].Spec.Accelerators, pods[1].RunTime!.Value));
        Assert.Equal((4, (Duration?)null), (pods[2].Spec.Accelerators, pods[2].RunTime));
    }

    [Fact]
    public void A_list_of_five_columns_has_no_types_and_no_times()
    {
        TraceJob pod = Assert.Single(OpenbTrace.ReadPods(_folder.Write("p.csv", "name,cpu_milli,memory_mib,num_gpu,gpu_milli", "a,1000,1,1,1000")));
        Assert.Empty(pod.Spec.AcceleratorTypes);
        Assert.Equal((Instant.Epoch, (Duration?)null), (pod.Submitted, pod.RunTime));
    }

    [Theory]
    [InlineData("a,1000,1,1,0,,,,,,", "gpu_milli", "from 1 to 1000, found '0'")]
    [InlineData("a,1000,1,2,500,,,,,,", "gpu_milli", "1000, because a pod with several GPUs holds whole ones")]
    [InlineData("a,1000,1", "num_gpu", "found nothing")]
    [InlineData("a,1000,1,0,0,,,,soon,,", "creation_time", "found 'soon'")]
    public void A_bad_pod_row_is_refused_with_line_and_column(string row, string column, string said) =>
        TraceFolder.AssertRefuses(() => OpenbTrace.ReadPods(_folder.Write("p.csv", PodHeader, row)), 2, column, said);

    [Fact]
    public void An_arrival_order_is_the_column_of_its_seed_up_to_the_first_empty_row()
    {
        string path = _folder.Write("a.csv.gz", "seed7,seed1234", "2,0", "0,1", "1,", "2,");
        Assert.Equal([2, 0, 1, 2], OpenbTrace.ReadArrival(path, 7, 3));
        Assert.Equal([0, 1], OpenbTrace.ReadArrival(path, 1234, 3));
        TraceFolder.AssertRefuses(() => OpenbTrace.ReadArrival(path, 8, 3), 1, "", "expected a column 'seed8'; the columns are seed7, seed1234");
        TraceFolder.AssertRefuses(() => OpenbTrace.ReadArrival(path, 7, 2), 2, "seed7", "from 0 to 1, found '2'");
        TraceFolder.AssertRefuses(() => OpenbTrace.ReadArrival(_folder.Write("gap.csv", "seed7,x", "0,1", ",1", "1,1"), 7, 2), 4, "seed7", "an earlier row of this column is empty");
    }

    [Fact]
    public void Ranks_are_by_node_whatever_the_order_of_the_rows()
    {
        FleetModel fleet = OpenbTrace.ReadNodes(_folder.Write("n.csv", NodeHeader, "a,1,1,0,", "b,1,1,0,"));
        Assert.Equal([5, 3], OpenbTrace.ReadRanks(_folder.Write("r.csv", "node,seed7", "b,3", "elsewhere,1", "a,5"), 7, fleet));
        TraceFolder.AssertRefuses(() => OpenbTrace.ReadRanks(_folder.Write("s.csv", "node,seed7", "a,5"), 7, fleet), 2, "node", "1 lack one, such as b");
        TraceFolder.AssertRefuses(() => OpenbTrace.ReadRanks(_folder.Write("t.csv", "node,seed7", "a,5", "a,6"), 7, fleet), 3, "node", "a node that no earlier row has");
        TraceFolder.AssertRefuses(() => OpenbTrace.ReadRanks(_folder.Write("u.csv", "node,seed7", "a,first"), 7, fleet), 2, "seed7", "found 'first'");
    }
}
