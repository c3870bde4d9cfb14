using System.Net;
using System.Text;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>What passes through the data path, and what is metered of it, over real sockets on both sides.</summary>
public sealed class RelayTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Dialect.Anthropic, "/v1/messages?beta=true", MessagesBody, MessagesAnswer)]
    [InlineData(Dialect.OpenAI, "/v1/chat/completions", ChatBody, ChatAnswer)]
    public async Task Json_passes_both_ways_byte_for_byte(Dialect dialect, string path, string body, string answer)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Answer(200, "Content-Type: application/json\r\nX-Invented: yes\r\nSet-Cookie: a=b\r\n", Utf8(answer))));
        await using Gateway gateway = await Gateway.StartAsync(dialect == Dialect.Anthropic ? Gateway.Anthropic(upstream.Url) : Gateway.OpenAI(upstream.Url));
        HttpResponseMessage response = await gateway.PostAsync(path, body, ("anthropic-beta", "tomorrow-2027"), ("x-api-key", "not-ours"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Utf8(answer), await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("yes", Header(response, "x-invented"));
        Assert.Equal("", Header(response, "set-cookie"));
        UpstreamRequest request = Assert.Single(upstream.Requests);
        Assert.Equal(Utf8(body), request.Body);
        Assert.Equal($"POST {path} HTTP/1.1", request.RequestLine);
        Assert.Equal("tomorrow-2027", request.Header("anthropic-beta"));
        Assert.DoesNotContain("gw-", request.Head, StringComparison.Ordinal);
        Assert.DoesNotContain("not-ours", request.Head, StringComparison.Ordinal);
        Assert.Contains(Gateway.UpstreamKey, request.Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_says_what_it_cost_and_the_ledger_says_the_same()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        HttpResponseMessage response = await gateway.PostAsync("/v1/messages", MessagesBody);

        // 20 x $3 + 10 x $0.3 + 30 x $15 a million; 20 x 0.05 J + 30 x 1 J, times a PUE of 1.2.
        string[] expected = ["30", "30", "10", "0.000513", "37.200", "modelled", "0.004133"];
        string[] names = ["input-tokens", "output-tokens", "cached-tokens", "usd", "joules", "energy-method", "gco2e"];
        Assert.Equal(expected, names.Select(n => Header(response, "x-gigawatt-" + n)));
        Assert.Equal("cloud", Header(response, "x-gigawatt-endpoint"));
        Assert.Equal("only target of claude-x", Header(response, "x-gigawatt-reason"));
        string id = Header(response, "request-id");
        Assert.StartsWith("req_", id, StringComparison.Ordinal);
        Assert.Equal(id, Header(response, "x-gigawatt-request-id"));

        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal((id, "ok", "default", gateway.Key.Facts.Id, "claude-x", "cloud"), (record.Id, record.Outcome, record.Tenant, record.Key, record.Subject, record.Endpoint));
        Assert.Equal(new TokenUsage(20, 10, 0, 30), record.Tokens);
        Assert.Equal((new Usd(513), new Joules(37_200), false), (record.Cost, record.Energy, record.TokensEstimated));
        Assert.Equal(Header(response, "x-gigawatt-litres"), (record.Water.Microlitres / 1e6m).ToString("0.000000", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(513, gateway.Committed);
    }

    [Theory]
    [InlineData(429, "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"  odd  spacing \"}}")]
    [InlineData(529, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}")]
    [InlineData(500, "<html>not even JSON</html>")]
    public async Task Errors_of_the_provider_pass_unchanged_and_cost_nothing(int status, string body)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Answer(status, "Content-Type: application/json\r\nretry-after: 7\r\nrequest-id: req_theirs\r\n", Utf8(body))));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        HttpResponseMessage response = await gateway.PostAsync("/v1/messages", StreamBody);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("7", Header(response, "retry-after"));
        Assert.Equal("req_theirs", Header(response, "request-id"));
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal(("failed", Usd.Zero, default(TokenUsage)), (record.Outcome, record.Cost, record.Tokens));
        Assert.Equal(0, gateway.Committed);
    }

    [Theory]
    [InlineData(Dialect.Anthropic)]
    [InlineData(Dialect.OpenAI)]
    public async Task A_stream_passes_byte_for_byte_and_each_event_as_it_comes(Dialect dialect)
    {
        string[] events = dialect == Dialect.Anthropic ? MessagesEvents : ChatEvents;
        var script = UpstreamScript.Gated(Stream(events));
        await using var upstream = ScriptedUpstream.Start(script);
        await using Gateway gateway = await StartAsync(dialect, upstream);
        Task<HttpResponseMessage> sent = PostStreamAsync(gateway, dialect);
        script.Release(2);
        using HttpResponseMessage response = await sent;
        await using Stream body = await response.Content.ReadAsStreamAsync(Token);
        var received = new MemoryStream();
        long expected = 0;
        // The next event is let go only when the one before it has arrived: nothing on the way may hold one back.
        foreach (string e in events)
        {
            expected += Encoding.UTF8.GetByteCount(e);
            while (received.Length < expected) { await ReadSomeAsync(body, received); }
            script.Release();
        }

        while (await ReadSomeAsync(body, received)) { }
        Assert.Equal(string.Concat(events), Encoding.UTF8.GetString(received.ToArray()));
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal("ok", record.Outcome);
        Assert.Equal(dialect == Dialect.Anthropic ? new TokenUsage(25, 0, 0, 50) : new TokenUsage(9, 0, 0, 6), record.Tokens);
        Assert.False(record.TokensEstimated);
    }

    [Theory]
    [InlineData(1, 4_096)]
    [InlineData(4_095, 4_097)]
    [InlineData(4_096, 16_384)]
    [InlineData(4_097, 70_000)]
    [InlineData(16_384, 1)]
    [InlineData(40_000, 40_000)]
    public async Task Events_of_any_length_pass_byte_for_byte(int firstLength, int secondLength)
    {
        // Padding in front of the first event and in a later one, around the lengths of the buffers on the way.
        string[] events = [$": {new string('x', firstLength)}\n\n", .. MessagesEvents[..3], $": {new string('y', secondLength)}\n\n", .. MessagesEvents[3..]];
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(Stream(events)));
        await using Gateway gateway = await StartAsync(Dialect.Anthropic, upstream);
        using HttpResponseMessage response = await PostStreamAsync(gateway, Dialect.Anthropic);
        Assert.Equal(string.Concat(events), await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(new TokenUsage(25, 0, 0, 50), Assert.Single(await gateway.RecordsAsync(1)).Tokens);
    }

    [Theory]
    [InlineData(Dialect.Anthropic)]
    [InlineData(Dialect.OpenAI)]
    public async Task A_stream_is_charged_before_its_last_event_is_there(Dialect dialect)
    {
        string[] events = dialect == Dialect.Anthropic ? MessagesEvents : ChatEvents;
        var script = UpstreamScript.Gated(Stream(events));
        await using var upstream = ScriptedUpstream.Start(script);
        await using Gateway gateway = await StartAsync(dialect, upstream);
        Task<HttpResponseMessage> sent = PostStreamAsync(gateway, dialect);
        // The end of the body is not let go, so what is in the journal now was put there for the last event's sake.
        script.Release(1 + events.Length);
        using HttpResponseMessage response = await sent;
        await using Stream body = await response.Content.ReadAsStreamAsync(Token);
        var received = new MemoryStream();
        while (received.Length < events.Sum(Encoding.UTF8.GetByteCount)) { await ReadSomeAsync(body, received); }
        Assert.Equal(0, gateway.Journal.OpenReservations);
        gateway.Journal.Flush();
        Assert.Equal("ok", Assert.Single(gateway.Ledger.Records()).Outcome);
    }

    [Theory]
    [InlineData(Dialect.Anthropic, false)]
    [InlineData(Dialect.Anthropic, true)]
    [InlineData(Dialect.OpenAI, false)]
    [InlineData(Dialect.OpenAI, true)]
    public async Task A_stream_cut_behind_any_event_never_looks_whole(Dialect dialect, bool reset)
    {
        string[] events = dialect == Dialect.Anthropic ? MessagesEvents : ChatEvents;
        await using var upstream = ScriptedUpstream.Start();
        await using Gateway gateway = await StartAsync(dialect, upstream);
        for (int kept = 0; kept < events.Length; kept++)
        {
            byte[][] pieces = Stream(events)[..(1 + kept)];
            upstream.Add(reset ? UpstreamScript.Send(pieces).ThenReset() : UpstreamScript.Send(pieces).ThenClose());
            using HttpResponseMessage response = await PostStreamAsync(gateway, dialect);
            string body = await response.Content.ReadAsStringAsync(Token);
            bool usageWasThere = dialect == Dialect.OpenAI && body.Contains("total_tokens", StringComparison.Ordinal);
            if (usageWasThere) { continue; }
            if (response.StatusCode == HttpStatusCode.OK)
            {
                // A reset may overtake events that were sent before it; those that came are unchanged.
                string relayed = body[..body.LastIndexOf(dialect == Dialect.Anthropic ? "event: error" : "data: {\"error\"", StringComparison.Ordinal)];
                Assert.StartsWith(relayed, string.Concat(events[..kept]), StringComparison.Ordinal);
                Assert.Contains("broke off", body, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
                Assert.True(reset || kept == 0, $"{kept} events were lost");
            }
        }

        await gateway.RecordsAsync(events.Length);
    }

    [Fact]
    public async Task A_stream_cut_inside_an_event_ends_with_an_error_event_that_clients_can_read()
    {
        string whole = string.Concat(MessagesEvents);
        await using var upstream = ScriptedUpstream.Start();
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        foreach (int cut in Enumerable.Range(1, whole.Length - 60).Where(i => i % 37 == 0))
        {
            upstream.Add(UpstreamScript.Send(RawHttp.EventStreamHead(), RawHttp.Chunk(Utf8(whole[..cut]))).ThenClose());
            using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", StreamBody);
            string body = await response.Content.ReadAsStringAsync(Token);
            Assert.StartsWith(whole[..cut], body, StringComparison.Ordinal);
            Assert.Contains("\nevent: error\ndata: {\"type\":\"error\"", body, StringComparison.Ordinal);
            Assert.EndsWith("\n\n", body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_error_event_of_the_provider_passes_once_and_counts_as_failed()
    {
        const string Error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(Stream([Error])), UpstreamScript.Send(Stream([.. MessagesEvents[..4], Error])));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage first = await gateway.PostAsync("/v1/messages", StreamBody);
        // Nothing was sent yet, so it is told by its status, in the provider's words.
        Assert.Equal((529, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"), ((int)first.StatusCode, await first.Content.ReadAsStringAsync(Token)));
        Assert.Equal("application/json", first.Content.Headers.ContentType!.ToString());
        using HttpResponseMessage second = await gateway.PostAsync("/v1/messages", StreamBody);
        Assert.Equal(string.Concat(MessagesEvents[..4]) + Error, await second.Content.ReadAsStringAsync(Token));
        IReadOnlyList<UsageRecord> records = await gateway.RecordsAsync(2);
        Assert.All(records, r => Assert.Equal("failed", r.Outcome));
        Assert.Equal([0, 5], records.Select(r => r.Tokens.Output).Order());
    }

    [Fact]
    public async Task A_client_that_hangs_up_after_any_event_stops_the_provider_and_pays_for_what_was_made()
    {
        for (int seen = 1; seen < MessagesEvents.Length; seen++)
        {
            var script = UpstreamScript.Gated(Stream(MessagesEvents));
            await using var upstream = ScriptedUpstream.Start(script);
            await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
            Task<HttpResponseMessage> sent = gateway.PostAsync("/v1/messages", StreamBody);
            script.Release(1 + seen);
            using (HttpResponseMessage response = await sent)
            {
                await using Stream body = await response.Content.ReadAsStreamAsync(Token);
                var received = new MemoryStream();
                while (received.Length < MessagesEvents[..seen].Sum(e => e.Length)) { await ReadSomeAsync(body, received); }
            }

            await upstream.Requests[0].Closed.WaitAsync(TimeSpan.FromSeconds(30), Token);
            UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
            Assert.Equal("aborted", record.Outcome);
            // "Hello, this is text " and "of forty bytes in all" are 20 and 21 bytes; the usage event says 50.
            long floor = seen switch { < 4 => 1, 4 => 5, < 7 => 11, _ => 50 };
            Assert.Equal(new TokenUsage(25, 0, 0, floor), record.Tokens);
            Assert.Equal(record.Cost.Micros, gateway.Committed);
        }
    }

    [Fact]
    public async Task A_client_that_hangs_up_before_the_answer_stops_the_provider_and_pays_for_the_prompt()
    {
        var script = UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer));
        await using var upstream = ScriptedUpstream.Start(script);
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using var leaving = new CancellationTokenSource();
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(MessagesBody, Encoding.UTF8, "application/json") };
        request.Headers.Add("anthropic-version", "2023-06-01");
        Task<HttpResponseMessage> sent = gateway.Http.SendAsync(request, leaving.Token);
        UpstreamRequest arrived = await upstream.NextRequestAsync(Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        await arrived.Closed.WaitAsync(TimeSpan.FromSeconds(30), Token);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal(("aborted", 0, true), (record.Outcome, record.Tokens.Output, record.TokensEstimated));
        Assert.Equal((Utf8(MessagesBody).Length + 3) / 4, record.Tokens.Input);
    }

    [Theory]
    [InlineData(Dialect.Anthropic, "api_error")]
    [InlineData(Dialect.OpenAI, "bad_gateway")]
    public async Task A_provider_that_cannot_be_reached_is_a_bad_gateway_and_costs_nothing(Dialect dialect, string type)
    {
        (Uri url, IDisposable port) = ScriptedUpstream.Refusing();
        using (port)
        {
            await using Gateway gateway = await Gateway.StartAsync(dialect == Dialect.Anthropic ? Gateway.Anthropic(url) : Gateway.OpenAI(url));
            using HttpResponseMessage response = await PostStreamAsync(gateway, dialect);
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
            Assert.Contains(type, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
            Assert.Equal(Usd.Zero, Assert.Single(await gateway.RecordsAsync(1)).Cost);
            Assert.Equal(0, gateway.Committed);
        }
    }

    [Fact]
    public async Task A_json_answer_that_breaks_off_is_a_bad_gateway()
    {
        byte[] whole = RawHttp.Json(200, MessagesAnswer);
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(whole[..^40]).ThenClose());
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("cloud broke off its answer", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal(("failed", true), (record.Outcome, record.TokensEstimated));
        Assert.True(record.Cost > Usd.Zero);
    }

    [Fact]
    public async Task An_answer_without_usage_is_charged_by_its_length_and_says_so()
    {
        const string Answer = """{"content":"no usage here"}""";
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, Answer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(Answer, await response.Content.ReadAsStringAsync(Token));
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal(("ok", true, (Answer.Length + 3) / 4), (record.Outcome, record.TokensEstimated, record.Tokens.Output));
    }

    [Fact]
    public async Task A_large_body_passes_unchanged()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        string start = """{"model":"claude-x","max_tokens":1,"messages":[{"role":"user","content":"a"}],"pad":" """;
        string body = start + new string('x', (8 << 20) - start.Length - 2) + "\"}";
        using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Utf8(body), upstream.Requests[0].Body);
    }

    private static Task<Gateway> StartAsync(Dialect dialect, ScriptedUpstream upstream) =>
        Gateway.StartAsync(dialect == Dialect.Anthropic ? Gateway.Anthropic(upstream.Url) : Gateway.OpenAI(upstream.Url));

    private static Task<HttpResponseMessage> PostStreamAsync(Gateway gateway, Dialect dialect) => dialect == Dialect.Anthropic
        ? gateway.PostAsync("/v1/messages", StreamBody)
        : gateway.PostAsync("/v1/chat/completions", ChatStreamBody);

    private static async Task<bool> ReadSomeAsync(Stream body, MemoryStream received)
    {
        byte[] buffer = new byte[4_096];
        int read = await body.ReadAsync(buffer, Token);
        received.Write(buffer, 0, read);
        return read > 0;
    }
}
