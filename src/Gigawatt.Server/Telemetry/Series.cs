using Gigawatt.Metering;
using Gigawatt.Units;

namespace Gigawatt.Server.Telemetry;

/// <summary>What tells one series from another.</summary>
internal readonly record struct SeriesKey(
    UsageKind Kind, string Tenant, string Project, string Endpoint, string Format, string Subject, string Model, string Outcome, EnergyMethod Method)
{
    /// <summary>A series of its own for each tenant, model, endpoint and outcome. Jobs have theirs by tenant only: their names and nodes have no end.</summary>
    public static SeriesKey Of(UsageRecord record) => record.Kind == UsageKind.Job
        ? new(record.Kind, record.Tenant, record.Project, "", "", "", "", record.Outcome, record.EnergyMethod)
        : new(record.Kind, record.Tenant, record.Project, record.Endpoint, record.Format, record.Subject, record.Model, record.Outcome, record.EnergyMethod);

    /// <summary>The values of <see cref="Metric.SeriesAttributes"/>; empty ones are left out where they are shown.</summary>
    public string[] Values() =>
    [
        Kind == UsageKind.Job ? "job" : "request", Tenant, Project, Endpoint, Kind == UsageKind.Job ? "" : Operation(Format), Subject, Model, Outcome,
    ];

    /// <summary>The operation of a wire format, as the GenAI conventions name it.</summary>
    public static string Operation(string format) => format switch
    {
        "openai-embeddings" => "embeddings",
        "anthropic-count-tokens" => "count_tokens",
        _ => "chat",
    };
}

/// <summary>One series: sums and counts of all records of a key. Recording takes no lock and allocates nothing.</summary>
internal sealed class Series(SeriesKey key)
{
    private long _records;
    private long _attempts;
    private long _input;
    private long _cacheRead;
    private long _cacheWrite;
    private long _cacheWriteHour;
    private long _output;
    private long _webSearches;
    private long _micros;
    private long _millijoules;
    private long _micrograms;
    private long _microlitres;

    /// <summary>Token types of <see cref="Metric.Tokens"/>, in the order of <see cref="TokensOf"/>.</summary>
    public static readonly string[] TokenTypes = ["input", "cache_read", "cache_write", "cache_write_1h", "output"];

    /// <summary>What it is of.</summary>
    public SeriesKey Key => key;

    /// <summary>The values of <see cref="Metric.SeriesAttributes"/>.</summary>
    public string[] Labels { get; } = key.Values();

    /// <summary>Its attributes for OpenTelemetry.</summary>
    public KeyValuePair<string, object?>[] Tags { get; } = TagsOf(key, null);

    /// <summary>Its attributes and the token type <c>input</c>.</summary>
    public KeyValuePair<string, object?>[] InputTags { get; } = TagsOf(key, "input");

    /// <summary>Its attributes and the token type <c>output</c>.</summary>
    public KeyValuePair<string, object?>[] OutputTags { get; } = TagsOf(key, "output");

    public HistogramCounts InputTokens { get; } = new(HistogramCounts.TokenBounds);

    public HistogramCounts OutputTokens { get; } = new(HistogramCounts.TokenBounds);

    public HistogramCounts Durations { get; } = new(HistogramCounts.DurationBounds);

    public HistogramCounts FirstBytes { get; } = new(HistogramCounts.FirstBounds);

    public long Records => Volatile.Read(ref _records);

    public long Attempts => Volatile.Read(ref _attempts);

    public long WebSearches => Volatile.Read(ref _webSearches);

    public decimal Dollars => Volatile.Read(ref _micros) / 1_000_000m;

    public decimal Joules => Volatile.Read(ref _millijoules) / 1_000m;

    public decimal Grams => Volatile.Read(ref _micrograms) / 1_000_000m;

    public decimal Litres => Volatile.Read(ref _microlitres) / 1_000_000m;

    /// <summary>Tokens of a type, by its index in <see cref="TokenTypes"/>.</summary>
    public long TokensOf(int type) => type switch
    {
        0 => Volatile.Read(ref _input),
        1 => Volatile.Read(ref _cacheRead),
        2 => Volatile.Read(ref _cacheWrite),
        3 => Volatile.Read(ref _cacheWriteHour),
        _ => Volatile.Read(ref _output),
    };

    /// <summary>Adds a record.</summary>
    public void Add(UsageRecord record)
    {
        Interlocked.Increment(ref _records);
        Interlocked.Add(ref _micros, record.Cost.Micros);
        Interlocked.Add(ref _millijoules, record.Energy.Millijoules);
        Interlocked.Add(ref _micrograms, record.Carbon.Micrograms);
        Interlocked.Add(ref _microlitres, record.Water.Microlitres);
        if (key.Kind == UsageKind.Job) { return; }
        Interlocked.Add(ref _attempts, record.Attempts);
        Interlocked.Add(ref _input, record.Tokens.Input);
        AddIfAny(ref _cacheRead, record.Tokens.CacheRead);
        AddIfAny(ref _cacheWrite, record.Tokens.CacheWrite - record.Tokens.CacheWriteHour);
        AddIfAny(ref _cacheWriteHour, record.Tokens.CacheWriteHour);
        AddIfAny(ref _webSearches, record.Tokens.WebSearches);
        Interlocked.Add(ref _output, record.Tokens.Output);
        InputTokens.Record(record.Tokens.TotalInput);
        OutputTokens.Record(record.Tokens.Output);
        Durations.Record((record.Ended - record.Started).Nanoseconds);
        if (record.FirstByte is { } first) { FirstBytes.Record((first - record.Started).Nanoseconds); }
    }

    /// <summary>How the energy of a record came about, in the words of the control API.</summary>
    public static string MethodName(EnergyMethod method) => method switch
    {
        EnergyMethod.Rapl => "rapl",
        EnergyMethod.Nvml => "nvml",
        EnergyMethod.RaplAndNvml => "rapl+nvml",
        _ => "modelled",
    };

    private static void AddIfAny(ref long sum, long value)
    {
        if (value != 0) { Interlocked.Add(ref sum, value); }
    }

    private static KeyValuePair<string, object?>[] TagsOf(SeriesKey key, string? tokenType)
    {
        string[] values = key.Values();
        List<KeyValuePair<string, object?>> tags = [];
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i].Length > 0) { tags.Add(new(Metric.SeriesAttributes[i], values[i])); }
        }

        if (tokenType is not null) { tags.Add(new("gen_ai.token.type", tokenType)); }
        return [.. tags];
    }
}
