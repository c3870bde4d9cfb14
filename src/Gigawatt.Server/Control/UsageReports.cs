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
internal sealed class UsageReports(UsageJournal journal, UsageLedger ledger)
{
    private static readonly string[] Groups = ["tenant", "project", "key", "model", "endpoint", "day", "month", "kind", "outcome"];

    public void Map(RouteGroupBuilder api) =>
        api.MapGet("/usage", ReportAsync).WithName("usage").WithSummary("Dollars, tokens, joules, grams and litres by tenant, model, day, key, kind or endpoint.")
            .Produces<UsageReport>().Produces<ControlError>(400);

    /// <summary>What one job used so far.</summary>
    public Task<UsageTotals> OfJobAsync(long job, CancellationToken cancellationToken) => Task.Run(() =>
    {
        journal.Flush();
        string prefix = string.Create(CultureInfo.InvariantCulture, $"job-{job}/");
        return Totals(ledger.Query(new UsageQuery { IdPrefix = prefix, Kind = UsageKind.Job }));
    }, cancellationToken);

    private async Task<IResult> ReportAsync(HttpContext http, string? by, string? from, string? to, string? tenant, CancellationToken cancellationToken)
    {
        ControlCaller caller = http.Caller();
        string group = by ?? "tenant";
        int index = Array.IndexOf(Groups, group);
        if (index < 0) { return ControlErrors.BadRequest($"by must be one of {string.Join(", ", Groups)}; it is '{group}'."); }
        if (!TryReadDay(from, out Instant? first)) { return ControlErrors.BadRequest($"from must be a UTC day such as 2026-11-23; it is '{from}'."); }
        if (!TryReadDay(to, out Instant? last)) { return ControlErrors.BadRequest($"to must be a UTC day such as 2026-11-23; it is '{to}'."); }
        if (tenant is not null && !caller.MayActFor(tenant)) { return ControlErrors.Forbidden($"This key belongs to tenant '{caller.Tenant}'."); }
        UsageQuery query = new()
        {
            GroupBy = [(UsageGroup)index],
            From = first,
            // Up to and including the day named.
            To = last is { } day ? day + Duration.FromSeconds(86_400) : null,
            Tenant = caller.Tenant ?? tenant,
        };
        UsageReport report = await Task.Run(() =>
        {
            journal.Flush();
            IReadOnlyList<Ledger.UsageRow> rows = ledger.Query(query);
            return new UsageReport(group, [.. rows.Select(r => new UsageRow(r.Group[0], Totals([r])))], Totals(rows));
        }, cancellationToken);
        return Results.Json(report, ControlJson.Default.UsageReport);
    }

    private static UsageTotals Totals(IReadOnlyList<Ledger.UsageRow> rows)
    {
        decimal Sum(Func<Ledger.UsageRow, decimal> value) => rows.Sum(value);
        long requests = rows.Sum(static r => r.Requests);
        return new UsageTotals(
            requests,
            rows.Sum(static r => r.Records) - requests,
            (long)Sum(static r => (decimal)r.InputTokens),
            (long)Sum(static r => (decimal)r.CachedTokens),
            (long)Sum(static r => (decimal)r.OutputTokens),
            (double)Sum(static r => (decimal)r.AcceleratorMilliseconds) / 1000,
            (double)Sum(static r => (decimal)r.CoreMilliseconds) / 1000,
            Sum(static r => r.Dollars),
            Sum(static r => r.Joules),
            [.. rows.SelectMany(static r => r.EnergyMethods).Distinct().Order().Select(NameOf)],
            Sum(static r => r.Grams),
            Sum(static r => r.Litres));
    }

    private static string NameOf(EnergyMethod method) => method switch
    {
        EnergyMethod.Rapl => "rapl",
        EnergyMethod.Nvml => "nvml",
        EnergyMethod.RaplAndNvml => "rapl+nvml",
        _ => "modelled",
    };

    private static bool TryReadDay(string? text, out Instant? start)
    {
        start = null;
        if (string.IsNullOrEmpty(text)) { return true; }
        if (!DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset day)) { return false; }
        start = Instant.From(day);
        return true;
    }
}
