using System.Globalization;
using Gigawatt.Metering;
using Gigawatt.Server.Ledger;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using UsageRow = Gigawatt.Wire.Control.UsageRow;

namespace Gigawatt.Server.Control;

/// <summary>Use and cost over HTTP, straight from the ledger.</summary>
internal sealed class UsageReports(UsageJournal journal, UsageLedger ledger, TimeProvider time)
{
    private const int RecordsMost = 1_000;

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/usage", ReportAsync).WithName("usage")
            .WithSummary("Dollars, tokens, joules, grams and litres, grouped by the columns that ?by= names: any of tenant, project, key, model, asked, provider, format, decision, status, tokens, hour, day, month and kind, with commas between them.")
            .Produces<UsageReport>().Produces<ControlError>(400);
        api.MapGet("/usage/records", RecordsAsync).WithName("usageRecords")
            .WithSummary("The records themselves, newest first, in pages of ?limit= (50 unless given, 1,000 at most); ?before= is the next of the page before. Chosen as for /usage.")
            .Produces<UsageRecordPage>().Produces<ControlError>(400);
        api.MapGet("/usage/comparison", CompareAsync).WithName("usageComparison")
            .WithSummary("Shadows and canaries beside the targets that answer. Chosen as for /usage.")
            .Produces<UsageComparison>().Produces<ControlError>(400);
    }

    /// <summary>What one job used so far.</summary>
    public Task<UsageTotals> OfJobAsync(long job, CancellationToken cancellationToken) => Task.Run(() =>
    {
        journal.Flush();
        string prefix = string.Create(CultureInfo.InvariantCulture, $"job-{job}/");
        return Totals(ledger.Query(new UsageQuery { IdPrefix = prefix, Kind = UsageKind.Job }));
    }, cancellationToken);

    private Task<IResult> ReportAsync(HttpContext http, [AsParameters] UsageAsk ask, CancellationToken cancellationToken) => AskAsync(http, ask, question =>
    {
        IReadOnlyList<Ledger.UsageRow> rows = ledger.Query(question.Query);
        var report = new UsageReport(question.Groups, question.From, question.To, [.. rows.Select(r => new UsageRow(r.Group, Totals([r])))], Totals(rows));
        return Results.Json(report, ControlJson.Default.UsageReport);
    }, cancellationToken);

    private Task<IResult> RecordsAsync(HttpContext http, [AsParameters] UsageAsk ask, int? limit, long? before, CancellationToken cancellationToken) =>
        limit is < 1 or > RecordsMost
            ? Task.FromResult(ControlErrors.BadRequest($"limit must be from 1 to {RecordsMost}; it is {limit}."))
            : AskAsync(http, ask, question =>
            {
                UsagePage page = ledger.Records(question.Query, before ?? long.MaxValue, limit ?? 50, newestFirst: true);
                return Results.Json(new UsageRecordPage([.. page.Records.Select(View)], page.Next), ControlJson.Default.UsageRecordPage);
            }, cancellationToken);

    private Task<IResult> CompareAsync(HttpContext http, [AsParameters] UsageAsk ask, CancellationToken cancellationToken) => AskAsync(http, ask, question =>
        Results.Json(new UsageComparison([.. ledger.Compare(question.Query with { Kind = UsageKind.Request }).Select(View)]), ControlJson.Default.UsageComparison), cancellationToken);

    private async Task<IResult> AskAsync(HttpContext http, UsageAsk ask, Func<UsageQuestion, IResult> answer, CancellationToken cancellationToken)
    {
        if (UsageQuestion.TryRead(ask, http.Caller(), time.GetUtcNow(), out UsageQuestion question) is { } wrong) { return wrong; }
        return await Task.Run(() =>
        {
            journal.Flush();
            return answer(question);
        }, cancellationToken);
    }

    private static UsageTotals Totals(IReadOnlyList<Ledger.UsageRow> rows)
    {
        decimal Sum(Func<Ledger.UsageRow, Int128> value) => (decimal)rows.Aggregate(Int128.Zero, (sum, row) => sum + value(row));
        long requests = rows.Sum(static r => r.Requests);
        return new UsageTotals(
            requests,
            rows.Sum(static r => r.Records) - requests,
            (long)Sum(static r => r.InputTokens),
            (long)Sum(static r => r.CachedTokens),
            (long)Sum(static r => r.OutputTokens),
            (double)Sum(static r => r.AcceleratorMilliseconds) / 1000,
            (double)Sum(static r => r.CoreMilliseconds) / 1000,
            Sum(static r => r.CostMicros) / 1_000_000,
            Sum(static r => r.Millijoules) / 1_000,
            [.. rows.SelectMany(static r => r.EnergyMethods).Distinct().Order().Select(NameOf)],
            Sum(static r => r.Micrograms) / 1_000_000,
            Sum(static r => r.Microlitres) / 1_000_000)
        {
            CacheWriteTokens = (long)Sum(static r => r.CacheWriteTokens),
            ReasoningTokens = (long)Sum(static r => r.ReasoningTokens),
            WebSearches = (long)Sum(static r => r.WebSearches),
            Estimated = rows.Sum(static r => r.Estimated),
        };
    }

    private static UsageRecordView View(UsageRecord record) => new()
    {
        Id = record.Id,
        Kind = record.Kind == UsageKind.Job ? "job" : "request",
        Tenant = record.Tenant,
        Project = record.Project,
        Key = record.Key,
        Asked = record.Subject,
        Model = record.Model,
        Endpoint = record.Endpoint,
        Format = record.Format,
        Decision = record.Decision,
        Outcome = record.Outcome,
        Started = record.Started.ToDateTimeOffset(),
        Milliseconds = (record.Ended - record.Started).Seconds * 1_000,
        FirstByteMilliseconds = (record.FirstByte - record.Started)?.Seconds * 1_000,
        Attempts = record.Attempts,
        Estimated = record.TokensEstimated,
        Totals = new UsageTotals(
            record.Kind == UsageKind.Request ? 1 : 0, record.Kind == UsageKind.Job ? 1 : 0, record.Tokens.TotalInput, record.Tokens.CacheRead, record.Tokens.Output,
            record.AcceleratorMilliseconds / 1000d, record.CoreMilliseconds / 1000d, record.Cost.Micros / 1_000_000m, record.Energy.Millijoules / 1_000m,
            [NameOf(record.EnergyMethod)], record.Carbon.Micrograms / 1_000_000m, record.Water.Microlitres / 1_000_000m)
        {
            CacheWriteTokens = record.Tokens.CacheWrite,
            ReasoningTokens = record.Tokens.Reasoning,
            WebSearches = record.Tokens.WebSearches,
            Estimated = record.TokensEstimated ? 1 : 0,
        },
    };

    private static ComparedTarget View(ComparedRow row) => new()
    {
        Asked = row.Asked,
        Role = row.Role,
        Endpoint = row.Endpoint,
        Model = row.Model,
        Calls = row.Calls,
        Ok = row.Ok,
        Estimated = row.Estimated,
        Milliseconds = row.Nanoseconds / 1_000_000,
        FirstByteMilliseconds = row.FirstByteNanoseconds / 1_000_000,
        InputTokens = row.InputTokens,
        OutputTokens = row.OutputTokens,
        Usd = row.CostMicros / 1_000_000m,
        Joules = row.Millijoules / 1_000m,
    };

    private static string NameOf(EnergyMethod method) => Telemetry.Series.MethodName(method);
}
