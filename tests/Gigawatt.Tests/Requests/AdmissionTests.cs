using System.Net;
using System.Text.Json;
using Gigawatt.Metering;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Requests;
using Gigawatt.Tenants;
using Gigawatt.Tests.EndToEnd;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Workloads;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>Keys, limits and the gate, seen from a client.</summary>
public sealed class AdmissionTests
{
    private const string CountlessBody = """{"model":"sim-small","max_tokens":10,"messages":[{"role":"user","content":"hi"}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_over_a_limit_is_told_when_to_come_back_in_anthropics_words()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Limits = [new(RateKind.Requests, 2), new(RateKind.InputTokens, 1_000_000), new(RateKind.OutputTokens, 500)] });
        using HttpResponseMessage first = await gateway.PostAsync("/v1/messages", CountlessBody);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(("2", "1"), (Header(first, "anthropic-ratelimit-requests-limit"), Header(first, "anthropic-ratelimit-requests-remaining")));
        Assert.Equal(("500", "490"), (Header(first, "anthropic-ratelimit-output-tokens-limit"), Header(first, "anthropic-ratelimit-output-tokens-remaining")));
        Assert.Equal("1000000", Header(first, "anthropic-ratelimit-input-tokens-limit"));
        Assert.Equal("500", Header(first, "anthropic-ratelimit-tokens-limit"));
        Assert.Matches(@"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$", Header(first, "anthropic-ratelimit-requests-reset"));
        (await gateway.PostAsync("/v1/messages", CountlessBody)).Dispose();
        using HttpResponseMessage refused = await gateway.PostAsync("/v1/messages", CountlessBody);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(int.Parse(Header(refused, "retry-after"), System.Globalization.CultureInfo.InvariantCulture), 1, 30);
        Assert.InRange(int.Parse(Header(refused, "retry-after-ms"), System.Globalization.CultureInfo.InvariantCulture), 1, 30_000);
        Assert.Equal("0", Header(refused, "anthropic-ratelimit-requests-remaining"));
        Assert.Equal("", Header(refused, "x-should-retry"));
        string body = await refused.Content.ReadAsStringAsync(Token);
        Assert.Contains("\"rate_limit_error\"", body, StringComparison.Ordinal);
        Assert.Contains("The limit of tenant Default is 2 requests per minute", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Openais_clients_see_their_own_headers_and_a_limit_of_a_model_is_for_that_model()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Limits = [new(RateKind.Requests, 1, "gpt-*"), new(RateKind.Tokens, 10_000, "sim-*")] });
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage answer = await gateway.PostAsync("/v1/chat/completions", CountlessBody);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(("10000", ""), (Header(answer, "x-ratelimit-limit-tokens"), Header(answer, "x-ratelimit-limit-requests")));
            Assert.Matches(@"^(\d+ms|\d+(\.\d+)?s)$", Header(answer, "x-ratelimit-reset-tokens"));
        }
    }

    [Fact]
    public async Task What_a_provider_says_of_its_limits_passes_unless_the_caller_has_limits_here()
    {
        byte[] answer = RawHttp.Answer(200,
            "Content-Type: application/json\r\nanthropic-ratelimit-requests-limit: 4000\r\nanthropic-ratelimit-tokens-remaining: 7\r\n", Utf8(MessagesAnswer));
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(answer), UpstreamScript.Send(answer));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage passed = await gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(("4000", "7"), (Header(passed, "anthropic-ratelimit-requests-limit"), Header(passed, "anthropic-ratelimit-tokens-remaining")));
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Limits = [new(RateKind.Requests, 60)] });
        using HttpResponseMessage own = await gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(("60", ""), (Header(own, "anthropic-ratelimit-requests-limit"), Header(own, "anthropic-ratelimit-tokens-remaining")));
    }

    [Fact]
    public async Task A_key_is_kept_to_its_paths_and_addresses_through_proxies_that_are_trusted_only()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        NewKey kept = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", Name = "k", Networks = [IPNetwork.Parse("192.0.2.0/24")], Routes = ["/v1/messages*"] });
        async Task<HttpStatusCode> From(string? forwardedFor, string path = "/v1/messages")
        {
            (string, string)[] headers = forwardedFor is null ? [("x-api-key", kept.Secret)] : [("x-api-key", kept.Secret), ("x-forwarded-for", forwardedFor)];
            using HttpResponseMessage answer = await gateway.PostAsync(path, CountlessBody, headers);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.Forbidden, await From(null));
        // Anybody can write a header.
        Assert.Equal(HttpStatusCode.Forbidden, await From("192.0.2.7"));
        gateway.Identities.TrustedProxies = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8")];
        Assert.Equal(HttpStatusCode.OK, await From("192.0.2.7"));
        Assert.Equal(HttpStatusCode.OK, await From("6.6.6.6, 192.0.2.7:4711, 10.1.1.1"));
        Assert.Equal(HttpStatusCode.Forbidden, await From("192.0.2.7, 6.6.6.6"));
        Assert.Equal(HttpStatusCode.Forbidden, await From("192.0.2.7, nonsense"));
        Assert.Equal(HttpStatusCode.Forbidden, await From("192.0.2.7", "/v1/chat/completions"));
    }

    [Theory]
    [InlineData("2001:db8::7", "", "2001:db8::7")]
    [InlineData("::ffff:192.0.2.7", "", "::ffff:192.0.2.7")]
    [InlineData("2001:db8::7", "192.0.2.9", "2001:db8::7")] // who calls is no proxy, and may have written anything
    [InlineData("fd00::1", "2001:db8::7", "2001:db8::7")]
    [InlineData("fd00::1", "6.6.6.6, [2001:db8::7]:4711, fd00::2", "2001:db8::7")]
    [InlineData("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7")]
    [InlineData("fd00::1", "", "fd00::1")]
    [InlineData("fd00::1", "2001:db8::7, nobody", null)]
    public void A_client_behind_trusted_proxies_is_the_nearest_address_that_is_none(string connection, string forwarded, string? client)
    {
        IPNetwork[] trusted = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")];
        Microsoft.Extensions.Primitives.StringValues header = forwarded.Length == 0 ? default : forwarded;
        Assert.Equal(client, ClientAddress.Of(IPAddress.Parse(connection), header, trusted)?.ToString());
    }

    [Theory]
    [InlineData("2001:db8::/32", "2001:db8:1::5", true)]
    [InlineData("2001:db8::/32", "2001:db9::5", false)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.200", true)]
    [InlineData("192.0.2.0/24", "192.0.3.1", false)]
    [InlineData("192.0.2.0/24", null, false)]
    public void A_range_holds_addresses_of_its_family_however_they_are_written(string range, string? address, bool inside) =>
        Assert.Equal(inside, Gigawatt.Admission.RequestAdmission.IsIn([IPNetwork.Parse(range)], address is null ? null : IPAddress.Parse(address)));

    [Fact]
    public async Task Over_budget_is_told_whose_how_much_and_until_when()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        gateway.Identities.Save(new Project { TenantId = "default", Id = "bot", Name = "bot", Budgets = [new(BudgetUnit.Joules, 5_000, BudgetPeriod.Month, "sim-*")] });
        NewKey key = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", ProjectId = "bot", Name = "k" });
        using HttpResponseMessage refused = await gateway.PostAsync("/v1/messages", CountlessBody, ("x-api-key", key.Secret));
        Assert.Equal((HttpStatusCode.TooManyRequests, "false"), (refused.StatusCode, Header(refused, "x-should-retry")));
        string body = await refused.Content.ReadAsStringAsync(Token);
        Assert.Contains("enforced_spend_limit_reached", body, StringComparison.Ordinal);
        Assert.Contains("The budget of project bot is 5J per month for sim-*; 0J of it is spent or reserved, and this request can take up to ", body, StringComparison.Ordinal);
        Assert.Matches(@"It starts afresh at 20\d\d-\d\d-01T00:00:00Z", body);
        Assert.Equal("bot", (await RecordOfProjectAsync(gateway)).Project);
    }

    [Fact]
    public async Task At_the_servers_limit_requests_wait_by_class_and_production_has_places_of_its_own()
    {
        var time = TimeProvider.System;
        var gate = new AdmissionGate(concurrent: 2, reserved: 1, queue: 2, TimeSpan.FromSeconds(60), time);
        var slow = UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer));
        await using var upstream = ScriptedUpstream.Start(slow);
        for (int i = 0; i < 10; i++) { upstream.Add(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer))); }
        await using Gateway gateway = await Gateway.StartAsync(gate, Gateway.Anthropic(upstream.Url));
        NewKey Key(Priority priority) => gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", Name = "k", Priority = priority });
        NewKey live = Key(Priority.Production), spot = Key(Priority.Spot), standard = Key(Priority.Standard);
        Task<HttpResponseMessage> Send(NewKey key) => gateway.PostAsync("/v1/messages", MessagesBody, ("x-api-key", key.Secret));

        Task<HttpResponseMessage> first = Send(standard);
        await upstream.NextRequestAsync(Token);
        Task<HttpResponseMessage> waiting1 = Send(spot);
        await Eventually.IsTrueAsync(() => gate.Waiting == 1, "the first to wait");
        Task<HttpResponseMessage> waiting2 = Send(spot);
        await Eventually.IsTrueAsync(() => gate.Waiting == 2, "the second to wait");

        // Production has its place although others wait.
        using (HttpResponseMessage served = await Send(live)) { Assert.Equal(HttpStatusCode.OK, served.StatusCode); }
        // No room for another of the least urgent; one that is more urgent takes its place.
        using (HttpResponseMessage shed = await Send(spot))
        {
            Assert.Equal(529, (int)shed.StatusCode);
            Assert.NotEmpty(Header(shed, "retry-after"));
            Assert.Contains("overloaded_error", await shed.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        Task<HttpResponseMessage> urgent = Send(standard);
        using (HttpResponseMessage gaveWay = await waiting2) { Assert.Equal(529, (int)gaveWay.StatusCode); }
        slow.Release();
        foreach (Task<HttpResponseMessage> sent in new[] { first, urgent, waiting1 })
        {
            using HttpResponseMessage answer = await sent;
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await Eventually.IsTrueAsync(() => gate is { Running: 0, Waiting: 0 }, "the gate to be empty");
        Assert.Equal(4 * 513, gateway.Committed);
    }

    [Fact]
    public async Task Under_overload_production_is_served_and_the_rest_is_shed_with_a_time_to_come_back()
    {
        var gate = new AdmissionGate(concurrent: 6, reserved: 2, queue: 12, TimeSpan.FromSeconds(60), TimeProvider.System);
        await using Gateway gateway = await Gateway.StartAsync(gate, Gateway.Simulation());
        NewKey Key(Priority priority) => gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", Name = "k", Priority = priority });
        NewKey live = Key(Priority.Production), spot = Key(Priority.Spot);
        int served = 0, shed = 0, others = 0;
        using var production = new CancellationTokenSource();
        async Task FloodAsync()
        {
            while (!production.IsCancellationRequested)
            {
                using HttpResponseMessage answer = await gateway.PostAsync("/v1/messages", CountlessBody, ("x-api-key", spot.Secret));
                if (answer.StatusCode == HttpStatusCode.OK) { Interlocked.Increment(ref others); }
                else
                {
                    Assert.Equal((529, "5"), ((int)answer.StatusCode, Header(answer, "retry-after")));
                    Interlocked.Increment(ref shed);
                }
            }
        }

        Task[] flood = [.. Enumerable.Range(0, 48).Select(_ => FloodAsync())];
        await Eventually.IsTrueAsync(() => Volatile.Read(ref shed) > 0, "the flood to be too much");
        await Parallel.ForAsync(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Token }, async (_, token) =>
        {
            for (int i = 0; i < 8; i++)
            {
                using HttpResponseMessage answer = await gateway.PostAsync("/v1/messages", CountlessBody, ("x-api-key", live.Secret));
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                Interlocked.Increment(ref served);
            }
        });
        await production.CancelAsync();
        await Task.WhenAll(flood);
        Assert.Equal(48, served);
        Assert.True(others > 0, "The rest was starved.");
        await Eventually.IsTrueAsync(() => gate is { Running: 0, Waiting: 0 }, "the gate to be empty");
    }

    [Theory]
    [InlineData("/v1/messages", RateKind.Requests, "1 requests per minute")]
    [InlineData("/v1/messages", RateKind.InputTokens, "1 input tokens per minute")]
    [InlineData("/v1/messages", RateKind.OutputTokens, "1 output tokens per minute")]
    [InlineData("/v1/messages", RateKind.Tokens, "1 tokens per minute")]
    [InlineData("/v1/chat/completions", RateKind.Requests, "1 requests per minute")]
    [InlineData("/v1/chat/completions", RateKind.OutputTokens, "1 output tokens per minute")]
    public async Task Each_limit_refuses_in_the_callers_words(string path, RateKind kind, string words)
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Limits = [new(kind, 1)] });
        using (HttpResponseMessage first = await gateway.PostAsync(path, CountlessBody)) { Assert.Equal(HttpStatusCode.OK, first.StatusCode); }
        using HttpResponseMessage refused = await gateway.PostAsync(path, CountlessBody);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotEmpty(Header(refused, "retry-after"));
        using JsonDocument body = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Token));
        JsonElement error = body.RootElement.GetProperty("error");
        Assert.Contains($"The limit of tenant Default is {words}", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        if (path == "/v1/messages") { Assert.Equal(("error", "rate_limit_error"), (body.RootElement.GetProperty("type").GetString(), error.GetProperty("type").GetString())); }
        else { Assert.Equal("rate_limit_exceeded", error.GetProperty("code").GetString()); }
    }

    [Fact]
    public async Task A_limit_of_requests_at_once_lets_the_next_in_when_one_ends()
    {
        var slow = UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer));
        await using var upstream = ScriptedUpstream.Start(slow, UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Limits = [new(RateKind.Concurrent, 1)] });
        Task<HttpResponseMessage> first = gateway.PostAsync("/v1/messages", MessagesBody);
        await upstream.NextRequestAsync(Token);
        using (HttpResponseMessage refused = await gateway.PostAsync("/v1/messages", MessagesBody))
        {
            Assert.Equal((HttpStatusCode.TooManyRequests, "1"), (refused.StatusCode, Header(refused, "retry-after")));
            Assert.Contains("The limit of tenant Default is 1 concurrent, and as many requests are under way.", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        slow.Release();
        (await first).Dispose();
        await Until.TrueAsync(async () =>
        {
            using HttpResponseMessage next = await gateway.PostAsync("/v1/messages", MessagesBody);
            return next.StatusCode == HttpStatusCode.OK;
        }, "the next to be let in");
    }

    [Theory]
    [InlineData("/v1/messages", "billing_error", "")]
    [InlineData("/v1/chat/completions", "insufficient_quota", "insufficient_quota")]
    [InlineData("/v1/responses", "insufficient_quota", "insufficient_quota")]
    [InlineData("/openai/deployments/sim-small/chat/completions?api-version=2024-10-21", "insufficient_quota", "insufficient_quota")]
    public async Task Over_budget_is_told_in_each_services_words(string path, string type, string code)
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(new Usd(5), BudgetPeriod.Day)] });
        string sent = path.EndsWith("responses", StringComparison.Ordinal) ? """{"model":"sim-small","max_output_tokens":16,"input":"hi"}""" : CountlessBody;
        using HttpResponseMessage refused = await gateway.PostAsync(path, sent);
        Assert.Equal((HttpStatusCode.TooManyRequests, "false"), (refused.StatusCode, Header(refused, "x-should-retry")));
        Assert.InRange(int.Parse(Header(refused, "retry-after"), System.Globalization.CultureInfo.InvariantCulture), 1, 86_400);
        string text = await refused.Content.ReadAsStringAsync(Token);
        using JsonDocument body = JsonDocument.Parse(text);
        JsonElement error = body.RootElement.GetProperty("error");
        string Of(string name) => error.TryGetProperty(name, out JsonElement value) ? value.GetString()! : "";
        Assert.Equal((type, code), (Of("type"), Of("code")));
        Assert.Matches(@"The budget of tenant Default is \$0.000005 per day; \$0 of it is spent or reserved, and this request can take up to \$0\.[0-9]+\. It starts afresh at 20\d\d-\d\d-\d\dT00:00:00Z\.", Of("message"));
    }

    [Fact]
    public async Task Who_waits_too_long_or_leaves_gives_everything_back()
    {
        var gate = new AdmissionGate(concurrent: 1, reserved: 0, queue: 10, TimeSpan.FromMilliseconds(50), TimeProvider.System);
        var slow = UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer));
        await using var upstream = ScriptedUpstream.Start(slow);
        await using Gateway gateway = await Gateway.StartAsync(gate, Gateway.Anthropic(upstream.Url));
        Task<HttpResponseMessage> first = gateway.PostAsync("/v1/messages", MessagesBody);
        await upstream.NextRequestAsync(Token);
        long held = gateway.Committed;
        using (HttpResponseMessage late = await gateway.PostAsync("/v1/messages", MessagesBody)) { Assert.Equal(529, (int)late.StatusCode); }
        Assert.Equal((held, 1, 0), (gateway.Committed, gate.Running, gate.Waiting));
        slow.Release();
        (await first).Dispose();
        await Eventually.IsTrueAsync(() => gate.Running == 0 && gateway.Committed == 513, "the first to end");
    }

    private static async Task<UsageRecord> RecordOfProjectAsync(Gateway gateway)
    {
        gateway.Identities.Save(new Project { TenantId = "default", Id = "bot", Name = "bot" });
        NewKey key = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", ProjectId = "bot", Name = "k" });
        (await gateway.PostAsync("/v1/messages", CountlessBody, ("x-api-key", key.Secret))).Dispose();
        return (await gateway.RecordsAsync(1)).Single();
    }
}
