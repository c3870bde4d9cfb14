using Gigawatt.Metering;
using Gigawatt.Units;

namespace Gigawatt.Server.Ledger;

/// <summary>What usage can be grouped by.</summary>
internal enum UsageGroup
{
    /// <summary>The tenant that pays.</summary>
    Tenant,

    /// <summary>The project within the tenant; empty where there is none.</summary>
    Project,

    /// <summary>The API key's public id.</summary>
    Key,

    /// <summary>The model that was charged, or the job's name.</summary>
    Model,

    /// <summary>The provider endpoint or node.</summary>
    Endpoint,

    /// <summary>The UTC day on which the work was admitted, as <c>2026-11-23</c>.</summary>
    Day,

    /// <summary>The UTC month in which the work was admitted, as <c>2026-11</c>.</summary>
    Month,

    /// <summary><c>request</c> or <c>job</c>.</summary>
    Kind,

    /// <summary>How the work ended, such as <c>ok</c>.</summary>
    Outcome,

    /// <summary>The model that the client asked for, which a route may have served with another. The hours' sums do not have it, so every record is read.</summary>
    Asked,

    /// <summary>The UTC hour in which the work was admitted, as <c>2026-11-23T14:00Z</c>.</summary>
    Hour,

    /// <summary>The wire format of the request. Every record is read.</summary>
    Format,

    /// <summary>How the request was routed and why. Every record is read.</summary>
    Decision,

    /// <summary><c>counted</c>, or <c>estimated</c> where the provider told no token counts. Every record is read.</summary>
    Tokens,
}

/// <summary>Which records to sum, and into which groups.</summary>
internal sealed record UsageQuery
{
    /// <summary>The columns to group by, in this order; empty gives one row for everything.</summary>
    public IReadOnlyList<UsageGroup> GroupBy { get; init; } = [];

    /// <summary>Only work admitted at or after this; null for no bound. Fast at a full hour.</summary>
    public Instant? From { get; init; }

    /// <summary>Only work admitted before this; null for no bound. Fast at a full hour.</summary>
    public Instant? To { get; init; }

    /// <summary>Only this tenant's; null for all.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only this project's; null for all, empty for work of no project.</summary>
    public string? Project { get; init; }

    /// <summary>Only this key's; null for all.</summary>
    public string? Key { get; init; }

    /// <summary>Only what was charged as this model, or jobs of this name; null for all.</summary>
    public string? Model { get; init; }

    /// <summary>Only what this provider endpoint or node did; null for all.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Only what ended so; null for all.</summary>
    public string? Outcome { get; init; }

    /// <summary>Only requests or only jobs; null for both.</summary>
    public UsageKind? Kind { get; init; }

    /// <summary>Only what was asked for as this model; null for all. Every record is read.</summary>
    public string? Asked { get; init; }

    /// <summary>Whether only the records tell, and not the hours' sums.</summary>
    public bool ReadsRecords => IdPrefix is not null || Asked is not null
        || GroupBy.Any(static g => g is UsageGroup.Asked or UsageGroup.Format or UsageGroup.Decision or UsageGroup.Tokens);

    /// <summary>Only records whose id begins so, such as all attempts of one job; null for all. Fast for jobs.</summary>
    public string? IdPrefix { get; init; }
}

/// <summary>Sums of one group. They are wider than any record, so that no sum overflows.</summary>
internal sealed record UsageRow
{
    /// <summary>The group's values, in the order of <see cref="UsageQuery.GroupBy"/>.</summary>
    public required IReadOnlyList<string> Group { get; init; }

    /// <summary>Requests and job attempts.</summary>
    public required long Records { get; init; }

    /// <summary>How many of the records are requests.</summary>
    public required long Requests { get; init; }

    /// <summary>How many of the records have estimated token counts.</summary>
    public required long Estimated { get; init; }

    /// <summary>Prompt tokens that no cache had a part in.</summary>
    public required Int128 UncachedTokens { get; init; }

    /// <summary>Prompt tokens read from a cache.</summary>
    public required Int128 CachedTokens { get; init; }

    /// <summary>Prompt tokens written to a cache.</summary>
    public required Int128 CacheWriteTokens { get; init; }

    /// <summary>Those of them that are kept for an hour.</summary>
    public required Int128 CacheWriteHourTokens { get; init; }

    /// <summary>Answer tokens.</summary>
    public required Int128 OutputTokens { get; init; }

    /// <summary>Those of them that were thinking.</summary>
    public required Int128 ReasoningTokens { get; init; }

    /// <summary>Web searches made by providers.</summary>
    public required Int128 WebSearches { get; init; }

    /// <summary>Accelerator time.</summary>
    public required Int128 AcceleratorMilliseconds { get; init; }

    /// <summary>CPU time.</summary>
    public required Int128 CoreMilliseconds { get; init; }

    /// <summary>Millionths of a dollar.</summary>
    public required Int128 CostMicros { get; init; }

    /// <summary>Energy at the facility meter in thousandths of a joule.</summary>
    public required Int128 Millijoules { get; init; }

    /// <summary>Emissions in millionths of a gram CO2 equivalent.</summary>
    public required Int128 Micrograms { get; init; }

    /// <summary>Water in millionths of a litre.</summary>
    public required Int128 Microlitres { get; init; }

    /// <summary>How the energy came about, in the order of <see cref="EnergyMethod"/>.</summary>
    public required IReadOnlyList<EnergyMethod> EnergyMethods { get; init; }

    /// <summary>Prompt tokens, cached ones included.</summary>
    public Int128 InputTokens => UncachedTokens + CachedTokens + CacheWriteTokens;

    /// <summary>Dollars, exactly.</summary>
    public decimal Dollars => (decimal)CostMicros / 1_000_000;

    /// <summary>Joules, exactly.</summary>
    public decimal Joules => (decimal)Millijoules / 1_000;

    /// <summary>Grams of CO2 equivalent, exactly.</summary>
    public decimal Grams => (decimal)Micrograms / 1_000_000;

    /// <summary>Litres, exactly.</summary>
    public decimal Litres => (decimal)Microlitres / 1_000_000;
}

/// <summary>How one target did among those that are compared; means in nanoseconds and tokens of a call, sums of millionths of a dollar and thousandths of a joule.</summary>
internal sealed record ComparedRow(
    string Asked, string Role, string Endpoint, string Model, long Calls, long Ok, long Estimated,
    double Nanoseconds, double? FirstByteNanoseconds, double InputTokens, double OutputTokens, long CostMicros, long Millijoules);
