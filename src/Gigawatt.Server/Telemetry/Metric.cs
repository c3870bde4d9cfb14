namespace Gigawatt.Server.Telemetry;

/// <summary>What a metric does with its values.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only grows.</summary>
    Counter,

    /// <summary>A value of now.</summary>
    Gauge,

    /// <summary>Counts by size.</summary>
    Histogram,
}

/// <summary>A metric by both its names. <c>docs/reference/metrics.md</c> lists them all, and a test holds the two lists together.</summary>
/// <param name="Name">As OpenTelemetry names it.</param>
/// <param name="Prometheus">As <c>/metrics</c> names it.</param>
/// <param name="Kind">Counter, gauge or histogram.</param>
/// <param name="Unit">In UCUM.</param>
/// <param name="Help">What it is, in a sentence.</param>
/// <param name="Attributes">Its own attributes, beside those of the series it belongs to.</param>
internal sealed record Metric(string Name, string Prometheus, MetricKind Kind, string Unit, string Help, params string[] Attributes)
{
    /// <summary>The names of series' attributes, in the order of <see cref="SeriesKey.Values"/>.</summary>
    public static readonly string[] SeriesAttributes =
    [
        "gigawatt.kind", "gigawatt.tenant", "gigawatt.project", "gigawatt.endpoint", "gen_ai.operation.name", "gen_ai.request.model",
        "gen_ai.response.model", "gigawatt.outcome",
    ];

    public static readonly Metric TokenUsage = new("gen_ai.client.token.usage", "gen_ai_client_token_usage", MetricKind.Histogram, "{token}", "Tokens of a model call.", "gen_ai.token.type");
    public static readonly Metric Duration = new("gen_ai.client.operation.duration", "gen_ai_client_operation_duration_seconds", MetricKind.Histogram, "s", "Time from a model call's admission to its end.");
    public static readonly Metric FirstByte = new("gen_ai.server.time_to_first_token", "gen_ai_server_time_to_first_token_seconds", MetricKind.Histogram, "s", "Time from a model call's admission to the first byte of its answer.");
    public static readonly Metric Records = new("gigawatt.records", "gigawatt_records_total", MetricKind.Counter, "{record}", "Usage records: model calls that were dispatched, and ended tasks of jobs.");
    public static readonly Metric Attempts = new("gigawatt.attempts", "gigawatt_attempts_total", MetricKind.Counter, "{attempt}", "Calls to providers, retries and failovers included.");
    public static readonly Metric Tokens = new("gigawatt.tokens", "gigawatt_tokens_total", MetricKind.Counter, "{token}", "Tokens as they are priced; the types do not overlap.", "gen_ai.token.type");
    public static readonly Metric WebSearches = new("gigawatt.web_searches", "gigawatt_web_searches_total", MetricKind.Counter, "{search}", "Web searches that providers made for answers.");
    public static readonly Metric Cost = new("gigawatt.cost", "gigawatt_cost_dollars_total", MetricKind.Counter, "USD", "Dollars charged.");
    public static readonly Metric Energy = new("gigawatt.energy", "gigawatt_energy_joules_total", MetricKind.Counter, "J", "Energy at the facility meter, measured or modelled.", "gigawatt.energy.method");
    public static readonly Metric Carbon = new("gigawatt.carbon", "gigawatt_carbon_grams_total", MetricKind.Counter, "g", "Location-based emissions in grams of CO2 equivalent.");
    public static readonly Metric Water = new("gigawatt.water", "gigawatt_water_litres_total", MetricKind.Counter, "L", "Water consumed on site and in generating the electricity.");
    public static readonly Metric Refusals = new("gigawatt.refusals", "gigawatt_refusals_total", MetricKind.Counter, "{request}", "Model calls answered with an error of this server.", "gigawatt.reason", "gen_ai.operation.name");
    public static readonly Metric Active = new("gigawatt.requests.active", "gigawatt_requests_active", MetricKind.Gauge, "{request}", "Model calls under way at a target, open streams among them.", "gigawatt.endpoint", "gen_ai.response.model");
    public static readonly Metric Breaker = new("gigawatt.breaker.state", "gigawatt_breaker_state", MetricKind.Gauge, "1", "A target's circuit breaker: 0 closed, 1 half open, 2 open.", "gigawatt.endpoint", "gen_ai.response.model");
    public static readonly Metric Reservations = new("gigawatt.reservations.open", "gigawatt_reservations_open", MetricKind.Gauge, "{reservation}", "Model calls that are reserved and not settled yet.");
    public static readonly Metric Series = new("gigawatt.telemetry.series", "gigawatt_telemetry_series", MetricKind.Gauge, "{series}", "Series that are kept; beyond the limit what is new is counted as model or tenant _other.");
    public static readonly Metric Cpu = new("process.cpu.time", "process_cpu_seconds_total", MetricKind.Counter, "s", "CPU time of the server process.");
    public static readonly Metric Memory = new("process.memory.usage", "process_resident_memory_bytes", MetricKind.Gauge, "By", "Resident memory of the server process.");

    /// <summary>All of them.</summary>
    public static readonly Metric[] All =
    [
        TokenUsage, Duration, FirstByte, Records, Attempts, Tokens, WebSearches, Cost, Energy, Carbon, Water, Refusals, Active,
        Breaker, Reservations, Series, Cpu, Memory,
    ];

    /// <summary>Whether it has a value for each series.</summary>
    public bool IsOfSeries => Array.IndexOf(All, this) < Array.IndexOf(All, Refusals);
}
