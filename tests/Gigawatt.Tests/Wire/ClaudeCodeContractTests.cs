using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gigawatt.Tenants;
using Gigawatt.Tests.Requests;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Wire;

/// <summary>What Claude Code asks of a gateway (its documentation, "LLM gateway", protocol), clause by clause, over real sockets on both sides.</summary>
public sealed class ClaudeCodeContractTests : IAsyncLifetime
{
    // As Claude Code writes it: the attribution in the first block of the system prompt, betas, tools and fields of tomorrow.
    private const string Body =
        """{"model":"claude-x","max_tokens":32000,"system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=9.9; cc_entrypoint=cli;"},{"type":"text","text":"You are Claude Code.","cache_control":{"type":"ephemeral","ttl":"1h"}}],"messages":[{"role":"user","content":[{"type":"text","text":"h\u00e9llo \ud83d\ude00"},{"type":"block_of_tomorrow","data":{"a":[1,2.50,1e3]}}]}],  "context_management":{"edits":[{"type":"clear_tool_uses_29991231"}]},"metadata":{"user_id":"u"},"thinking":{"type":"adaptive"},"tools":[],"stream":false}""";

    private readonly ScriptedUpstream _upstream = ScriptedUpstream.Start();
    private Gateway _gateway = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _gateway = await Gateway.StartAsync(Gateway.Anthropic(_upstream.Url), Gateway.Simulation());

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Fact]
    public async Task Version_and_betas_go_on_as_they_came_whatever_they_are()
    {
        const string Betas = "claude-code-20250219,interleaved-thinking-2025-05-14, beta-of-tomorrow-2999-12-31";
        UpstreamRequest request = await SendAsync(Body, ("anthropic-beta", Betas), ("anthropic-dangerous-direct-browser-access", "true"));
        Assert.Equal(("2023-06-01", Betas, "true"), (request.Header("anthropic-version"), request.Header("anthropic-beta"), request.Header("anthropic-dangerous-direct-browser-access")));
        Assert.Equal("POST /v1/messages?beta=true HTTP/1.1", request.RequestLine);
    }

    [Fact]
    public async Task Request_bodies_go_on_byte_for_byte_with_the_system_prompt_as_it_is()
    {
        UpstreamRequest request = await SendAsync(Body);
        Assert.Equal(Utf8(Body), request.Body);
        Assert.Equal(Utf8(Body).Length.ToString(System.Globalization.CultureInfo.InvariantCulture), request.Header("content-length"));
    }

    [Fact]
    public async Task Bodies_of_many_megabytes_go_on_byte_for_byte()
    {
        string body = Body.Replace("You are Claude Code.", new string('x', 20 << 20), StringComparison.Ordinal);
        Assert.Equal(Utf8(body), (await SendAsync(body)).Body);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task A_compressed_body_goes_on_as_it_was_before(string encoding)
    {
        _upstream.Add(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        using HttpResponseMessage response = await PostAsync(Compress(Utf8(Body), encoding), encoding);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
        UpstreamRequest request = Assert.Single(_upstream.Requests);
        Assert.Equal(Utf8(Body), request.Body);
        Assert.Null(request.Header("content-encoding"));
    }

    [Fact]
    public async Task A_body_that_is_not_compressed_as_it_says_or_grows_too_large_is_refused_in_words()
    {
        await AssertErrorAsync(await PostAsync(Utf8(Body), "gzip"), 400, "invalid_request_error", "request_body_encoding_invalid");
        await AssertErrorAsync(await PostAsync(Utf8(Body), "br"), 400, "invalid_request_error", "request_body_encoding_invalid");
        await AssertErrorAsync(await PostAsync(Utf8(Body), "zstd"), 415, "invalid_request_error", "request_body_encoding_unsupported");
        await AssertErrorAsync(await PostAsync(Compress(new byte[40 << 20], "gzip"), "gzip"), 413, "request_too_large", "request_body_too_large_after_decoding");
        Assert.Empty(_upstream.Requests);
    }

    [Theory]
    [InlineData(400, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too long:  200001 tokens > 200000 maximum\"},\"later\":1}", "")]
    [InlineData(404, "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":\"model: claude-x\"}}", "")]
    [InlineData(413, "not JSON at all", "")]
    [InlineData(429, "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"wait\"}}", "retry-after: 7\r\nx-should-retry: true\r\nanthropic-ratelimit-unified-status: rejected\r\nanthropic-ratelimit-requests-reset: 2026-01-01T00:00:00Z\r\n")]
    [InlineData(500, "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"Internal server error\"}}", "x-should-retry: false\r\n")]
    [InlineData(529, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}", "retry-after-ms: 20\r\n")]
    public async Task Errors_come_back_as_they_are_with_all_that_retries_depend_on(int status, string error, string headers)
    {
        _upstream.Add(UpstreamScript.Send(RawHttp.Answer(status, $"Content-Type: application/json\r\nrequest-id: req_theirs\r\n{headers}", Utf8(error))));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages?beta=true", Body);
        Assert.Equal((status, error), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token)));
        Assert.Equal("req_theirs", Header(response, "request-id"));
        foreach (string line in headers.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] header = line.Split(": ", 2);
            Assert.Equal(header[1], Header(response, header[0]));
        }
    }

    [Fact]
    public async Task A_stream_comes_back_byte_for_byte_with_pings_and_events_blocks_and_deltas_of_tomorrow()
    {
        string[] events =
        [
            MessagesEvents[0],
            "event: ping\ndata: {\"type\": \"ping\"}\n\n",
            "event: event_of_tomorrow\ndata: {\"type\":\"event_of_tomorrow\",  \"x\":[1,2.50]}\n\n",
            "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"block_of_tomorrow\",\"payload\":\"\\u00e9\"}}\n\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"delta_of_tomorrow\",\"y\":null}}\n\n",
            "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
            ": a comment\n\n",
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"reason_of_tomorrow\"},\"usage\":{\"output_tokens\":5},\"context_management\":{\"applied_edits\":[]}}\n\n",
            MessagesEvents[^1],
        ];
        _upstream.Add(UpstreamScript.Send(Stream(events)));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages?beta=true", StreamBody);
        Assert.Equal(string.Concat(events), await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(5, Assert.Single(await _gateway.RecordsAsync(1)).Tokens.Output);
    }

    [Fact]
    public async Task A_stream_is_not_held_back()
    {
        var script = UpstreamScript.Gated(Stream(MessagesEvents));
        _upstream.Add(script);
        Task<HttpResponseMessage> sent = _gateway.PostAsync("/v1/messages", StreamBody);
        script.Release(2);
        using HttpResponseMessage response = await sent;
        await using Stream body = await response.Content.ReadAsStreamAsync(Token);
        // The first event is read whole while the provider has not sent the second.
        byte[] first = new byte[MessagesEvents[0].Length];
        await body.ReadExactlyAsync(first, Token);
        Assert.Equal(MessagesEvents[0], Encoding.UTF8.GetString(first));
        script.Release(MessagesEvents.Length);
        using var rest = new StreamReader(body);
        Assert.EndsWith(MessagesEvents[^1], await rest.ReadToEndAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_are_counted_where_the_provider_does_and_a_missing_count_is_a_404_that_hurts_nobody()
    {
        const string Count = """{"model":"claude-x","messages":[{"role":"user","content":"hi"}],"tools":[]}""";
        _upstream.Add(UpstreamScript.Send(RawHttp.Json(200, """{ "input_tokens" : 2095 }""")));
        _upstream.Add(UpstreamScript.Send(RawHttp.Json(404, "{\"type\":\"error\"}")));
        _upstream.Add(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        using HttpResponseMessage counted = await _gateway.PostAsync("/v1/messages/count_tokens?beta=true", Count);
        Assert.Equal("""{ "input_tokens" : 2095 }""", await counted.Content.ReadAsStringAsync(Token));
        Assert.Equal(Utf8(Count), _upstream.Requests[0].Body);
        using HttpResponseMessage missing = await _gateway.PostAsync("/v1/messages/count_tokens?beta=true", Count);
        Assert.Equal((HttpStatusCode.NotFound, "{\"type\":\"error\"}"), (missing.StatusCode, await missing.Content.ReadAsStringAsync(Token)));
        Assert.Equal(HttpStatusCode.OK, (await _gateway.PostAsync("/v1/messages", Body)).StatusCode);
        Assert.Equal(3, _upstream.Requests.Count);
    }

    [Fact]
    public async Task The_key_is_taken_from_either_header_or_both_and_goes_no_further()
    {
        _upstream.Add(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        string key = _gateway.Key.Secret;
        _gateway.Http.DefaultRequestHeaders.Authorization = null;
        foreach ((string, string)[] headers in ((string, string)[][])[[("Authorization", "Bearer " + key)], [("x-api-key", key)], [("Authorization", "Bearer " + key), ("x-api-key", key)]])
        {
            Assert.Equal(HttpStatusCode.OK, (await _gateway.PostAsync("/v1/messages?beta=true", Body, headers)).StatusCode);
        }

        Assert.All(_upstream.Requests, r => Assert.DoesNotContain(key, r.Head, StringComparison.Ordinal));
        await AssertErrorAsync(await _gateway.PostAsync("/v1/messages", Body), 401, "authentication_error");
    }

    [Fact]
    public async Task The_root_answers_HEAD_without_a_key()
    {
        _gateway.Http.DefaultRequestHeaders.Authorization = null;
        using HttpResponseMessage response = await _gateway.Http.SendAsync(new(HttpMethod.Head, "/"), Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("x-api-key", false)]
    [InlineData("x-api-key", true)]
    [InlineData("Authorization", false)]
    [InlineData("Authorization", true)]
    public async Task The_list_of_models_comes_at_once_on_one_page_without_a_redirect(string header, bool version)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _gateway.Url };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models?limit=1000");
        request.Headers.Add(header, header == "x-api-key" ? _gateway.Key.Secret : "Bearer " + _gateway.Key.Secret);
        if (version) { request.Headers.Add("anthropic-version", "2023-06-01"); }
        var clock = Stopwatch.StartNew();
        using HttpResponseMessage response = await client.SendAsync(request, Token);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        JsonElement list = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement;
        Assert.False(list.GetProperty("has_more").GetBoolean());
        JsonElement model = list.GetProperty("data").EnumerateArray().Single(m => m.GetProperty("id").GetString() == "sim-small");
        Assert.Equal(("model", "sim-small"), (model.GetProperty("type").GetString(), model.GetProperty("display_name").GetString()![..9]));
    }

    [Fact]
    public async Task Sessions_and_agents_are_named_to_the_provider_too()
    {
        (string, string)[] headers =
        [
            ("x-claude-code-session-id", "0b1c"), ("x-claude-code-agent-id", "a1"), ("x-claude-code-parent-agent-id", "a0"),
            ("x-app", "cli"), ("x-stainless-retry-count", "1"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ];
        UpstreamRequest request = await SendAsync(Body, headers);
        Assert.Equal(headers.Where(h => h.Item1 != "traceparent").Select(h => h.Item2), headers.Where(h => h.Item1 != "traceparent").Select(h => request.Header(h.Item1)));
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", request.Header("traceparent"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_come_back_with_the_providers_headers_and_every_answer_has_an_id()
    {
        _upstream.Add(UpstreamScript.Send(RawHttp.Answer(200, "Content-Type: application/json\r\nrequest-id: req_theirs\r\nanthropic-organization-id: org\r\nanthropic-ratelimit-tokens-remaining: 5\r\nx-of-tomorrow: yes\r\n", Utf8(MessagesAnswer))));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages", Body);
        Assert.Equal(MessagesAnswer, await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("req_theirs org 5 yes", $"{Header(response, "request-id")} {Header(response, "anthropic-organization-id")} {Header(response, "anthropic-ratelimit-tokens-remaining")} {Header(response, "x-of-tomorrow")}");
        foreach (string path in (string[])["/v1/models", "/v1/messages/nothing", "/v1/messages/batches"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("anthropic-version", "2023-06-01");
            Assert.StartsWith("req_", Header(await _gateway.Http.SendAsync(request, Token), "request-id"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Limits_of_this_server_are_told_as_the_service_tells_its_own()
    {
        _upstream.Add(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        _gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Limits = [new(RateKind.Requests, 1)], Budgets = [new(Usd.FromDollars(100), BudgetPeriod.Day)] });
        using HttpResponseMessage first = await _gateway.PostAsync("/v1/messages", Body);
        Assert.Equal(("1", "0"), (Header(first, "anthropic-ratelimit-requests-limit"), Header(first, "anthropic-ratelimit-requests-remaining")));
        Assert.True(DateTimeOffset.TryParse(Header(first, "anthropic-ratelimit-requests-reset"), System.Globalization.CultureInfo.InvariantCulture, out _));
        using HttpResponseMessage second = await _gateway.PostAsync("/v1/messages", Body);
        Assert.InRange(int.Parse(Header(second, "retry-after"), System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        await AssertErrorAsync(second, 429, "rate_limit_error");
    }

    private async Task<UpstreamRequest> SendAsync(string body, params (string, string)[] headers)
    {
        _upstream.Add(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        using HttpResponseMessage response = await _gateway.PostAsync("/v1/messages?beta=true", body, headers);
        Assert.Equal(MessagesAnswer, await response.Content.ReadAsStringAsync(Token));
        return Assert.Single(_upstream.Requests);
    }

    private async Task<HttpResponseMessage> PostAsync(byte[] body, string encoding)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new ByteArrayContent(body) };
        request.Headers.Add("anthropic-version", "2023-06-01");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentEncoding.Add(encoding);
        return await _gateway.Http.SendAsync(request, Token);
    }

    private static async Task AssertErrorAsync(HttpResponseMessage response, int status, string type, string? detail = null)
    {
        string body = await response.Content.ReadAsStringAsync(Token);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode}: {body}");
        JsonElement error = JsonDocument.Parse(body).RootElement;
        Assert.Equal(("error", type), (error.GetProperty("type").GetString(), error.GetProperty("error").GetProperty("type").GetString()));
        Assert.Equal(Header(response, "request-id"), error.GetProperty("request_id").GetString());
        if (detail is not null) { Assert.Equal(detail, error.GetProperty("error").GetProperty("details").GetProperty("error_code").GetString()); }
    }

    private static byte[] Compress(byte[] body, string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            stream.Write(body);
        }

        return compressed.ToArray();
    }
}
