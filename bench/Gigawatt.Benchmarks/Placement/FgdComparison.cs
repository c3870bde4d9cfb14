using System.Globalization;
using Gigawatt.Placement;
using Gigawatt.Tests.Placement;
using Gigawatt.Twin.Experiments;

namespace Gigawatt.Benchmarks.Placement;

/// <summary>CPU time of the FGD experiment's placement policies, and of a scan of every node that makes the same decisions.</summary>
internal static class FgdComparison
{
    private static readonly string[] Policies = ["fgd", "best-fit", "dot-product", "gpu-packing", "gpu-clustering"];

    /// <summary>With a policy's name: one run from a cold start. Without: all policies warm, beside the scan.</summary>
    public static int Run(string openbFolder, string workload, string? onlyPolicy)
    {
        FgdInput input = FgdInput.Read(
            Path.Combine(openbFolder, "openb_node_list_gpu_node.csv"),
            Path.Combine(openbFolder, $"openb_pod_list_{workload}.csv.gz"),
            Path.Combine(openbFolder, "arrival", $"{workload}.pods.csv.gz"),
            Path.Combine(openbFolder, "arrival", $"{workload}.noderank.csv.gz"),
            seed: 42);
        if (onlyPolicy is not null)
        {
            FgdResult cold = FgdExperiment.Run(input, onlyPolicy);
            Print($"{onlyPolicy}: allocation {cold.AllocationPercent} %, {Environment.CpuUsage.TotalTime.TotalSeconds:0.00} s of CPU with start-up, reading and compiling");
            return 0;
        }

        var options = new PlacementOptions { NodeRanks = input.NodeRanks, Typical = TypicalTasks.Of(input.Pods, input.Fleet.AcceleratorTypes) };
        Print($"| policy | allocation % | CPU s | scan of every node, CPU s | ratio | same commands |");
        Print($"|---|---|---|---|---|---|");
        foreach (string policy in Policies)
        {
            (FgdResult result, double cpu) = Warm(() => FgdExperiment.Run(input, policy));
            (FgdResult scanned, double scanCpu) = Warm(() => FgdExperiment.Run(input, new NaiveScan(policy, options)));
            Print($"| {policy} | {result.AllocationPercent} | {cpu:0.000} | {scanCpu:0.000} | {scanCpu / cpu:0.0} | {(result.Hash == scanned.Hash ? "yes" : "NO")} |");
        }

        return 0;
    }

    // The second run counts: the first has the code compiled. The least of three, because other work on the machine only adds.
    private static (FgdResult Result, double CpuSeconds) Warm(Func<FgdResult> run)
    {
        FgdResult result = run();
        double least = double.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            result = run();
            least = Math.Min(least, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
        }

        return (result, least);
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
