using System.Net;
using System.Text;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Placement.Routing.Health;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>What happens when a target of a route fails, over real sockets.</summary>
public sealed class FailoverTests : IAsyncLifetime
{
    private const string Two = """
        routes:
          - model: claude-x
            targets:
              - { provider: first, region: us }
              - { provider: second, model: dear-x, region: eu }
        """;

    private const string Shadowed = "routes: [{ model: claude-x, targets: [{ provider: first }, { provider: second, model: dear-x, shadow: 100% }] }]";

    private readonly ScriptedUpstream _first = ScriptedUpstream.Start();
    private readonly ScriptedUpstream _second = ScriptedUpstream.Start();
    private Gateway _gateway = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null) { await _gateway.DisposeAsync(); }
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    public static TheoryData<string, bool> Failures
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (string how in new[] { "408", "409", "429", "500", "503", "529", "400 retry", "event", "event crlf", "close", "reset", "empty" })
            {
                data.Add(how, false);
                if (how is not "event" and not "event crlf") { data.Add(how, true); }
            }

            data.Add("event", true);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_before_the_first_byte_goes_on_to_the_next_target_and_only_that_is_charged(string how, bool stream)
    {
        await StartAsync(Two);
        _first.Add(Failing(how));
        _second.Add(Answering(stream));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", stream ? StreamBody : MessagesBody);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(stream ? string.Concat(MessagesEvents) : MessagesAnswer, await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("second", Header(response, "x-gigawatt-endpoint"));
        Assert.Equal("first by order of 2 targets of claude-x; attempt 2, first failed before", Header(response, "x-gigawatt-reason"));
        UsageRecord record = Assert.Single(await _gateway.RecordsAsync(1));
        Assert.Equal(("ok", 2, "second", "dear-x", "claude-x"), (record.Outcome, record.Attempts, record.Endpoint, record.Model, record.Subject));
        Assert.Equal(stream ? new TokenUsage(25, 0, 0, 50) : new TokenUsage(20, 10, 0, 30), record.Tokens);
        Assert.Equal(RequestMeter.Cost(Gateway.Dear, record.Tokens), record.Cost);
        Assert.Equal(Header(response, "x-gigawatt-reason"), record.Decision);
        Assert.NotNull(record.FirstByte);
        Assert.Equal(record.Cost.Micros, _gateway.Committed);
    }

    /// <summary>The second target calls the model otherwise: of the client's bytes, only that name changes.</summary>
    [Fact]
    public async Task Each_target_gets_the_clients_bytes_with_its_own_name_for_the_model()
    {
        await StartAsync(Two);
        _first.Add(Failing("529"));
        _second.Add(Answering(stream: false));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages?beta=true", MessagesBody, ("anthropic-beta", "tomorrow-2027"));
        Assert.Equal(MessagesBody, Encoding.UTF8.GetString(_first.Requests[0].Body));
        Assert.Equal(MessagesBody.Replace("\"claude-x\"", "\"dear-x\"", StringComparison.Ordinal), Encoding.UTF8.GetString(_second.Requests[0].Body));
        Assert.Equal("POST /v1/messages?beta=true HTTP/1.1", _second.Requests[0].RequestLine);
        Assert.Equal("tomorrow-2027", _second.Requests[0].Header("anthropic-beta"));
    }

    [Fact]
    public async Task The_dearest_target_is_reserved()
    {
        await StartAsync(Two);
        var gated = UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer));
        _first.Add(gated);
        Task<HttpResponseMessage> sent = _gateway.PostAsync("/v1/messages", MessagesBody);
        await _first.NextRequestAsync(Token);
        long dear = RequestMeter.Cost(Gateway.Dear, RequestMeter.Bound(Gateway.Dear, Utf8(MessagesBody).Length, 100)).Micros;
        Assert.Equal(dear, _gateway.Committed);
        gated.Release();
        (await sent).Dispose();
    }

    [Theory]
    [InlineData(400, "")]
    [InlineData(404, "")]
    [InlineData(413, "")]
    [InlineData(500, "x-should-retry: false\r\n")]
    public async Task What_trying_again_cannot_help_is_told_at_once_in_the_providers_words(int status, string headers)
    {
        await StartAsync(Two);
        const string Body = "{ \"any\" :  \"words\" }";
        _first.Add(UpstreamScript.Send(RawHttp.Answer(status, $"Content-Type: application/json\r\n{headers}", Utf8(Body))));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", StreamBody);
        Assert.Equal((status, Body), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token)));
        Assert.Empty(_second.Requests);
        UsageRecord record = Assert.Single(await _gateway.RecordsAsync(1));
        Assert.Equal(("failed", 1, "first", Usd.Zero), (record.Outcome, record.Attempts, record.Endpoint, record.Cost));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_target_that_refuses_this_servers_credentials_is_passed_over_without_a_retry(int status)
    {
        await StartAsync(Two + "\n    retries: 0");
        const string Words = """{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key sk-ups..."}}""";
        _first.Add(UpstreamScript.Send(RawHttp.Json(status, Words)));
        _second.Add(Answering(stream: true));
        using (HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", StreamBody))
        {
            Assert.Equal((HttpStatusCode.OK, "second"), (response.StatusCode, Header(response, "x-gigawatt-endpoint")));
            Assert.Equal(string.Concat(MessagesEvents), await response.Content.ReadAsStringAsync(Token));
        }

        UsageRecord record = Assert.Single(await _gateway.RecordsAsync(1));
        Assert.Equal(("ok", 2, "second"), (record.Outcome, record.Attempts, record.Endpoint));
        // What is forbidden may be the request's fault; a key that is not accepted is everybody's.
        Assert.Equal(status == 401 ? BreakerState.Open : BreakerState.Closed, StateOf("first").Breaker.StateAt(Now));

        // When nobody else is left, the client is told in other words whose keys are meant.
        _second.Add(UpstreamScript.Send(RawHttp.Json(status, Words)));
        _first.Add(UpstreamScript.Send(RawHttp.Json(status, Words)));
        using HttpResponseMessage refused = await _gateway.PostAsync("/v1/messages", MessagesBody);
        string told = await refused.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.BadGateway, refused.StatusCode);
        Assert.Contains("does not accept the credentials of this server", told, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-ups", told, StringComparison.Ordinal);
        Assert.Equal((2, 2), (_first.Requests.Count, _second.Requests.Count));
        await Eventually.IsTrueAsync(() => _gateway.Committed == record.Cost.Micros, "the second to be given back");
    }

    [Fact]
    public async Task When_all_targets_fail_the_last_ones_words_are_told_and_the_targets_get_no_more_calls_than_the_route_allows()
    {
        await StartAsync("""
            routes:
              - model: claude-x
                targets: [{ provider: first }, { provider: second }]
                retries: 3
            """);
        for (int i = 0; i < 2; i++)
        {
            _first.Add(UpstreamScript.Send(RawHttp.Answer(529, "Content-Type: application/json\r\nretry-after-ms: 20\r\n", "{\"first\":1}"u8)));
            _second.Add(UpstreamScript.Send(RawHttp.Answer(503, "Content-Type: application/json\r\nretry-after-ms: 20\r\n", "{\"second\":1}"u8)));
        }

        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", StreamBody);
        Assert.Equal((503, "{\"second\":1}"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token)));
        Assert.Equal((2, 2), (_first.Requests.Count, _second.Requests.Count));
        Assert.Equal(4, Assert.Single(await _gateway.RecordsAsync(1)).Attempts);
    }

    [Theory]
    [InlineData("retry-after: 61", null)]
    [InlineData("retry-after: 5", "4")]
    [InlineData("retry-after-ms: 5000", "4.5")]
    public async Task Nobody_is_kept_waiting_for_a_retry_that_comes_too_late(string asks, string? patience)
    {
        await StartAsync("routes: [{ model: claude-x, targets: [{ provider: first }] }]");
        _first.Add(UpstreamScript.Send(RawHttp.Answer(429, $"Content-Type: application/json\r\n{asks}\r\n", "{}"u8)));
        using HttpResponseMessage response = patience is null
            ? await _gateway.PostAsync("/v1/messages", StreamBody)
            : await _gateway.PostAsync("/v1/messages", StreamBody, ("x-stainless-timeout", patience));
        Assert.Equal(429, (int)response.StatusCode);
        Assert.Single(_first.Requests);
    }

    [Fact]
    public async Task A_target_that_keeps_failing_is_left_alone_and_counts_of_tokens_do_not_count_against_it()
    {
        await StartAsync(Two);
        _second.Add(Answering(stream: false));
        _first.Add(UpstreamScript.Send(RawHttp.Json(404, "{}")));
        for (int i = 0; i < 10; i++) { (await _gateway.PostAsync("/v1/messages/count_tokens", """{"model":"claude-x","messages":[{"role":"user","content":"a"}]}""")).Dispose(); }
        Assert.Equal(BreakerState.Closed, StateOf("first").Breaker.StateAt(Now));

        _first.Add(Failing("500"));
        while (StateOf("first").Breaker.StateAt(Now) == BreakerState.Closed) { (await _gateway.PostAsync("/v1/messages", MessagesBody)).Dispose(); }
        int calls = _first.Requests.Count;
        Assert.Equal(10 + BreakerPolicy.Default.ConsecutiveFailures, calls);
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal("first by order of 2 targets of claude-x, passing over an unhealthy one", Header(response, "x-gigawatt-reason"));
        Assert.Equal(calls, _first.Requests.Count);
    }

    [Fact]
    public async Task A_silent_target_is_given_up_in_time_and_its_prompt_is_charged_with_the_answer()
    {
        await StartAsync(Two + "\n    attempt-timeout: 2s");
        _first.Add(UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer)));
        _second.Add(Answering(stream: false));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal("second", Header(response, "x-gigawatt-endpoint"));
        await _first.Requests[0].Closed.WaitAsync(TimeSpan.FromSeconds(30), Token);
        UsageRecord record = Assert.Single(await _gateway.RecordsAsync(1));
        TokenUsage prompt = new((Utf8(MessagesBody).Length + 3) / 4, 0, 0, 0), answer = new(20, 10, 0, 30);
        Assert.Equal((2, true, prompt + answer), (record.Attempts, record.TokensEstimated, record.Tokens));
        Assert.Equal(RequestMeter.Cost(Gateway.Model, prompt) + RequestMeter.Cost(Gateway.Dear, answer), record.Cost);
        Assert.Equal(record.Cost.Micros, _gateway.Committed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public async Task A_deadline_ends_what_is_silent_with_an_error_that_clients_can_read(int events)
    {
        await StartAsync("routes: [{ model: claude-x, deadline: 300ms, targets: [{ provider: first }] }]");
        var script = UpstreamScript.Gated(Stream(MessagesEvents));
        if (events > 0) { script.Release(1 + events); }
        _first.Add(script);
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", StreamBody);
        string body = await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(events == 0 ? 504 : 200, (int)response.StatusCode);
        Assert.StartsWith(string.Concat(MessagesEvents[..events]), body, StringComparison.Ordinal);
        Assert.Contains("timeout_error", body, StringComparison.Ordinal);
        await _first.Requests[0].Closed.WaitAsync(TimeSpan.FromSeconds(30), Token);
        UsageRecord record = Assert.Single(await _gateway.RecordsAsync(1));
        Assert.Equal(("failed", true), (record.Outcome, record.Cost > Usd.Zero));
    }

    /// <summary>Cut behind every event: what went to the client is never taken back, and nobody else goes on with it.</summary>
    [Fact]
    public async Task After_the_first_byte_there_is_no_second_attempt()
    {
        await StartAsync(Two);
        for (int kept = 1; kept < MessagesEvents.Length; kept++)
        {
            _first.Add(UpstreamScript.Send(Stream(MessagesEvents)[..(1 + kept)]).ThenClose());
            StateOf("first").Breaker.Succeeded(Now); // else it would be left alone after five
            using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", StreamBody);
            string body = await response.Content.ReadAsStringAsync(Token);
            Assert.StartsWith(string.Concat(MessagesEvents[..kept]), body, StringComparison.Ordinal);
            Assert.Contains("event: error\n", body, StringComparison.Ordinal);
        }

        Assert.Empty(_second.Requests);
        Assert.All(await _gateway.RecordsAsync(MessagesEvents.Length - 1), r => Assert.Equal((1, "first"), (r.Attempts, r.Endpoint)));
    }

    [Theory]
    [InlineData("first", "us", 200)]
    [InlineData("second", "eu", 200)]
    [InlineData("", "moon", 400)]
    public async Task A_request_goes_only_where_it_says_it_may(string endpoint, string region, int status)
    {
        await StartAsync(Two);
        _first.Add(Answering(stream: false));
        _second.Add(Answering(stream: false));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", MessagesBody, ("x-gigawatt-region", region));
        Assert.Equal((status, endpoint), ((int)response.StatusCode, Header(response, "x-gigawatt-endpoint")));
        await _gateway.RecordsAsync(status == 200 ? 1 : 0);
    }

    [Fact]
    public async Task A_route_is_listed_as_a_model_to_those_who_may_use_it()
    {
        await StartAsync("""
            routes:
              - { model: house-model, targets: [{ provider: first, model: claude-x }] }
              - { model: theirs, targets: [{ provider: first, model: claude-x, tenants: [others] }] }
              - { model: "any-*", targets: [{ provider: first, model: claude-x }] }
            """);
        using HttpResponseMessage one = await _gateway.Http.GetAsync("/v1/models/house-model", Token);
        Assert.Equal(HttpStatusCode.OK, one.StatusCode);
        string list = await _gateway.Http.GetStringAsync("/v1/models?limit=1000", Token);
        Assert.Contains("\"house-model\"", list, StringComparison.Ordinal);
        Assert.DoesNotContain("theirs", list, StringComparison.Ordinal);
        Assert.DoesNotContain("any-", list, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenants_data_stays_in_its_regions_even_when_that_means_to_refuse()
    {
        await StartAsync(Two + "\nresidency: {default: [eu]}");
        _second.Add(Failing("500"));
        using HttpResponseMessage failed = await _gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(500, (int)failed.StatusCode);
        using HttpResponseMessage unrouted = await _gateway.PostAsync("/v1/messages", MessagesBody.Replace("claude-x", "claude-y", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Forbidden, unrouted.StatusCode);
        Assert.Empty(_first.Requests);
    }

    [Fact]
    public async Task A_hedge_asks_a_second_target_and_both_are_in_one_record()
    {
        await StartAsync(Two + "\n    hedge-after: 150ms");
        _first.Add(UpstreamScript.Gated(Stream(MessagesEvents)));
        _second.Add(Answering(stream: true));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", StreamBody);
        Assert.Equal(string.Concat(MessagesEvents), await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("second", Header(response, "x-gigawatt-endpoint"));
        await _first.Requests[0].Closed.WaitAsync(TimeSpan.FromSeconds(30), Token);
        UsageRecord record = Assert.Single(await _gateway.RecordsAsync(1));
        TokenUsage prompt = new((Utf8(StreamBody).Length + 3) / 4, 0, 0, 0), answer = new(25, 0, 0, 50);
        Assert.Equal((2, "second", prompt + answer), (record.Attempts, record.Endpoint, record.Tokens));
        Assert.Equal(RequestMeter.Cost(Gateway.Model, prompt) + RequestMeter.Cost(Gateway.Dear, answer), record.Cost);
        Assert.Equal(record.Cost.Micros, _gateway.Committed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_hedge_waits_for_the_other_when_one_fails(bool firstFails)
    {
        await StartAsync(Two + "\n    hedge-after: 100ms");
        var slow = UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer));
        var failing = UpstreamScript.Gated(RawHttp.Json(500, "{}"));
        _first.Add(firstFails ? failing : slow);
        _second.Add(firstFails ? slow : failing);
        Task<HttpResponseMessage> sent = _gateway.PostAsync("/v1/messages", MessagesBody);
        await _second.NextRequestAsync(Token);
        failing.Release();
        await Eventually.IsTrueAsync(() => StateOf(firstFails ? "first" : "second").Breaker.WindowAt(Now).Failures == 1, "the failure to be noted");
        slow.Release();
        using HttpResponseMessage response = await sent;
        Assert.Equal((200, firstFails ? "second" : "first"), ((int)response.StatusCode, Header(response, "x-gigawatt-endpoint")));
        UsageRecord record = Assert.Single(await _gateway.RecordsAsync(1));
        Assert.Equal((2, new TokenUsage(20, 10, 0, 30)), (record.Attempts, record.Tokens));
    }

    [Fact]
    public async Task A_fast_first_target_is_not_hedged()
    {
        await StartAsync(Two + "\n    hedge-after: 20s");
        _first.Add(Answering(stream: false));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal("first", Header(response, "x-gigawatt-endpoint"));
        Assert.Empty(_second.Requests);
        Assert.Equal(1, Assert.Single(await _gateway.RecordsAsync(1)).Attempts);
    }

    [Fact]
    public async Task A_client_that_leaves_while_two_are_asked_stops_both_and_pays_for_both_prompts()
    {
        await StartAsync(Two + "\n    hedge-after: 50ms");
        _first.Add(UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer)));
        _second.Add(UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer)));
        using var leaving = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(MessagesBody, Encoding.UTF8, "application/json") };
        request.Headers.Add("anthropic-version", "2023-06-01");
        Task<HttpResponseMessage> sent = _gateway.Http.SendAsync(request, leaving.Token);
        await _second.NextRequestAsync(Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        await Task.WhenAll(_first.Requests[0].Closed, _second.Requests[0].Closed).WaitAsync(TimeSpan.FromSeconds(30), Token);
        UsageRecord record = Assert.Single(await _gateway.RecordsAsync(1));
        long prompt = (Utf8(MessagesBody).Length + 3) / 4;
        Assert.Equal(("aborted", 2, 2 * prompt), (record.Outcome, record.Attempts, record.Tokens.Input));
    }

    [Fact]
    public async Task Thinking_is_taken_out_for_a_model_of_another_family_and_a_header_says_so()
    {
        await StartAsync(Two);
        const string Body = """{"model":"claude-x","max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"}, {"type":"tool_use","id":"t","name":"n","input":{"type":"thinking"}} ,{"type":"redacted_thinking","data":"d"}]}]}""";
        const string Without = """{"model":"dear-x","max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"n","input":{"type":"thinking"}}]}]}""";
        _first.Add(Failing("529"));
        _second.Add(Answering(stream: false));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", Body);
        Assert.Equal(Body, Encoding.UTF8.GetString(_first.Requests[0].Body));
        Assert.Equal(Without, Encoding.UTF8.GetString(_second.Requests[0].Body));
        Assert.Equal("messages.content.thinking", Header(response, "x-gigawatt-not-carried"));

        // Where nothing would be left of a message, the request is not sent on.
        using HttpResponseMessage refused = await _gateway.PostAsync("/v1/messages", Body.Replace("tool_use", "thinking", StringComparison.Ordinal));
        Assert.Equal((529, 4), ((int)refused.StatusCode, _first.Requests.Count));
        Assert.Single(_second.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_copy_goes_to_the_shadow_and_is_metered_by_itself(bool stream)
    {
        await StartAsync(Shadowed);
        _first.Add(Answering(stream));
        _second.Add(Answering(stream));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", stream ? StreamBody : MessagesBody);
        Assert.Equal("first", Header(response, "x-gigawatt-endpoint"));
        await response.Content.ReadAsStringAsync(Token);
        await _second.NextRequestAsync(Token);
        IReadOnlyList<UsageRecord> records = await _gateway.RecordsAsync(2);
        UsageRecord copy = records.Single(r => r.Endpoint == "second"), answer = records.Single(r => r.Endpoint == "first");
        Assert.Equal((answer.Id + "/shadow", "ok", "dear-x", "shadow of claude-x, beside first", answer.Tokens), (copy.Id, copy.Outcome, copy.Model, copy.Decision, copy.Tokens));
        Assert.Equal(RequestMeter.Cost(Gateway.Dear, answer.Tokens), copy.Cost);
        Assert.NotNull(copy.FirstByte);
        Assert.Equal(records.Sum(r => r.Cost.Micros), _gateway.Committed);
    }

    [Fact]
    public async Task A_copy_that_the_budget_does_not_cover_is_not_made_and_a_shadow_that_fails_harms_nobody()
    {
        await StartAsync(Shadowed);
        _first.Add(Answering(stream: false));
        _second.Add(Failing("500"));
        using HttpResponseMessage failed = await _gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(HttpStatusCode.OK, failed.StatusCode);
        await _second.NextRequestAsync(Token);
        Assert.Equal(Usd.Zero, (await _gateway.RecordsAsync(2)).Single(r => r.Endpoint == "second").Cost);

        // Enough for the request, and not for a copy beside it.
        long bound = RequestMeter.Cost(Gateway.Model, RequestMeter.Bound(Gateway.Model, Utf8(MessagesBody).Length, 100)).Micros;
        _gateway.Identities.Save(new Tenants.Tenant { Id = "default", Name = "Default", Budgets = [new(new Usd(_gateway.Committed + 2 * bound), Tenants.BudgetPeriod.Total)] });
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await _gateway.RecordsAsync(3);
        Assert.Single(_second.Requests);
    }

    private static Instant Now => Instant.From(TimeProvider.System.GetUtcNow());

    private TargetState StateOf(string endpoint) =>
        _gateway.Directory.State.Routes.Find("claude-x")!.Targets.Single(t => t.Endpoint == endpoint).State;

    private async Task StartAsync(string routes) => _gateway = await Gateway.StartAsync(routes, Gateway.Anthropic(_first.Url, "first"), Gateway.Anthropic(_second.Url, "second"));

    private static UpstreamScript Answering(bool stream) => stream ? UpstreamScript.Send(Stream(MessagesEvents)) : UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer));

    private static UpstreamScript Failing(string how)
    {
        const string Error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
        return how switch
        {
            "event" => UpstreamScript.Send(Stream([Error])),
            "event crlf" => UpstreamScript.Send(Stream([Error.Replace("\n", "\r\n", StringComparison.Ordinal)])),
            "close" => UpstreamScript.Send("HTTP/1.1 200 OK\r\n"u8.ToArray()).ThenClose(),
            "reset" => UpstreamScript.Send().ThenReset(),
            "empty" => UpstreamScript.Send(RawHttp.EventStreamHead()).ThenClose(),
            "400 retry" => UpstreamScript.Send(RawHttp.Answer(400, "Content-Type: application/json\r\nx-should-retry: true\r\n", "{}"u8)),
            _ => UpstreamScript.Send(RawHttp.Json(int.Parse(how, System.Globalization.CultureInfo.InvariantCulture), "{}")),
        };
    }
}
