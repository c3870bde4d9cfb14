using System.CommandLine;
using System.Globalization;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw usage</c>: what was used and what it cost.</summary>
internal static class UsageCommand
{
    private static readonly Kind<string> Grouping = Kinds.OneOf(("tenant", "tenant"), ("model", "model"), ("day", "day"), ("key", "key"), ("kind", "kind"), ("endpoint", "endpoint"));

    private static readonly Kind<string> Day = new("2026-11-23", static (string text, out string value) =>
    {
        value = text;
        return DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? null
            : $"{Numbers.Quote(text)} is not a day; write one such as 2026-11-23";
    });

    public static Verb Create(CliHost host)
    {
        Option<string?> by = Options.Word("--by", "GROUP", "tenant, model, day, key, kind or endpoint; tenant unless given.", Grouping);
        Option<string?> from = Options.Word("--from", "DATE", "Only work admitted on or after this day (UTC), such as 2026-11-23.", Day);
        Option<string?> to = Options.Word("--to", "DATE", "Only work admitted on or before this day (UTC).", Day);
        Option<string?> tenant = Options.Text("--tenant", "NAME", "Only this tenant's.");
        var verb = new Verb("usage", "Show what was used and what it cost: tokens, hours, dollars, energy, CO2e and water.")
        {
            Group = "The fleet and its use",
            Options = { by, from, to, tenant },
            Notes = ["ENERGY is at the facility's meter. METHOD says how it came about: rapl and nvml are the machine's own counters, modelled is computed from the hardware's figures. CO2E is location-based. Model calls and jobs are summed alike; a job's MODEL is its name."],
            Examples =
            [
                new("by tenant, since the beginning", "gw usage"),
                new("one tenant's November, day by day", "gw usage --tenant research --by day --from 2026-11-01 --to 2026-11-30"),
            ],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
        {
            Answer<UsageReport> answer = await call.Client.GetUsageAsync(
                call.Parse.GetValue(by) ?? "tenant", call.Parse.GetValue(from), call.Parse.GetValue(to), call.Parse.GetValue(tenant), cancellationToken);
            return call.Print(answer, report => Print(report, host));
        });
        return verb;
    }

    private static void Print(UsageReport report, CliHost host)
    {
        if (report.Rows.Count == 0)
        {
            host.Output.WriteLine("Nothing was used.");
            return;
        }

        var table = new TextTable(
            new(report.GroupBy.ToUpperInvariant()), new("CALLS", true), new("TASKS", true), new("IN", true), new("CACHED", true), new("OUT", true),
            new("GPU-H", true), new("CORE-H", true), new("COST", true), new("ENERGY", true), new("METHOD"), new("CO2E", true), new("WATER", true));
        foreach (UsageRow row in report.Rows) { Add(table, row.Group, row.Totals); }
        if (report.Rows.Count > 1) { Add(table, "total", report.Total); }
        table.WriteTo(host);
    }

    private static void Add(TextTable table, string name, UsageTotals totals) => table.Add(
        name,
        Words.Count(totals.Requests),
        Words.Count(totals.Tasks),
        Words.Count(totals.InputTokens),
        Words.Count(totals.CachedTokens),
        Words.Count(totals.OutputTokens),
        Words.Number(totals.AcceleratorSeconds / 3600),
        Words.Number(totals.CoreSeconds / 3600),
        Words.Dollars(totals.Usd),
        Words.Energy(totals.Joules),
        string.Join('+', totals.EnergyMethods),
        Words.Mass(totals.GramsCO2e),
        Words.Volume(totals.Litres));
}
