using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gigawatt.Cli.Terminal;
using Gigawatt.Twin;
using Gigawatt.Twin.Experiments;

namespace Gigawatt.Cli.Commands;

/// <summary>What <c>gw simulate</c> prints. Fields that a kind of simulation does not have are left out.</summary>
internal sealed record SimulationReport
{
    public required string Policy { get; init; }

    public required long Seed { get; init; }

    public required string Workload { get; init; }

    public required int Jobs { get; init; }

    public required int Placed { get; init; }

    public required int Dropped { get; init; }

    public int? Refused { get; init; }

    public int? Completed { get; init; }

    public double? WaitMeanSeconds { get; init; }

    public double? WaitMedianSeconds { get; init; }

    public double? WaitP90Seconds { get; init; }

    public double? WaitP99Seconds { get; init; }

    public double? WaitMaxSeconds { get; init; }

    public double? ElapsedSeconds { get; init; }

    public required decimal AllocationPercent { get; init; }

    public required decimal FragmentedPercent { get; init; }

    public long? UsedMilli { get; init; }

    public long? CapacityMilli { get; init; }

    public required string Hash { get; init; }

    /// <summary>CPU time of this process so far, start and reading included.</summary>
    public double CpuSeconds { get; } = Math.Round(Environment.CpuUsage.TotalTime.TotalSeconds, 3);

    public static SimulationReport Of(FgdResult result) => new()
    {
        Policy = result.Policy,
        Seed = result.Seed,
        Workload = result.Workload,
        Jobs = result.Jobs,
        Placed = result.Placed,
        Dropped = result.Dropped,
        AllocationPercent = result.AllocationPercent,
        FragmentedPercent = result.FragmentedPercent,
        UsedMilli = result.UsedMilli,
        CapacityMilli = result.CapacityMilli,
        Hash = result.Hash,
    };

    public static SimulationReport Of(SimulationResult result) => new()
    {
        Policy = result.Policy,
        Seed = result.Seed,
        Workload = result.Workload,
        Jobs = result.Jobs,
        Placed = result.Placed,
        Dropped = result.Dropped,
        Refused = result.Refused,
        Completed = result.Completed,
        WaitMeanSeconds = Math.Round(result.WaitMean.Seconds, 3),
        WaitMedianSeconds = Math.Round(result.WaitMedian.Seconds, 3),
        WaitP90Seconds = Math.Round(result.WaitP90.Seconds, 3),
        WaitP99Seconds = Math.Round(result.WaitP99.Seconds, 3),
        WaitMaxSeconds = Math.Round(result.WaitMax.Seconds, 3),
        ElapsedSeconds = Math.Round(result.Elapsed.Seconds, 3),
        AllocationPercent = Math.Round((decimal)result.AllocationPercent, 2),
        FragmentedPercent = Math.Round((decimal)result.FragmentedPercent, 2),
        Hash = result.Hash,
    };

    private static readonly SimulationJson Json = new(new JsonSerializerOptions(SimulationJson.Default.Options)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public string ToJson() => JsonSerializer.Serialize(this, Json.SimulationReport);

    public void WriteTo(CliHost host)
    {
        var facts = new FactSheet();
        facts.Add("workload", Workload, "bold");
        facts.Add("policy", $"{Policy}, seed {Seed.ToString(CultureInfo.InvariantCulture)}");
        facts.Add("jobs", $"{Words.Count(Jobs)}: {Words.Count(Placed)} placed, {Words.Count(Dropped)} dropped{(Refused is > 0 ? $", {Words.Count(Refused.Value)} refused as too large" : "")}");
        facts.Add("completed", Completed is { } completed ? Words.Count(completed) : null);
        facts.Add("waits", WaitMeanSeconds is { } mean ? $"mean {Time(mean)}, median {Time(WaitMedianSeconds)}, p90 {Time(WaitP90Seconds)}, p99 {Time(WaitP99Seconds)}, longest {Time(WaitMaxSeconds)}" : null);
        facts.Add("simulated", ElapsedSeconds is { } elapsed ? Time(elapsed) : null);
        facts.Add("allocated", string.Create(CultureInfo.InvariantCulture, $"{AllocationPercent:0.00} % of the accelerators"));
        facts.Add("fragmented", string.Create(CultureInfo.InvariantCulture, $"{FragmentedPercent:0.00} % of the accelerators are idle and of no use to a typical task"));
        facts.Add("hash", Hash);
        facts.Add("took", string.Create(CultureInfo.InvariantCulture, $"{CpuSeconds:0.00} CPU seconds"));
        facts.WriteTo(host);
    }

    private static string Time(double? seconds) => Words.Span(TimeSpan.FromSeconds(seconds ?? 0));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SimulationReport))]
internal sealed partial class SimulationJson : JsonSerializerContext;
