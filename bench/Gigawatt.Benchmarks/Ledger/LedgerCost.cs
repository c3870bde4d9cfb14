using System.Diagnostics;
using System.Globalization;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Server.Ledger;
using Gigawatt.Units;

namespace Gigawatt.Benchmarks.Ledger;

/// <summary>What it costs to move usage records into the ledger, as CPU time for each record, and how long questions take.</summary>
internal static class LedgerCost
{
    private const int Records = 400_000;

    // A server that answers 2,000 requests in a second flushes so many at once; a quiet one 20.
    private static readonly int[] BatchSizes = [20, 200, 2_000];

    public static int Run()
    {
        Instant start = Instant.From(new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));
        foreach (int size in BatchSizes)
        {
            string folder = Directory.CreateTempSubdirectory("gw-ledger-bench-").FullName;
            try { Measure(folder, size, size == BatchSizes[^1] ? Records : size * 200, start); }
            finally { Directory.Delete(folder, recursive: true); }
        }

        return 0;
    }

    private static void Measure(string folder, int size, int count, Instant start)
    {
        UsageRecord[][] batches = [.. Enumerable.Range(0, count).Select(i => Record(i, start)).Chunk(size)];
        string path = Path.Combine(folder, "ledger.db");
        using UsageLedger ledger = UsageLedger.Open(path);
        ledger.Add(batches[0], new(1, 1));
        GC.Collect();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        for (int i = 1; i < batches.Length; i++) { ledger.Add(batches[i], new(1, i + 1)); }
        clock.Stop();
        double cpu = (Environment.CpuUsage.TotalTime - before).TotalMicroseconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        ledger.Checkpoint();
        int moved = count - size;
        var question = Stopwatch.StartNew();
        int rows = ledger.Query(new() { GroupBy = [UsageGroup.Tenant, UsageGroup.Model], From = start }).Count;
        question.Stop();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{size,5} records at once: {cpu / moved:0.00} us CPU, {clock.Elapsed.TotalMicroseconds / moved:0.00} us wall, {(double)allocated / moved:0} B allocated, {(double)new FileInfo(path).Length / count:0} B on disk for each record; sums by tenant and model over {count} records in {question.Elapsed.TotalMilliseconds:0.0} ms ({rows} rows)"));
    }

    private static UsageRecord Record(int i, Instant start)
    {
        Instant at = start + Duration.FromMilliseconds(i / 2);
        int key = i * 7 % 32;
        return new UsageRecord
        {
            // As random as real ones, and the same in every run.
            Id = string.Create(CultureInfo.InvariantCulture, $"req_{unchecked((uint)i * 2654435761u):x8}{i:0000000000000000}"),
            Kind = UsageKind.Request,
            Tenant = $"tenant-{key / 8}",
            Project = $"project-{key / 4}",
            Key = $"key_{key:000000000000}",
            Subject = "claude-sonnet-4-5",
            Model = i % 3 == 0 ? "claude-sonnet-4-5-20250929" : "claude-haiku-4-5",
            Format = "anthropic",
            Decision = "lowest cost of 3",
            Attempts = 1,
            FirstByte = at + Duration.FromMilliseconds(5),
            Endpoint = i % 2 == 0 ? "anthropic" : "bedrock",
            Started = at,
            Ended = at + Duration.FromMilliseconds(900),
            Tokens = new TokenUsage(1_000 + i % 500, 20_000, 300, 50 + i % 1_000) { CacheWriteHour = 100 },
            Cost = new Usd(12_345 + i % 1_000),
            Energy = new Joules(987_654),
            EnergyMethod = EnergyMethod.Modelled,
            Carbon = new GramsCO2e(98_765),
            Water = new Litres(4_321),
            Outcome = i % 50 == 0 ? "aborted" : "ok",
        };
    }
}
