using System.Globalization;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Traces;

/// <summary>Reads the Philly subset: <c>timestamp, duration, num_gpus, gpu_time, cluster</c>.</summary>
/// <remarks>
/// Microsoft's trace: Jeon et al., "Analysis of Large-Scale Multi-Tenant GPU Clusters for DNN Training Workloads", USENIX ATC 2019.
/// Time stamps are local time of an unnamed zone and are read as UTC: differences are right but for a change of the clocks.
/// The virtual cluster becomes the tenant. <c>gpu_time</c> follows from the others and is not read.
/// </remarks>
public static class PhillyTrace
{
    private const int MostGpus = 100_000;
    private const double MostSeconds = 100.0 * 366 * 86_400;

    /// <summary>Reads the jobs, in the order of the file, which is not that of time.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <param name="gpusPerNode">Accelerators in a node, 1 to 64: a job with more becomes a gang of equal tasks, as few as possible.</param>
    /// <param name="cpuMilliPerGpu">CPU for each accelerator, which the trace does not say.</param>
    /// <exception cref="TraceFormatException">A row cannot be read.</exception>
    public static IReadOnlyList<TraceJob> Read(string path, int gpusPerNode = 8, int cpuMilliPerGpu = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gpusPerNode, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(gpusPerNode, 64);
        CsvReader csv = CsvReader.Open(path);
        int time = csv.Column("timestamp"), duration = csv.Column("duration"), gpus = csv.Column("num_gpus"), cluster = csv.Column("cluster");
        var jobs = new List<TraceJob>();
        while (csv.Read())
        {
            int all = (int)csv.Integer(gpus, 0, MostGpus);
            int gang = SmallestGang(all, gpusPerNode);
            var spec = new JobSpec
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"philly-{jobs.Count}"),
                Tenant = csv.Text(cluster, "the virtual cluster"),
                GangSize = gang,
                CpuMilli = Math.Max(1, all / gang) * cpuMilliPerGpu,
                Accelerators = all / gang,
            };
            jobs.Add(new TraceJob(spec, Time(csv, time), Duration.FromSeconds(csv.Number(duration, 0, MostSeconds))));
        }

        return jobs;
    }

    private static int SmallestGang(int gpus, int gpusPerNode)
    {
        int gang = Math.Max(1, (gpus + gpusPerNode - 1) / gpusPerNode);
        while (gpus % gang != 0) { gang++; }
        return gang;
    }

    private static Instant Time(CsvReader csv, int column) =>
        DateTimeOffset.TryParseExact(
            csv.Field(column), "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? Instant.From(time)
            : throw csv.Unexpected(column, "a time such as 2017-10-09 07:01:55");
}
