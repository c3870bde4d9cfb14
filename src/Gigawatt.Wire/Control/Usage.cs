namespace Gigawatt.Wire.Control;

/// <summary>Use and cost, grouped: <c>GET /gigawatt/v1/usage</c>.</summary>
/// <param name="GroupBy">The columns that <see cref="UsageRow.Group"/> holds, in this order, such as <c>tenant</c> and <c>model</c>; none gives one row.</param>
/// <param name="From">Only work admitted at or after this; null without a bound.</param>
/// <param name="To">Only work admitted before this; null without a bound.</param>
/// <param name="Rows">One row for each group, in ascending order.</param>
/// <param name="Total">Over all rows, exactly.</param>
public sealed record UsageReport(IReadOnlyList<string> GroupBy, DateTimeOffset? From, DateTimeOffset? To, IReadOnlyList<UsageRow> Rows, UsageTotals Total);

/// <summary>One group's use and cost.</summary>
/// <param name="Group">The group's values, in the order of <see cref="UsageReport.GroupBy"/>; empty where a record has none.</param>
/// <param name="Totals">Sums over its records.</param>
public sealed record UsageRow(IReadOnlyList<string> Group, UsageTotals Totals);

/// <summary>Sums over usage records.</summary>
/// <param name="Requests">Model calls.</param>
/// <param name="Tasks">Task attempts of jobs.</param>
/// <param name="InputTokens">Prompt tokens, those read from and written to a cache included.</param>
/// <param name="CachedTokens">Prompt tokens read from a cache.</param>
/// <param name="OutputTokens">Answer tokens.</param>
/// <param name="AcceleratorSeconds">Accelerator time.</param>
/// <param name="CoreSeconds">CPU time reserved.</param>
/// <param name="Usd">Dollars, to the micro-dollar.</param>
/// <param name="Joules">Energy at the facility meter.</param>
/// <param name="EnergyMethods">How the energy came about; several when mixed.</param>
/// <param name="GramsCO2e">Location-based emissions.</param>
/// <param name="Litres">Water consumed.</param>
public sealed record UsageTotals(
    long Requests, long Tasks, long InputTokens, long CachedTokens, long OutputTokens, double AcceleratorSeconds, double CoreSeconds,
    decimal Usd, decimal Joules, IReadOnlyList<string> EnergyMethods, decimal GramsCO2e, decimal Litres)
{
    /// <summary>Prompt tokens written to a cache.</summary>
    public long CacheWriteTokens { get; set; }

    /// <summary>Those of the answer tokens that were thinking.</summary>
    public long ReasoningTokens { get; set; }

    /// <summary>Web searches that providers made.</summary>
    public long WebSearches { get; set; }

    /// <summary>How many of the records have token counts that are estimated, because the provider told none.</summary>
    public long Estimated { get; set; }
}

/// <summary>Single records: <c>GET /gigawatt/v1/usage/records</c>.</summary>
/// <param name="Records">Newest first.</param>
/// <param name="Next">What to give as <c>before</c> for the page behind this one; null behind the last.</param>
public sealed record UsageRecordPage(IReadOnlyList<UsageRecordView> Records, long? Next);

/// <summary>One line of the ledger: a model call, or an attempt of a job's task.</summary>
public sealed record UsageRecordView
{
    /// <summary>The request id, or <c>job-ID/ATTEMPT/RANK</c>; a shadow's copy has <c>/shadow</c> behind the id of its request.</summary>
    public required string Id { get; init; }

    /// <summary><c>request</c> or <c>job</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The tenant that pays.</summary>
    public required string Tenant { get; init; }

    /// <summary>The project, or empty.</summary>
    public required string Project { get; init; }

    /// <summary>The key's public id, or empty.</summary>
    public required string Key { get; init; }

    /// <summary>The model asked for, or the job's name.</summary>
    public required string Asked { get; init; }

    /// <summary>The model that answered and was charged; empty for jobs.</summary>
    public required string Model { get; init; }

    /// <summary>The provider endpoint or node.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The wire format of the request; empty for jobs.</summary>
    public required string Format { get; init; }

    /// <summary>How it was routed and why; empty for jobs.</summary>
    public required string Decision { get; init; }

    /// <summary><c>ok</c>, <c>aborted</c>, <c>failed</c>, <c>cached</c> or <c>recovered</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>When it was admitted.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>From admission to end.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>From admission to the first byte of the answer; null where none went out.</summary>
    public double? FirstByteMilliseconds { get; set; }

    /// <summary>Calls to providers; 0 for jobs.</summary>
    public required int Attempts { get; init; }

    /// <summary>Whether the token counts are estimated, because the provider told none.</summary>
    public required bool Estimated { get; init; }

    /// <summary>Its tokens, dollars, joules, grams and litres.</summary>
    public required UsageTotals Totals { get; init; }
}

/// <summary>Targets that are tried out beside those that answer: <c>GET /gigawatt/v1/usage/comparison</c>.</summary>
/// <param name="Rows">By model asked for, then by role.</param>
public sealed record UsageComparison(IReadOnlyList<ComparedTarget> Rows);

/// <summary>How one target did. Means are over its calls.</summary>
public sealed record ComparedTarget
{
    /// <summary>The model that clients asked for.</summary>
    public required string Asked { get; init; }

    /// <summary><c>shadow</c>: copies of requests; <c>main</c>: the requests that were copied; <c>canary</c>: requests that chance sent there;
    /// <c>others</c>: the other requests of a model with canaries.</summary>
    public required string Role { get; init; }

    /// <summary>The provider endpoint.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The model that answered.</summary>
    public required string Model { get; init; }

    /// <summary>How many calls.</summary>
    public required long Calls { get; init; }

    /// <summary>How many of them came to their end.</summary>
    public required long Ok { get; init; }

    /// <summary>How many have estimated token counts.</summary>
    public required long Estimated { get; init; }

    /// <summary>Mean time from admission to end.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>Mean time to the first byte; null where no call had one.</summary>
    public double? FirstByteMilliseconds { get; set; }

    /// <summary>Mean prompt tokens.</summary>
    public required double InputTokens { get; init; }

    /// <summary>Mean answer tokens.</summary>
    public required double OutputTokens { get; init; }

    /// <summary>Dollars, all calls together.</summary>
    public required decimal Usd { get; init; }

    /// <summary>Joules, all calls together.</summary>
    public required decimal Joules { get; init; }
}
