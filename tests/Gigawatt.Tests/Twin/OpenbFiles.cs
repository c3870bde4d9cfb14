using System.Globalization;
using System.IO.Compression;
using Gigawatt.Tests.Support;
using Gigawatt.Twin.Experiments;

namespace Gigawatt.Tests.Twin;

/// <summary>The openb data set and the published results for it.</summary>
internal static class OpenbFiles
{
    public static readonly string[] Workloads = ["default", "gpuspec33", "multigpu20", "gpushare40"];

    /// <summary>Policies by their names here and in the published tables.</summary>
    public static readonly (string Name, string Published)[] Policies =
        [("fgd", "06-FGD"), ("best-fit", "05-BestFit"), ("dot-product", "02-DotProd"), ("gpu-packing", "04-GpuPacking"), ("gpu-clustering", "03-GpuClustering")];

    public static string Path(string file) => System.IO.Path.Combine(PublicData.Folder("sched"), "openb", file);

    public static FgdInput Input(string workload, long seed) => FgdInput.Read(
        Path("openb_node_list_gpu_node.csv"),
        Path($"openb_pod_list_{workload}.csv.gz"),
        Path($"arrival/{workload}.pods.csv.gz"),
        Path($"arrival/{workload}.noderank.csv.gz"),
        seed);

    /// <summary>The published rows: columns 0 to 130 by workload, policy and seed.</summary>
    public static Dictionary<(string Workload, string Policy, long Seed), decimal[]> Published(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(Path(file)), CompressionMode.Decompress));
        string[] header = reader.ReadLine()!.Split(',');
        int first = Array.IndexOf(header, "0");
        var rows = new Dictionary<(string, string, long), decimal[]>();
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split(',');
            rows.Add(
                (fields[0]["openb_pod_list_".Length..], fields[1], long.Parse(fields[3], CultureInfo.InvariantCulture)),
                [.. fields.Skip(first).Select(f => decimal.Parse(f, CultureInfo.InvariantCulture))]);
        }

        return rows;
    }
}
