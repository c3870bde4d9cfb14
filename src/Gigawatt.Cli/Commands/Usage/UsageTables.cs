using System.Globalization;
using Gigawatt.Cli.Terminal;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands.Usage;

/// <summary>Usage for people, as tables, and for programs, as CSV with exact figures.</summary>
internal static class UsageTables
{
    private static readonly string[] SumColumns =
    [
        "calls", "tasks", "estimated", "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "web_searches",
        "accelerator_seconds", "core_seconds", "usd", "joules", "energy_methods", "grams_co2e", "litres",
    ];

    public static void Print(UsageReport report, CliHost host, bool csv)
    {
        if (csv)
        {
            Csv.Write(host.Output, [.. report.GroupBy, .. SumColumns]);
            foreach (UsageRow row in report.Rows) { Csv.Write(host.Output, [.. row.Group, .. Sums(row.Totals)]); }
            return;
        }

        if (report.Rows.Count == 0)
        {
            host.Output.WriteLine("Nothing was used.");
            return;
        }

        var table = new TextTable(
        [
            .. report.GroupBy.Select(static g => new Column(g.ToUpperInvariant())), new("CALLS", true), new("TASKS", true), new("EST", true), new("IN", true), new("CACHED", true),
            new("OUT", true), new("GPU-H", true), new("CORE-H", true), new("COST", true), new("ENERGY", true), new("METHOD"), new("CO2E", true), new("WATER", true),
        ]);
        foreach (UsageRow row in report.Rows) { table.Add([.. row.Group.Select(static g => g.Length == 0 ? "-" : g), .. Cells(row.Totals)]); }
        if (report.Rows.Count > 1) { table.Add(["total", .. report.GroupBy.Skip(1).Select(static _ => ""), .. Cells(report.Total)]); }
        table.WriteTo(host);
    }

    public static void Print(UsageRecordPage page, CliHost host, bool csv)
    {
        if (csv)
        {
            Csv.Write(host.Output, ["id", "started", "kind", "tenant", "project", "key", "asked", "model", "provider", "format", "decision", "status", "milliseconds", "first_byte_milliseconds", "attempts", .. SumColumns]);
            foreach (UsageRecordView r in page.Records)
            {
                Csv.Write(host.Output,
                [
                    r.Id, r.Started.ToString("O", CultureInfo.InvariantCulture), r.Kind, r.Tenant, r.Project, r.Key, r.Asked, r.Model, r.Endpoint, r.Format, r.Decision, r.Outcome,
                    Text(r.Milliseconds), r.FirstByteMilliseconds is { } first ? Text(first) : "", Text(r.Attempts), .. Sums(r.Totals),
                ]);
            }

            return;
        }

        if (page.Records.Count == 0)
        {
            host.Output.WriteLine("Nothing was used.");
            return;
        }

        var table = new TextTable(
            new("ID"), new("STARTED"), new("TENANT"), new("MODEL"), new("PROVIDER"), new("STATUS"), new("TOOK", true), new("FIRST", true), new("IN", true), new("OUT", true), new("COST", true), new("DECISION"));
        foreach (UsageRecordView r in page.Records)
        {
            table.Add(
                r.Id, Words.Moment(r.Started), r.Tenant, r.Model.Length == 0 ? r.Asked : r.Model, r.Endpoint, r.Outcome, Time(r.Milliseconds), r.FirstByteMilliseconds is { } first ? Time(first) : "-",
                Estimate(r, r.Totals.InputTokens), Estimate(r, r.Totals.OutputTokens), Words.ExactDollars(r.Totals.Usd), r.Decision);
        }

        table.WriteTo(host);
        if (page.Records.Any(static r => r.Estimated)) { host.Output.WriteLine("~ is estimated: the provider told no token counts."); }
        if (page.Next is not null) { host.Output.WriteLine($"There are more than these {Words.Count(page.Records.Count)}; --limit shows more of them."); }
    }

    public static void Print(UsageComparison comparison, CliHost host, bool csv)
    {
        if (csv)
        {
            Csv.Write(host.Output, ["asked", "role", "provider", "model", "calls", "ok", "estimated", "mean_milliseconds", "mean_first_byte_milliseconds", "mean_input_tokens", "mean_output_tokens", "usd", "joules"]);
            foreach (ComparedTarget r in comparison.Rows)
            {
                Csv.Write(host.Output,
                [
                    r.Asked, r.Role, r.Endpoint, r.Model, Text(r.Calls), Text(r.Ok), Text(r.Estimated), Text(r.Milliseconds), r.FirstByteMilliseconds is { } first ? Text(first) : "",
                    Text(r.InputTokens), Text(r.OutputTokens), Text(r.Usd), Text(r.Joules),
                ]);
            }

            return;
        }

        if (comparison.Rows.Count == 0)
        {
            host.Output.WriteLine("No request had a shadow or a canary. Routes set them up with shadow and canary at a target.");
            return;
        }

        var table = new TextTable(
            new("ASKED"), new("ROLE"), new("PROVIDER"), new("MODEL"), new("CALLS", true), new("OK", true), new("TOOK", true), new("FIRST", true), new("IN", true), new("OUT", true), new("COST/1000", true), new("ENERGY/1000", true));
        foreach (ComparedTarget r in comparison.Rows)
        {
            table.Add(
                r.Asked, r.Role, r.Endpoint, r.Model, Words.Count(r.Calls), string.Create(CultureInfo.InvariantCulture, $"{100d * r.Ok / r.Calls:0.#}%"), Time(r.Milliseconds), r.FirstByteMilliseconds is { } first ? Time(first) : "-",
                Words.Number(r.InputTokens), Words.Number(r.OutputTokens), Words.Dollars(1_000 * r.Usd / r.Calls), Words.Energy(1_000 * r.Joules / r.Calls));
        }

        table.WriteTo(host);
    }

    private static string Estimate(UsageRecordView record, long tokens) => record.Estimated ? $"~{Words.Count(tokens)}" : Words.Count(tokens);

    private static string Time(double milliseconds) => milliseconds < 1_000
        ? string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0}ms")
        : string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1_000:#,0.00}s");

    private static string[] Sums(UsageTotals t) =>
    [
        Text(t.Requests), Text(t.Tasks), Text(t.Estimated), Text(t.InputTokens), Text(t.CachedTokens), Text(t.CacheWriteTokens), Text(t.OutputTokens), Text(t.ReasoningTokens),
        Text(t.WebSearches), Text(t.AcceleratorSeconds), Text(t.CoreSeconds), Text(t.Usd), Text(t.Joules), string.Join('+', t.EnergyMethods), Text(t.GramsCO2e), Text(t.Litres),
    ];

    private static string[] Cells(UsageTotals totals) =>
    [
        Words.Count(totals.Requests),
        Words.Count(totals.Tasks),
        Words.Count(totals.Estimated),
        Words.Count(totals.InputTokens),
        Words.Count(totals.CachedTokens),
        Words.Count(totals.OutputTokens),
        Words.Number(totals.AcceleratorSeconds / 3600),
        Words.Number(totals.CoreSeconds / 3600),
        Words.ExactDollars(totals.Usd),
        Words.Energy(totals.Joules),
        string.Join('+', totals.EnergyMethods),
        Words.Mass(totals.GramsCO2e),
        Words.Volume(totals.Litres),
    ];

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
