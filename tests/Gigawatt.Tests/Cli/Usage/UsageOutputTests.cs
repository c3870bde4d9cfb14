using Gigawatt.Cli.Commands.Usage;
using Gigawatt.Tests.Support;
using Gigawatt.Wire.Control;

namespace Gigawatt.Tests.Cli.Usage;

/// <summary>What <c>gw usage</c> asks and prints.</summary>
public sealed class UsageOutputTests
{
    private static readonly UsageTotals Calls = Samples.Little with { InputTokens = 9, CacheWriteTokens = 4, ReasoningTokens = 8, WebSearches = 1, Estimated = 1 };

    private static readonly UsageReport ByModel = new(
        ["tenant", "model"], null, null,
        [new(["research", "claude-sonnet-4-5"], Samples.Totals), new(["=HYPERLINK(\"x\"),\"y\"", ""], Calls)],
        Samples.Totals with { Requests = 1_205, Usd = 12.345999m, Estimated = 1 });

    [Fact]
    public async Task Usage_has_a_row_for_each_group_and_one_for_all_and_its_costs_add_up()
    {
        await using StubServer server = await StubServer.SayingAsync(ByModel, ControlJson.Default.UsageReport);
        CliRun run = await CliRun.AtAsync(server, "usage", "--by", "tenant,model", "--from", "2026-11-01", "--to", "2026-11-30", "--tenant", "a b", "--status", "ok");
        ExpectedText.Matches("usage", run.Output);
        Assert.Equal("GET /gigawatt/v1/usage?by=tenant%2Cmodel&tenant=a%20b&status=ok&from=2026-11-01&to=2026-11-30", server.Requests[0].Line);
    }

    [Fact]
    public async Task Csv_is_exact_and_has_no_total_and_no_formulas()
    {
        await using StubServer server = await StubServer.SayingAsync(ByModel, ControlJson.Default.UsageReport);
        ExpectedText.Matches("usage csv", (await CliRun.AtAsync(server, "usage", "--by", "tenant,model", "--format", "csv")).Output);
    }

    [Fact]
    public async Task Json_is_the_same_by_either_option()
    {
        await using StubServer server = await StubServer.SayingAsync(ByModel, ControlJson.Default.UsageReport);
        CliRun run = await CliRun.AtAsync(server, "usage", "--json");
        ExpectedText.Matches("usage json", run.Output);
        Assert.Equal(run.Output, (await CliRun.AtAsync(server, "usage", "--format", "json")).Output);
    }

    [Fact]
    public async Task Focus_has_every_mandatory_column()
    {
        var report = new UsageReport(UsageFocus.GroupBy.Split(','), null, null,
        [
            new(["2026-11-23", "research", "alpha", "key_1", "claude-sonnet-4-5", "anthropic", "request"], Calls),
            new(["2026-12-31", "research", "", "", "train", "rack-1-n7", "job"], Samples.Totals),
        ], Samples.Totals);
        await using StubServer server = await StubServer.SayingAsync(report, ControlJson.Default.UsageReport);
        CliRun run = await CliRun.AtAsync(server, "usage", "--format", "focus", "--period", "last-month");
        ExpectedText.Matches("usage focus", run.Output);
        Assert.Equal("GET /gigawatt/v1/usage?by=day%2Ctenant%2Cproject%2Ckey%2Cmodel%2Cprovider%2Ckind&period=last-month", server.Requests[0].Line);
        // Those that https://focus.finops.org/focus-specification/v1-2/ marks as mandatory.
        string[] mandatory =
        [
            "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
            "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost", "PricingQuantity",
            "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
        ];
        string[] header = run.Output.Split("\r\n")[0].Split(',');
        Assert.Empty(mandatory.Except(header));
        string reference = File.ReadAllText(Path.Combine(Repository.Root, "docs/reference/usage.md"));
        Assert.All(header, column => Assert.Contains($"`{column}`", reference, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Records_come_newest_first_page_by_page_and_estimates_are_marked()
    {
        UsageRecordView record = new()
        {
            Id = "req_1", Kind = "request", Tenant = "research", Project = "", Key = "key_1", Asked = "fast", Model = "claude-haiku-4-5", Endpoint = "anthropic", Format = "openai", Decision = "only target of fast",
            Outcome = "ok", Started = CliRun.Now, Milliseconds = 1_500, FirstByteMilliseconds = 250, Attempts = 1, Estimated = false, Totals = Samples.Little,
        };
        var first = new UsageRecordPage([record, record with { Id = "req_2", Outcome = "aborted", Estimated = true, FirstByteMilliseconds = null }], 17);
        await using StubServer server = await StubServer.StartAsync((http, before) => StubServer.SayAsync(http, before == 0 ? first : new([record with { Id = "req_3" }], 5), ControlJson.Default.UsageRecordPage));
        CliRun run = await CliRun.AtAsync(server, "usage", "--records", "--limit", "3", "--provider", "anthropic");
        ExpectedText.Matches("usage records", run.Output);
        Assert.Equal("GET /gigawatt/v1/usage/records?provider=anthropic&limit=3", server.Requests[0].Line);
        Assert.Equal("GET /gigawatt/v1/usage/records?provider=anthropic&limit=1&before=17", server.Requests[1].Line);
    }

    [Fact]
    public async Task A_shadow_stands_beside_what_answers()
    {
        ComparedTarget main = new()
        {
            Asked = "fast", Role = "main", Endpoint = "anthropic", Model = "claude-haiku-4-5", Calls = 200, Ok = 199, Estimated = 0, Milliseconds = 1_200, FirstByteMilliseconds = 210,
            InputTokens = 812.5, OutputTokens = 120, Usd = 0.2825m, Joules = 8_100m,
        };
        var comparison = new UsageComparison([main, main with { Role = "shadow", Endpoint = "local", Model = "llama", Ok = 200, FirstByteMilliseconds = null, Usd = 0.0283m }]);
        await using StubServer server = await StubServer.SayingAsync(comparison, ControlJson.Default.UsageComparison);
        ExpectedText.Matches("usage compare", (await CliRun.AtAsync(server, "usage", "--compare", "--period", "7d")).Output);
        Assert.Equal("GET /gigawatt/v1/usage/comparison?period=7d", server.Requests[0].Line);
    }

    [Theory]
    [InlineData("--records", "--compare")]
    [InlineData("--by", "day", "--records")]
    [InlineData("--by", "day", "--format", "focus")]
    [InlineData("--json", "--format", "csv")]
    [InlineData("--limit", "3")]
    [InlineData("--period", "today", "--from", "2026-11-01")]
    [InlineData("--by", "tenant,nonsense")]
    [InlineData("--from", "yesterday")]
    [InlineData("--format", "xml")]
    public async Task What_contradicts_itself_is_wrong_usage(params string[] args)
    {
        await using StubServer server = await StubServer.SayingAsync(ByModel, ControlJson.Default.UsageReport);
        CliRun run = await CliRun.AtAsync(server, ["usage", .. args]);
        Assert.Equal(2, run.ExitCode);
        Assert.NotEmpty(run.Error);
        Assert.Empty(server.Requests);
    }
}
