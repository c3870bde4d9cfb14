using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Gigawatt.Admission;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Server.Requests;
using Gigawatt.Tenants;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests.Caching;

/// <summary>Answers given again, over real sockets on both sides.</summary>
public sealed class CachedPathTests
{
    private const string Claude = "routes: [{model: claude-*, targets: [{provider: cloud}], cache: {ttl: 10m}}]";
    private const string Gpt = "routes: [{model: gpt-*, targets: [{provider: other}], cache: {ttl: 10m}}]";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_equal_request_gets_the_same_bytes_again_at_no_cost_and_has_a_record_of_its_own()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Claude, Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage first = await gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(MessagesAnswer, await first.Content.ReadAsStringAsync(Token));
        Assert.Equal("miss", Header(first, "x-gigawatt-cache"));
        // What is spent holds no dollar more, so only what costs nothing is let in.
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(new Usd(gateway.Committed), BudgetPeriod.Total)] });

        using HttpResponseMessage again = await gateway.PostAsync("/v1/messages", MessagesBody);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(MessagesAnswer, await again.Content.ReadAsStringAsync(Token));
        Assert.Equal(("hit", "cloud", "cache", "0.000000"), (Header(again, "x-gigawatt-cache"), Header(again, "x-gigawatt-endpoint"), Header(again, "x-gigawatt-reason"), Header(again, "x-gigawatt-usd")));
        Assert.NotEqual(Header(first, "request-id"), Header(again, "request-id"));
        using HttpResponseMessage other = await gateway.PostAsync("/v1/messages", MessagesBody.Replace("llo", "lla", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.TooManyRequests, other.StatusCode);

        Assert.Single(upstream.Requests);
        IReadOnlyList<UsageRecord> records = await gateway.RecordsAsync(2);
        Assert.Equal(("ok", new Usd(513), 1), (records[0].Outcome, records[0].Cost, records[0].Attempts));
        Assert.Equal(("cached", Usd.Zero, Joules.Zero, default(TokenUsage), 0), (records[1].Outcome, records[1].Cost, records[1].Energy, records[1].Tokens, records[1].Attempts));
        Assert.Equal(("claude-x", "cloud", Header(again, "request-id")), (records[1].Model, records[1].Endpoint, records[1].Id));
        Assert.Equal(513, gateway.Committed);
    }

    [Fact]
    public async Task A_stream_is_given_again_event_by_event_and_apart_from_the_json_of_the_same_question()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(Stream(MessagesEvents)), UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Claude, Gateway.Anthropic(upstream.Url));
        string json = StreamBody.Replace("\"stream\":true,", "", StringComparison.Ordinal);
        foreach (string expected in (string[])["miss", "hit", "hit"])
        {
            using HttpResponseMessage stream = await gateway.PostAsync("/v1/messages", StreamBody);
            Assert.Equal(string.Concat(MessagesEvents), await stream.Content.ReadAsStringAsync(Token));
            Assert.Equal(("text/event-stream", expected), (stream.Content.Headers.ContentType!.MediaType, Header(stream, "x-gigawatt-cache")));
        }

        foreach (string expected in (string[])["miss", "hit"])
        {
            using HttpResponseMessage whole = await gateway.PostAsync("/v1/messages", json);
            Assert.Equal((MessagesAnswer, expected), (await whole.Content.ReadAsStringAsync(Token), Header(whole, "x-gigawatt-cache")));
        }

        Assert.Equal(2, upstream.Requests.Count);
    }

    [Theory]
    [InlineData("/v1/messages", """{"model":"gpt-x","max_tokens":50,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"hi"}]}""", "\"end_turn\"")]
    [InlineData("/v1/messages", """{"model":"gpt-x","max_tokens":50,"stream":true,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"hi"}]}""", "message_stop")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-x","stream":true,"messages":[{"role":"user","content":"hi"}]}""", "[DONE]")]
    public async Task What_was_translated_or_filtered_is_given_again_as_the_client_got_it(string path, string body, string end)
    {
        await using var upstream = ScriptedUpstream.Start(body.Contains("stream", StringComparison.Ordinal) ? UpstreamScript.Send(Stream(ChatEvents)) : UpstreamScript.Send(RawHttp.Json(200, ChatAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gpt, Gateway.OpenAI(upstream.Url));
        using HttpResponseMessage first = await gateway.PostAsync(path, body);
        string said = await first.Content.ReadAsStringAsync(Token);
        Assert.Contains(end, said, StringComparison.Ordinal);
        using HttpResponseMessage again = await gateway.PostAsync(path, body);
        Assert.Equal(said, await again.Content.ReadAsStringAsync(Token));
        Assert.Equal("hit", Header(again, "x-gigawatt-cache"));
        Assert.Equal(Header(first, "x-gigawatt-not-carried"), Header(again, "x-gigawatt-not-carried"));
        Assert.Equal(path == "/v1/messages", Header(again, "x-gigawatt-not-carried").Length > 0);
    }

    /// <summary>A stream cut behind each of its events, and behind half of each, and one with an error in each place.</summary>
    [Fact]
    public async Task A_stream_that_is_not_whole_is_never_kept()
    {
        await using var upstream = ScriptedUpstream.Start();
        await using Gateway gateway = await Gateway.StartAsync(Claude.Replace("cache:", "retries: 0, cache:", StringComparison.Ordinal), Gateway.Anthropic(upstream.Url));
        for (int i = 1; i < MessagesEvents.Length; i++)
        {
            string half = MessagesEvents[i][..(MessagesEvents[i].Length / 2)];
            string error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
            byte[][][] scripts =
            [
                Stream(MessagesEvents[..i]), // ends as if it were over
                [RawHttp.EventStreamHead(), .. MessagesEvents[..i].Select(e => RawHttp.Chunk(Utf8(e))), RawHttp.Chunk(Utf8(half)), "zzz\r\n"u8.ToArray()],
                Stream([.. MessagesEvents[..i], error]),
                Stream([.. MessagesEvents[..i], error, .. MessagesEvents[i..]]),
            ];
            foreach (byte[][] script in scripts)
            {
                upstream.Add(UpstreamScript.Send(script));
                string body = StreamBody.Replace("hello", $"cut {i}", StringComparison.Ordinal);
                using HttpResponseMessage cut = await gateway.PostAsync("/v1/messages", body);
                Assert.Equal("miss", Header(cut, "x-gigawatt-cache"));
                await cut.Content.ReadAsStringAsync(Token);
            }
        }

        ModelRoutes routes = gateway.Directory.State.Routes;
        Assert.Equal(0, routes.CacheOf(routes.Find("claude-x")!).Bytes);
        Assert.Equal(4 * (MessagesEvents.Length - 1), upstream.Requests.Count);
    }

    [Theory]
    [InlineData(400, """{"type":"error","error":{"type":"invalid_request_error","message":"no"}}""")]
    [InlineData(200, """{"error":{"message":"in disguise"}}""")]
    [InlineData(200, "<html>")]
    [InlineData(200, """{"id":"msg_1","content":[],"usage":{"input_tokens":1,"output_tokens":1}""")]
    public async Task What_is_no_answer_is_never_kept(int status, string answer)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(status, answer)));
        await using Gateway gateway = await Gateway.StartAsync(Claude, Gateway.Anthropic(upstream.Url));
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", MessagesBody);
            Assert.Equal((answer, "miss"), (await response.Content.ReadAsStringAsync(Token), Header(response, "x-gigawatt-cache")));
        }

        Assert.Equal(2, upstream.Requests.Count);
    }

    [Fact]
    public async Task A_client_may_ask_for_a_fresh_answer_or_for_none_to_be_kept()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Claude, Gateway.Anthropic(upstream.Url));
        (string? Wish, string Expected)[] calls =
        [
            ("no-store", ""), ("no-store", ""), (null, "miss"), ("no-cache", "miss"), ("max-age=0", "miss"), ("max-age=600", "hit"), ("no-transform, max-age=5, no-cache", "miss"), (null, "hit"),
        ];
        foreach ((string? wish, string expected) in calls)
        {
            using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", MessagesBody, wish is null ? [] : [("cache-control", wish)]);
            Assert.Equal(expected, Header(response, "x-gigawatt-cache"));
        }

        Assert.Equal(6, upstream.Requests.Count);
    }

    [Fact]
    public async Task Another_tenant_a_revoked_key_and_a_route_without_a_cache_get_nothing_of_it()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(
            "routes: [{model: claude-x, targets: [{provider: cloud}], cache: {ttl: 10m}}, {model: claude-y, targets: [{provider: cloud}]}]", Gateway.Anthropic(upstream.Url));
        gateway.Identities.Save(new Tenant { Id = "others", Name = "Others" });
        string stranger = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "others", Name = "k" }).Secret;
        string barred = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", Name = "k", Models = ["claude-y"] }).Secret;
        async Task<(int, string)> AskAsync(string body, string key)
        {
            using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", body, ("authorization", "Bearer " + key));
            return ((int)response.StatusCode, Header(response, "x-gigawatt-cache"));
        }

        Assert.Equal((200, "miss"), await AskAsync(MessagesBody, gateway.Key.Secret));
        Assert.Equal((200, "miss"), await AskAsync(MessagesBody, stranger));
        Assert.Equal((200, "hit"), await AskAsync(MessagesBody, stranger));
        Assert.Equal((403, ""), await AskAsync(MessagesBody, barred));
        string elsewhere = MessagesBody.Replace("claude-x", "claude-y", StringComparison.Ordinal);
        Assert.Equal((200, ""), await AskAsync(elsewhere, gateway.Key.Secret));
        Assert.Equal((200, ""), await AskAsync(elsewhere, gateway.Key.Secret));
        Assert.Equal(4, upstream.Requests.Count);
    }

    /// <summary>Whoever asks, and whatever else is asked at the time: an answer is that of the question.</summary>
    [Fact]
    public async Task Many_clients_at_once_each_get_the_answer_to_their_own_question()
    {
        var provider = new Echo();
        await using Gateway gateway = await Gateway.StartAsync(Claude, (provider, ["claude-*"]));
        var seen = new ConcurrentBag<string>();
        await Parallel.ForAsync(0, 600, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Token }, async (i, token) =>
        {
            string body = MessagesBody.Replace("llo", $"question {i % 23}", StringComparison.Ordinal);
            using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", body);
            Assert.Contains(Echo.HashOf(Utf8(body)), await response.Content.ReadAsStringAsync(token), StringComparison.Ordinal);
            seen.Add(Header(response, "x-gigawatt-cache"));
        });

        // Equal requests that run at the same time may each go to the provider.
        int misses = seen.Count(s => s == "miss");
        Assert.InRange(misses, 23, 23 * 32);
        Assert.Equal(misses, provider.Calls);
        Assert.Equal(600 - misses, seen.Count(s => s == "hit"));
        Assert.Equal(misses, (await gateway.RecordsAsync(600)).Count(r => r.Outcome == "ok"));
    }

    /// <summary>Answers with a hash of the request.</summary>
    private sealed class Echo : IModelProvider
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public string Name => "cloud";

        public IReadOnlyList<Dialect> Dialects { get; } = [Dialect.Anthropic];

        public static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexString(SHA256.HashData(body));

        public async ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            await Task.Yield();
            string answer = $$"""{"id":"{{HashOf(call.Body.Span)}}","usage":{"input_tokens":1,"output_tokens":1} }""";
            return new(200, [new("Content-Type", "application/json")], new MemoryStream(Utf8(answer)));
        }

        public Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ProviderModel>?>(null);
    }
}
