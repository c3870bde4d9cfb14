using System.CommandLine;
using System.Globalization;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands.Usage;

/// <summary><c>gw usage</c>: what was used and what it cost.</summary>
internal static class UsageCommand
{
    private const string Columns = "tenant, project, key, model, asked, provider, format, decision, status, tokens, hour, day, month, kind";

    private static readonly Kind<string> Column = Kinds.OneOf([.. Columns.Split(", ").Append("endpoint").Append("outcome").Select(static c => (c, c))]);

    private static readonly Kind<string> Grouping = new("tenant,model", static (string text, out string value) =>
    {
        value = text;
        return text.Split(',').Select(static word => Column.Read(word, out _)).FirstOrDefault(static wrong => wrong is not null);
    });

    private static readonly Kind<string> Format = Kinds.OneOf(("table", "table"), ("json", "json"), ("csv", "csv"), ("focus", "focus"));
    private static readonly Kind<string> WorkKind = Kinds.OneOf(("request", "request"), ("job", "job"));

    private static readonly Kind<string> Time = new("2026-11-23", static (string text, out string value) =>
    {
        value = text;
        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)
            ? null
            : $"{Numbers.Quote(text)} is not a day or time; write one such as 2026-11-23 or 2026-11-23T14:00Z";
    });

    public static Verb Create(CliHost host)
    {
        var options = new Asked();
        var verb = new Verb("usage", "Show what was used and what it cost: tokens, hours, dollars, energy, CO2e and water.")
        {
            Group = "The fleet and its use",
            Notes =
            [
                "ENERGY is at the facility's meter. METHOD says how it came about: rapl and nvml are the machine's own counters, modelled is computed from the hardware's figures. CO2E is location-based. Model calls and jobs are summed alike; a job's MODEL is its name.",
                "COST is exact to the micro-dollar and its rows add up to the total. ENERGY, CO2E and WATER are rounded for reading; csv and json have them exactly. EST counts records whose provider told no tokens, so that they are estimated.",
                "focus is FOCUS 1.2 of the FinOps Foundation, a row for each day, tenant, project, key, model and provider; docs/reference/usage.md lists its columns.",
            ],
            Examples =
            [
                new("by tenant, since the beginning", "gw usage"),
                new("one tenant's month, day by day and model by model", "gw usage --tenant research --by day,model --period this-month"),
                new("for a cost tool", "gw usage --period last-month --format focus > usage.csv"),
                new("the last calls that failed", "gw usage --records --status failed --limit 20"),
                new("shadows and canaries beside what answers", "gw usage --compare --period 7d"),
            ],
        };
        options.AddTo(verb);
        ConnectionOptions.Connect(verb, host, (call, cancellationToken) => options.RunAsync(call, cancellationToken));
        return verb;
    }

    /// <summary>The options, and what is done for them.</summary>
    private sealed class Asked
    {
        private readonly Option<string?> _by = Options.Word("--by", "COLUMNS", $"One or several, with commas between them: {Columns}; tenant unless given.", Grouping);
        private readonly Option<string?> _period = Options.Text("--period", "PERIOD", "today, yesterday, this-week, last-week, this-month, last-month, this-year, or 7d, 24h and the like (UTC).");
        private readonly Option<string?> _from = Options.Word("--from", "TIME", "Only work admitted on or after this day or time (UTC), such as 2026-11-23 or 2026-11-23T14:00Z.", Time);
        private readonly Option<string?> _to = Options.Word("--to", "TIME", "Only work admitted on or before this day, or before this time (UTC).", Time);
        private readonly Option<string?> _kind = Options.Word("--kind", "KIND", "Only request or only job.", WorkKind);
        private readonly Option<string?> _format = Options.Word("--format", "FORMAT", "table, json, csv or focus; table unless given.", Format);
        private readonly Option<bool> _records = Options.Flag("--records", "List the records themselves, newest first.");
        private readonly Option<int?> _limit = Options.Value("--limit", "COUNT", "With --records: how many; 50 unless given.", Kinds.Whole(1, 1_000_000, "50"));
        private readonly Option<bool> _compare = Options.Flag("--compare", "Compare shadows and canaries with the targets that answer.");

        private readonly (string Name, Option<string?> Option)[] _filters =
        [
            .. from filter in new[] { ("tenant", "tenant's"), ("project", "project's"), ("key", "key's"), ("model", "charged model's"), ("asked", "asked-for model's"), ("provider", "provider endpoint's or node's") }
               select (filter.Item1, Options.Text($"--{filter.Item1}", "NAME", $"Only this {filter.Item2}.")),
            ("status", Options.Text("--status", "STATUS", "Only what ended so: ok, aborted, failed, cached or recovered.")),
        ];

        public void AddTo(Verb verb)
        {
            foreach (Option option in (IEnumerable<Option>)[_by, _period, _from, _to, .. _filters.Select(static f => f.Option), _kind, _records, _limit, _compare, _format]) { verb.Add(option); }
        }

        public async Task<int> RunAsync(ServerCall call, CancellationToken cancellationToken)
        {
            string format = call.Parse.GetValue(_format) ?? (call.Json ? "json" : "table");
            (bool records, bool compare) = (call.Parse.GetValue(_records), call.Parse.GetValue(_compare));
            if (Contradiction(call, format, records, compare) is { } wrong) { return call.Host.Fail(CliFailure.BadUsage(wrong)); }
            call = call with { Json = format == "json" };
            List<(string, string?)> question = [.. _filters.Select(f => (f.Name, call.Parse.GetValue(f.Option))), ("kind", call.Parse.GetValue(_kind)), ("period", call.Parse.GetValue(_period)), ("from", call.Parse.GetValue(_from)), ("to", call.Parse.GetValue(_to))];
            if (compare)
            {
                Answer<UsageComparison> compared = await call.Client.GetUsageAsync<UsageComparison>("/comparison", question, cancellationToken);
                return call.Print(compared, found => UsageTables.Print(found, call.Host, csv: format == "csv"));
            }

            if (records) { return call.Print(await ReadAsync(call, question, cancellationToken), found => UsageTables.Print(found, call.Host, csv: format == "csv")); }
            question.Insert(0, ("by", format == "focus" ? UsageFocus.GroupBy : call.Parse.GetValue(_by) ?? "tenant"));
            Answer<UsageReport> answer = await call.Client.GetUsageAsync<UsageReport>("", question, cancellationToken);
            return call.Print(answer, report =>
            {
                if (format == "focus") { UsageFocus.Write(report, call.Host.Output); }
                else { UsageTables.Print(report, call.Host, csv: format == "csv"); }
            });
        }

        private string? Contradiction(ServerCall call, string format, bool records, bool compare)
        {
            bool grouped = call.Parse.GetValue(_by) is not null;
            if (call.Json && format != "json") { return $"--json and --format {format} exclude each other; give one of them."; }
            if (records && compare) { return "--records and --compare exclude each other; give one of them."; }
            if (grouped && (records || compare)) { return "--by groups sums; it goes neither with --records nor with --compare."; }
            if (format == "focus" && (grouped || records || compare)) { return "--format focus has columns of its own; it goes without --by, --records and --compare."; }
            if (call.Parse.GetValue(_limit) is not null && !records) { return "--limit goes with --records only."; }
            return call.Parse.GetValue(_period) is not null && (call.Parse.GetValue(_from) ?? call.Parse.GetValue(_to)) is not null
                ? "--period goes without --from and --to."
                : null;
        }

        private async Task<Answer<UsageRecordPage>> ReadAsync(ServerCall call, IReadOnlyList<(string, string?)> question, CancellationToken cancellationToken)
        {
            const int PageMost = 1_000;
            int limit = call.Parse.GetValue(_limit) ?? 50;
            List<UsageRecordView> found = [];
            long? before = null;
            do
            {
                int most = Math.Min(PageMost, limit - found.Count);
                Answer<UsageRecordPage> answer = await call.Client.GetUsageAsync<UsageRecordPage>(
                    "/records", [.. question, ("limit", most.ToString(CultureInfo.InvariantCulture)), ("before", before?.ToString(CultureInfo.InvariantCulture))], cancellationToken);
                if (!answer.TryGet(out UsageRecordPage? page, out CliFailure? failure)) { return failure; }
                found.AddRange(page.Records);
                before = page.Next;
            }
            while (before is not null && found.Count < limit);
            return new UsageRecordPage(found, before);
        }
    }
}
