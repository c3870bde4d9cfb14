using System.Globalization;
using System.Text.Json;
using CsCheck;
using Gigawatt.Metering;
using Gigawatt.Server.Control;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Tests.Ledger;
using Gigawatt.Units;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Tests.Cli.Usage;

/// <summary><c>gw usage</c> against a server with a ledger: the sums that it prints are those of the records.</summary>
public sealed class UsageTotalsTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gw-usage-").FullName;
    private UsageLedger _ledger = null!;
    private UsageJournal _journal = null!;
    private Identities _identities = null!;
    private WebApplication _app = null!;
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        _ledger = UsageLedger.Open(Path.Combine(_folder, "ledger.db"));
        _journal = UsageJournal.Open(Path.Combine(_folder, "usage"), _ledger, out _);
        _identities = Identities.Open(_folder, _ledger, TimeProvider.System);
        var access = new ControlAccess(ServerSecret.Open(Path.Combine(_folder, "identity.secret")), _identities, TimeProvider.System);
        _token = access.OperatorToken;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        var filter = CallerFeature.Filter(access);
        new UsageReports(_journal, _ledger, new Noon()).Map(_app.MapGroup("/gigawatt/v1").MapGroup("").AddEndpointFilterFactory((_, next) => context => filter(context, next)));
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _journal.Dispose();
        _identities.Dispose();
        _ledger.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static readonly Gen<UsageRecord> Some =
        from numbers in Gen.Long[0, 9_999_999_999].Array[6]
        from hours in Gen.Int[0, 24 * 40]
        from names in Gen.Int[0, 2].Array[6]
        select UsageRecords.Record("", numbers[0], names[0] == 0 ? "ok" : "aborted", $"tenant-{names[1]}", $"model,\"{names[2]}\"", UsageRecords.Day + Duration.FromSeconds(-hours * 3_600L) + new Duration(numbers[5] % 3_599_000_000_000), names[3] == 0 ? "" : "project")
            with
        {
            Endpoint = $"endpoint-{names[4]}", TokensEstimated = names[5] == 0, Decision = $"only target of {names[4]}", Energy = new(numbers[1]), Carbon = new(numbers[2]), Water = new(numbers[3]),
            Tokens = new(numbers[4], numbers[3], numbers[2], numbers[1]),
        };

    [Fact]
    public async Task Printed_sums_are_those_of_the_records_to_the_micro_dollar_however_they_are_grouped()
    {
        (string By, string[] More)[] views = [("tenant", []), ("day,tenant,model", []), ("hour,provider", ["--period", "7d"]), ("decision,tokens,status", ["--from", "2026-11-10T03:30Z", "--to", "2026-11-20"]), ("month,project,key,kind", ["--status", "ok"]), ("model", ["--tenant", "tenant-1"])];
        int count = 0;
        await Gen.Select(Some.Array[1, 12], Gen.Int[0, views.Length - 1]).SampleAsync(async (records, view) =>
        {
            foreach (UsageRecord record in records) { _journal.Settle(record with { Id = $"req_{count++}" }); }
            string[] more = views[view].More;
            string[][] sums = Csv(await RunAsync(["usage", "--by", views[view].By, "--format", "csv", .. more]));
            string[][] listed = Csv(await RunAsync(["usage", "--records", "--limit", "100000", "--format", "csv", .. more]));
            foreach (string column in (string[])["usd", "joules", "grams_co2e", "litres", "input_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "calls", "estimated"])
            {
                Assert.Equal(Sum(listed, column), Sum(sums, column));
            }

            using JsonDocument json = JsonDocument.Parse(await RunAsync(["usage", "--by", views[view].By, "--json", .. more]));
            Assert.Equal(Sum(listed, "usd"), json.RootElement.GetProperty("total").GetProperty("usd").GetDecimal());
            if (view == 0) { await TableAndFocusAddUpAsync(Sum(listed, "usd")); }
        }, iter: 25, threads: 1);
        Assert.Equal(_ledger.Records().Sum(r => r.Cost.Micros) / 1_000_000m, Sum(Csv(await RunAsync(["usage", "--format", "csv"])), "usd"));
    }

    private async Task TableAndFocusAddUpAsync(decimal usd)
    {
        string[] lines = (await RunAsync(["usage"])).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        decimal[] costs = [.. lines.Skip(1).Select(l => decimal.Parse(l[(l.IndexOf('$', StringComparison.Ordinal) + 1)..].Split(' ')[0], CultureInfo.InvariantCulture))];
        decimal[] rows = lines.Length > 2 ? costs[..^1] : costs;
        Assert.Equal(usd, rows.Sum());
        Assert.Equal(usd, costs[^1]);
        Assert.Equal(usd, Sum(Csv(await RunAsync(["usage", "--format", "focus"])), "BilledCost"));
    }

    [Fact]
    public async Task Shadows_are_compared_with_the_requests_that_they_copied_and_canaries_with_all_others()
    {
        UsageRecord main = UsageRecords.Record("req_1", 100, model: "fast") with { FirstByte = UsageRecords.Day + Duration.FromMilliseconds(200) };
        UsageRecord shadow = main with { Id = "req_1/shadow", Endpoint = "local", Model = "llama", Cost = new(10), Ended = UsageRecords.Day + Duration.FromSeconds(3), TokensEstimated = true };
        UsageRecord[] records =
        [
            main, shadow, main with { Id = "req_2" },
            main with { Id = "req_3", Subject = "new", Decision = "canary of new", Endpoint = "local", Outcome = "failed" }, main with { Id = "req_4", Subject = "new" }, main with { Id = "req_5", Subject = "new" },
            main with { Id = "req_6", Subject = "plain" },
        ];
        foreach (UsageRecord record in records) { _journal.Settle(record); }
        string[][] rows = Csv(await RunAsync(["usage", "--compare", "--format", "csv"]));
        Assert.Equal(
            ["fast,main,sim,fast,1,1,0,1000,200", "fast,shadow,local,llama,1,1,1,3000,200", "new,canary,local,fast,1,0,0,1000,200", "new,others,sim,fast,2,2,0,1000,200"],
            rows.Skip(1).Select(r => string.Join(',', r.Take(9))));
    }

    [Theory]
    [InlineData("by=tenant,tenant", "twice")]
    [InlineData("by=colour", "colour")]
    [InlineData("period=soon", "7d or 24h")]
    [InlineData("period=today&to=2026-11-01", "exclude")]
    [InlineData("from=2026-11-02&to=2026-11-01", "before")]
    [InlineData("from=1.11.2026", "2026-11-23")]
    [InlineData("kind=other", "request or job")]
    public async Task A_question_that_cannot_be_answered_says_what_is_wrong(string query, string words)
    {
        using var http = new HttpClient { BaseAddress = new(_app.Urls.First()) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", _token);
        using HttpResponseMessage answer = await http.GetAsync("/gigawatt/v1/usage?" + query, TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)answer.StatusCode);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenants_key_sees_its_own_records_only()
    {
        _journal.Settle(UsageRecords.Record("req_1", 5, tenant: "default"));
        _journal.Settle(UsageRecords.Record("req_2", 7, tenant: "other"));
        _token = _identities.CreateFirstKey()!.Secret;
        Assert.Equal(["req_1"], Csv(await RunAsync(["usage", "--records", "--format", "csv"])).Skip(1).Select(r => r[0]));
        CliRun refused = await CliAsync(["usage", "--compare", "--tenant", "other"]);
        Assert.Equal(1, refused.ExitCode);
    }

    private async Task<string> RunAsync(string[] args)
    {
        CliRun run = await CliAsync(args);
        Assert.True(run.ExitCode == 0, run.Error);
        return run.Output;
    }

    private Task<CliRun> CliAsync(string[] args) =>
        CliRun.OfAsync(args, new Dictionary<string, string> { ["GIGAWATT_SERVER"] = _app.Urls.First(), ["GIGAWATT_API_KEY"] = _token });

    private static decimal Sum(string[][] rows, string column)
    {
        int index = Array.IndexOf(rows[0], column);
        return rows.Skip(1).Sum(r => decimal.Parse(r[index], CultureInfo.InvariantCulture));
    }

    /// <summary>A reader of RFC 4180 of its own, so that the writer is held to it.</summary>
    private static string[][] Csv(string text)
    {
        List<string[]> rows = [];
        List<string> row = [];
        for (int i = 0; i < text.Length;)
        {
            string field = "";
            if (text[i] == '"')
            {
                for (i++; text[i] != '"' || (i + 1 < text.Length && text[i + 1] == '"'); i++)
                {
                    if (text[i] == '"') { i++; }
                    field += text[i];
                }

                i++;
            }
            else
            {
                int end = text.AsSpan(i).IndexOfAny(',', '\r') + i;
                field = text[i..end];
                i = end;
            }

            row.Add(field);
            if (text[i] == ',') { i++; continue; }
            Assert.Equal("\r\n", text.Substring(i, 2));
            i += 2;
            rows.Add([.. row]);
            row = [];
        }

        Assert.All(rows, r => Assert.Equal(rows[0].Length, r.Length));
        return [.. rows];
    }

    private sealed class Noon : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => CliRun.Now;
    }
}
