using Gigawatt.Metering;
using Gigawatt.Units;

namespace Gigawatt.Server.Ledger;

/// <summary>What usage can be grouped by.</summary>
internal enum UsageGroup
{
    /// <summary>The tenant that pays.</summary>
    Tenant,

    /// <summary>The model, or the job's name.</summary>
    Model,

    /// <summary>The UTC day on which the work was admitted, as <c>2026-11-23</c>.</summary>
    Day,

    /// <summary>The API key's public id.</summary>
    Key,

    /// <summary><c>request</c> or <c>job</c>.</summary>
    Kind,

    /// <summary>The provider endpoint or node.</summary>
    Endpoint,
}

/// <summary>Which records to sum, and into which groups.</summary>
internal sealed record UsageQuery
{
    /// <summary>The columns to group by, in this order; empty gives one row for everything.</summary>
    public IReadOnlyList<UsageGroup> GroupBy { get; init; } = [];

    /// <summary>Only work admitted at or after this; null for no bound.</summary>
    public Instant? From { get; init; }

    /// <summary>Only work admitted before this; null for no bound.</summary>
    public Instant? To { get; init; }

    /// <summary>Only this tenant's; null for all.</summary>
    public string? Tenant { get; init; }

    /// <summary>Only this key's; null for all.</summary>
    public string? Key { get; init; }

    /// <summary>Only requests or only jobs; null for both.</summary>
    public UsageKind? Kind { get; init; }

    /// <summary>Only records whose id begins so, such as all attempts of one job; null for all.</summary>
    public string? IdPrefix { get; init; }
}

/// <summary>Sums of one group. They are wider than any record, so that no sum overflows.</summary>
/// <param name="Group">The group's values, in the order of <see cref="UsageQuery.GroupBy"/>.</param>
/// <param name="Records">Requests and job attempts.</param>
/// <param name="InputTokens">Prompt tokens, cached ones included.</param>
/// <param name="OutputTokens">Answer tokens.</param>
/// <param name="CachedTokens">Prompt tokens read from a cache.</param>
/// <param name="AcceleratorMilliseconds">Accelerator time.</param>
/// <param name="CoreMilliseconds">CPU time.</param>
/// <param name="CostMicros">Millionths of a dollar.</param>
/// <param name="Millijoules">Energy at the facility meter in thousandths of a joule.</param>
/// <param name="Micrograms">Emissions in millionths of a gram CO2 equivalent.</param>
/// <param name="Microlitres">Water in millionths of a litre.</param>
/// <param name="Requests">How many of the records are requests.</param>
/// <param name="EnergyMethods">How the energy came about, in the order of <see cref="EnergyMethod"/>.</param>
internal sealed record UsageRow(
    IReadOnlyList<string> Group,
    long Records,
    Int128 InputTokens,
    Int128 OutputTokens,
    Int128 CachedTokens,
    Int128 AcceleratorMilliseconds,
    Int128 CoreMilliseconds,
    Int128 CostMicros,
    Int128 Millijoules,
    Int128 Micrograms,
    Int128 Microlitres,
    long Requests,
    IReadOnlyList<EnergyMethod> EnergyMethods)
{
    /// <summary>Dollars, exactly.</summary>
    public decimal Dollars => (decimal)CostMicros / 1_000_000;

    /// <summary>Joules, exactly.</summary>
    public decimal Joules => (decimal)Millijoules / 1_000;

    /// <summary>Grams of CO2 equivalent, exactly.</summary>
    public decimal Grams => (decimal)Micrograms / 1_000_000;

    /// <summary>Litres, exactly.</summary>
    public decimal Litres => (decimal)Microlitres / 1_000_000;
}
