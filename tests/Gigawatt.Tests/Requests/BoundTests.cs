using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Gigawatt.Metering;
using Gigawatt.Tenants;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Wire;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>What is reserved for a request, and what happens where a provider bills more.</summary>
public sealed partial class BoundTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Searches_that_a_provider_may_make_are_reserved_with_what_they_find()
    {
        await using var upstream = ScriptedUpstream.Start();
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        SetBudget(gateway, new Usd(1));
        decimal none = await AskedAsync(gateway, "");
        // A cent for each, and at $3.75 for a million the tokens that they bring.
        decimal each = 0.01m + RequestMeter.TokensPerWebSearch * 3.75m / 1_000_000;
        Assert.InRange(await AskedAsync(gateway, """{"type":"web_search_20250305","name":"web_search","max_uses":3}""") - none, 3 * each, 3 * each + 0.01m);
        Assert.InRange(await AskedAsync(gateway, """{"type":"web_search_20250305","name":"web_search"}""") - none, 10 * each, 10 * each + 0.01m);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task What_a_provider_bills_within_its_means_never_exceeds_the_bound()
    {
        // Everything at the most: the whole prompt written to a cache for an hour, every search made, the answer as long as allowed.
        string body = """{"model":"claude-x","max_tokens":100,"tools":[{"type":"web_search_20250305","name":"web_search","max_uses":2}],"messages":[{"role":"user","content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral","ttl":"1h"}}]}]}""";
        long prompt = body.Length + RequestReader.ToolPromptTokens + 2 * RequestMeter.TokensPerWebSearch;
        string answer = $$$"""{"id":"m","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":"max_tokens","usage":{"input_tokens":0,"cache_creation_input_tokens":{{{prompt}}},"cache_creation":{"ephemeral_1h_input_tokens":{{{prompt}}} },"output_tokens":100,"server_tool_use":{"web_search_requests":2} } }""";
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, answer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        long bound = (long)Math.Ceiling(prompt * 3.75m) + 100 * 15 + 20_000;
        SetBudget(gateway, new Usd(bound - 1));
        using (HttpResponseMessage refused = await gateway.PostAsync("/v1/messages", body)) { Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode); }
        SetBudget(gateway, new Usd(bound));
        using (HttpResponseMessage answered = await gateway.PostAsync("/v1/messages", body)) { Assert.Equal(HttpStatusCode.OK, answered.StatusCode); }
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal((bound, prompt, 2), (record.Cost.Micros, record.Tokens.CacheWriteHour, record.Tokens.WebSearches));
        Assert.Equal(bound, gateway.Committed);
    }

    [Fact]
    public async Task What_a_provider_bills_beyond_the_bound_is_charged_whole_and_closes_the_account()
    {
        const string Dear = """{"id":"m","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":1000000}}""";
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, Dear)), UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        SetBudget(gateway, new Usd(1_000_000));
        using (HttpResponseMessage answered = await gateway.PostAsync("/v1/messages", MessagesBody)) { Assert.Equal(HttpStatusCode.OK, answered.StatusCode); }
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal(15_000_030, record.Cost.Micros);
        Assert.Equal(15_000_030, gateway.Committed);
        using HttpResponseMessage refused = await gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Contains("is $1 in total; $15.00003 of it is spent or reserved", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        // A higher budget opens it again.
        SetBudget(gateway, new Usd(20_000_000));
        using HttpResponseMessage again = await gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    /// <summary>Else another request could reserve what is given back, and after a crash both bounds would stand in the journal.</summary>
    [Fact]
    public async Task A_settlement_that_cannot_be_noted_gives_nothing_back()
    {
        var slow = UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer));
        await using var upstream = ScriptedUpstream.Start(slow);
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        Task<HttpResponseMessage> sent = gateway.PostAsync("/v1/messages", MessagesBody);
        await upstream.NextRequestAsync(Token);
        long bound = gateway.Committed;
        // The journal is filled to its brim, and cannot go on in another file.
        Directory.Delete(Path.Combine(gateway.Folder, "usage"), recursive: true);
        UsageRecord filler = Ledger.UsageRecords.Record("", tenant: "filler", model: "") with { Endpoint = "", Format = "", Key = "", Outcome = "" };
        void Fill(UsageRecord with)
        {
            for (int i = 0; i < 1_000_000; i++) { gateway.Journal.Reserve(with with { Id = with.Decision.Length + "/" + i }); }
        }

        Assert.Throws<IOException>(() => Fill(filler with { Decision = new string('x', 60_000) }));
        Assert.Throws<IOException>(() => Fill(filler));
        slow.Release();
        using HttpResponseMessage answer = await sent;
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(bound, gateway.Committed);
    }

    private static void SetBudget(Gateway gateway, Usd amount) =>
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(amount, BudgetPeriod.Total)] });

    // How much a refusal says that the request can take.
    private static async Task<decimal> AskedAsync(Gateway gateway, string tools)
    {
        using HttpResponseMessage refused = await gateway.PostAsync(
            "/v1/messages", $$$"""{"model":"claude-x","max_tokens":10,"tools":[{{{tools}}}],"messages":[{"role":"user","content":"hi"}]}""");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        return decimal.Parse(Amount().Match(await refused.Content.ReadAsStringAsync(Token)).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"can take up to \$([0-9.]+)\.")]
    private static partial Regex Amount();
}
