using System.Text.Json;
using Gigawatt.Tests.EndToEnd;
using Xunit;

namespace Gigawatt.Tests.Cli;

public sealed class SimulateTests
{
    private const string Nodes = "sn,cpu_milli,memory_mib,gpu,model\nn-1,64000,262144,2,T4\nn-2,96000,262144,8,G2\nn-3,96000,262144,0,\n";

    private const string Pods =
        "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"
        + "p-1,4000,1024,1,500,,LS,Running,10,500,11\np-2,4000,1024,8,1000,G2,LS,Running,20,600,21\np-3,4000,1024,1,1000,,LS,Running,30,700,31\n";

    [Theory]
    [InlineData("bin-pack")]
    [InlineData("fgd")]
    [InlineData("gpu-clustering")]
    public async Task The_experiment_prints_its_result_as_json_with_the_same_hash_every_time(string policy)
    {
        using var folder = new TestFolder();
        await WriteAsync(folder);
        string[] args = ["simulate", "--experiment", "fgd", "--nodes", "nodes.csv", "--pods", "pods.csv", "--seed", "42", "--policy", policy, "--json"];
        JsonElement first = await JsonAsync(folder, args), second = await JsonAsync(folder, args);
        Assert.Equal((policy, 42, 3), (first.GetProperty("policy").GetString(), first.GetProperty("seed").GetInt32(), first.GetProperty("jobs").GetInt32()));
        Assert.Equal(3, first.GetProperty("placed").GetInt32() + first.GetProperty("dropped").GetInt32());
        Assert.InRange(first.GetProperty("allocation_percent").GetDecimal(), 1, 100);
        Assert.InRange(first.GetProperty("fragmented_percent").GetDecimal(), 0, 100);
        Assert.True(first.GetProperty("cpu_seconds").GetDouble() > 0);
        Assert.Equal(first.GetProperty("hash").GetString(), second.GetProperty("hash").GetString());
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("openb")]
    public async Task A_trace_runs_on_an_openb_node_list(string format)
    {
        using var folder = new TestFolder();
        await WriteAsync(folder);
        JsonElement result = await JsonAsync(folder, "simulate", "--trace", "pods.csv", "--format", format, "--fleet", "nodes.csv", "--json");
        Assert.Equal((3, 3), (result.GetProperty("jobs").GetInt32(), result.GetProperty("placed").GetInt32()));
        Assert.Equal("bin-pack", result.GetProperty("policy").GetString());
    }

    [Fact]
    public async Task A_philly_trace_is_known_by_its_header()
    {
        using var folder = new TestFolder();
        await WriteAsync(folder);
        await WriteAsync(folder, "philly.csv", "timestamp,duration,num_gpus,gpu_time,cluster\n2017-10-09 07:01:55,60,2,120,vc1\n2017-10-09 07:01:56,60,1,60,vc2\n");
        CliRun run = await CliRun.OfAsync(["simulate", "--trace", "philly.csv", "--fleet", "nodes.csv"], folder: folder.Path);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("jobs        2: 2 placed, 0 dropped", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreadable_row_is_named_by_file_line_and_what_was_expected()
    {
        using var folder = new TestFolder();
        await WriteAsync(folder);
        await WriteAsync(folder, "bad.csv", Pods.Replace("p-2,4000", "p-2,lots", StringComparison.Ordinal));
        CliRun run = await CliRun.OfAsync(["simulate", "--trace", "bad.csv", "--fleet", "nodes.csv"], folder: folder.Path);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"gw: {folder.At("bad.csv")}, line 3, column cpu_milli: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nodes.csv", "expected the columns of an openb pod list")]
    [InlineData("absent.csv", "absent.csv")]
    public async Task A_file_that_is_no_trace_is_refused(string trace, string message)
    {
        using var folder = new TestFolder();
        await WriteAsync(folder);
        await WriteAsync(folder, "nodes.csv", "a,b\n1,2\n");
        await WriteAsync(folder, "fleet.csv", Nodes);
        CliRun run = await CliRun.OfAsync(["simulate", "--trace", trace, "--fleet", "fleet.csv"], folder: folder.Path);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> JsonAsync(TestFolder folder, params string[] args)
    {
        CliRun run = await CliRun.OfAsync(args, folder: folder.Path);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return JsonElement.Parse(run.Output);
    }

    private static async Task WriteAsync(TestFolder folder)
    {
        await WriteAsync(folder, "nodes.csv", Nodes);
        await WriteAsync(folder, "pods.csv", Pods);
    }

    private static Task WriteAsync(TestFolder folder, string name, string text) =>
        File.WriteAllTextAsync(folder.At(name), text, TestContext.Current.CancellationToken);
}
