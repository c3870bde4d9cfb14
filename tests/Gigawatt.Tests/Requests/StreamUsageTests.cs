using System.Text;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Tests.Support;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>Chat streams of clients that do not ask for usage: it is asked for on the way up and taken out on the way down.</summary>
public sealed class StreamUsageTests
{
    private const string Body = """{"model":"gpt-x", "stream":true,"max_completion_tokens":50,"messages":[{"role":"user","content":"hi"}]}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Usage_is_metered_exactly_and_the_client_sees_what_it_asked_for()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(Stream(ChatEvents)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.OpenAI(upstream.Url));
        using HttpResponseMessage response = await gateway.PostAsync("/v1/chat/completions", Body);
        Assert.Equal(string.Concat(ChatEvents.Where(e => !e.Contains("total_tokens", StringComparison.Ordinal))), await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(Body[..^1] + ",\"stream_options\":{\"include_usage\":true}}", Encoding.UTF8.GetString(upstream.Requests[0].Body));
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal((new TokenUsage(9, 0, 0, 6), false, "ok"), (record.Tokens, record.TokensEstimated, record.Outcome));
    }

    [Fact]
    public async Task A_provider_that_refuses_the_field_is_not_asked_and_its_text_is_counted()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(Stream(ChatEvents.Where(e => !e.Contains("total_tokens", StringComparison.Ordinal)))));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.OpenAI(upstream.Url, exactUsage: false));
        using HttpResponseMessage response = await gateway.PostAsync("/v1/chat/completions", Body);
        await response.Content.ReadAsStringAsync(Token);
        Assert.Equal(Body, Encoding.UTF8.GetString(upstream.Requests[0].Body));
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal((true, 5), (record.TokensEstimated, record.Tokens.Output));
    }

    [Fact]
    public async Task A_stream_cut_behind_any_event_never_looks_whole_without_usage_either()
    {
        await using var upstream = ScriptedUpstream.Start();
        await using Gateway gateway = await Gateway.StartAsync(Gateway.OpenAI(upstream.Url));
        for (int kept = 1; kept < ChatEvents.Length; kept++)
        {
            upstream.Add(UpstreamScript.Send(Stream(ChatEvents)[..(1 + kept)]).ThenClose());
            using HttpResponseMessage response = await gateway.PostAsync("/v1/chat/completions", Body);
            string body = await response.Content.ReadAsStringAsync(Token);
            // Behind the usage nothing is to come but [DONE], which some servers leave out.
            bool whole = kept == 4;
            Assert.Equal(!whole, body.Contains("data: {\"error\"", StringComparison.Ordinal));
            Assert.StartsWith(string.Concat(ChatEvents[..Math.Min(kept, 3)]), body, StringComparison.Ordinal);
            Assert.DoesNotContain("total_tokens", body, StringComparison.Ordinal);
        }

        await gateway.RecordsAsync(ChatEvents.Length - 1);
    }

    /// <summary>A client that reads nothing: the provider must be held back, not the answer heaped up here.</summary>
    [Fact]
    public async Task A_reader_that_stops_reading_stops_the_provider()
    {
        byte[] large = RawHttp.Chunk(Utf8($"data: {{\"choices\":[{{\"delta\":{{\"content\":\"{new string('x', 60_000)}\"}}}}]}}\n\n"));
        byte[][] pieces = [RawHttp.EventStreamHead(), .. Enumerable.Repeat(large, 4_000)];
        var counting = new CountingUpstream(pieces);
        await using (counting)
        {
            await using Gateway gateway = await Gateway.StartAsync(Gateway.OpenAI(counting.Url));
            long before = GC.GetTotalMemory(forceFullCollection: true);
            HttpResponseMessage response = await gateway.PostAsync("/v1/chat/completions", Body);
            await counting.StalledAsync(Token);
            // 240 MB were to be sent; sockets and buffers on the way hold a few.
            Assert.InRange(counting.Sent, 1, 40 << 20);
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 40 << 20);
            response.Dispose();
            UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
            Assert.Equal("aborted", record.Outcome);
        }
    }
}
