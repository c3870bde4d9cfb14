using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Anthropic;
using Gigawatt.Providers.OpenAI;
using Gigawatt.Tests.Support;
using Gigawatt.Tests.Wire.Translation;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>All six directions through the path: whole answers and streams, streams cut at every event and at every byte that is awkward.</summary>
public sealed class TranslatedStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Dialect, Dialect> Directions
    {
        get
        {
            TheoryData<Dialect, Dialect> pairs = [];
            foreach (Dialect client in Golden.Formats)
            {
                foreach (Dialect provider in Golden.Formats)
                {
                    if (client != provider) { pairs.Add(client, provider); }
                }
            }

            return pairs;
        }
    }

    // Of golden/*/tools: 330 tokens of prompt, 300 of them from the cache, which Anthropic counts apart.
    private static TokenUsage Used(Dialect provider, long output) => provider == Dialect.Anthropic
        ? new(10, 300, 20, output) { Reasoning = output == 60 ? 0 : 15 }
        : new(30, 300, 0, output) { Reasoning = 15 };

    [Theory]
    [MemberData(nameof(Directions))]
    public async Task A_whole_answer_comes_in_the_clients_format_and_is_metered_in_the_providers(Dialect client, Dialect provider)
    {
        byte[] body = Golden.Input("answers", "tools", provider);
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, Golden.Text(body))));
        await using Gateway gateway = await StartAsync(upstream, provider);
        using HttpResponseMessage response = await gateway.PostAsync(client.Path(), Ask(client, stream: false));
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.True((int)response.StatusCode == 200, text);
        JsonNode answer = JsonNode.Parse(text)!;
        JsonNode golden = JsonNode.Parse(Golden.Output("answers", "tools", provider, client))!["body"]!;
        foreach (string moment in (string[])["created", "created_at"])
        {
            answer.AsObject().Remove(moment);
            golden.AsObject().Remove(moment);
        }

        golden["model"] = "m-x";
        Assert.Equal(golden.ToJsonString(), answer.ToJsonString());
        Assert.Equal($"POST {(provider == Dialect.Anthropic ? "/v1/messages" : provider.Path())} HTTP/1.1", upstream.Requests[0].RequestLine);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal((Used(provider, 40), "ok", false), (record.Tokens, record.Outcome, record.TokensEstimated));
    }

    [Theory]
    [MemberData(nameof(Directions))]
    public async Task A_stream_comes_in_the_clients_format_and_is_metered_in_the_providers(Dialect client, Dialect provider)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(Stream(Events("tools", provider))));
        await using Gateway gateway = await StartAsync(upstream, provider);
        using HttpResponseMessage response = await gateway.PostAsync(client.Path(), Ask(client, stream: true));
        Told told = Told.Read(client, await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(("text/event-stream", true, false, "I look."), (response.Content.Headers.ContentType!.MediaType, told.Ended, told.Error, told.Text));
        Assert.Equal(["read_file", "now"], told.Calls.Select(static call => call.Name));
        Assert.All(told.Calls, static call => Assert.NotNull(JsonNode.Parse(call.Arguments.Length == 0 ? "{}" : call.Arguments)));
        Assert.Equal(client == Dialect.OpenAI ? "tool_calls" : client == Dialect.Anthropic ? "tool_use" : "completed", told.Stop);
        long output = provider == Dialect.Anthropic ? 60 : 40;
        TokenUsage used = Used(provider, output);
        Assert.Equal(output, (long?)(told.Usage!["output_tokens"] ?? told.Usage["completion_tokens"]));
        long input = client == Dialect.Anthropic ? used.Input : used.TotalInput;
        Assert.Equal(input, (long?)(told.Usage["input_tokens"] ?? told.Usage["prompt_tokens"]));
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal((used, "ok", false), (record.Tokens, record.Outcome, record.TokensEstimated));
    }

    [Theory]
    [MemberData(nameof(Directions))]
    public async Task Cut_at_any_event_the_client_is_told_so_in_its_own_format(Dialect client, Dialect provider)
    {
        string[] events = Events("tools", provider);
        // What is missing behind the counts of a chat stream is only the word that it is done.
        int last = provider == Dialect.OpenAI ? events.Length - 2 : events.Length - 1;
        await CutAsync(client, provider, [.. Enumerable.Range(0, last + 1).Select(kept => Encoding.UTF8.GetBytes(string.Concat(events[..kept])))]);
    }

    /// <summary>Cut inside events: in the middle of characters of two, three and four bytes, of CR LF, of a name, of the empty line.</summary>
    [Theory]
    [MemberData(nameof(Directions))]
    public async Task Cut_inside_an_event_the_client_is_told_so_in_its_own_format(Dialect client, Dialect provider)
    {
        byte[] stream = Awkward(provider);
        List<byte[]> cuts = [];
        for (int at = 1; at < stream.Length; at++)
        {
            bool insideCharacter = (stream[at] & 0xC0) == 0x80, insideLineEnd = stream[at] == '\n';
            bool whole = Enumerable.SequenceEqual(stream[Math.Max(0, at - 4)..at], "\r\n\r\n"u8.ToArray());
            if ((insideCharacter || insideLineEnd) && !whole) { cuts.Add(stream[..at]); }
        }

        // The last of them lack only the line ends behind [DONE], or those behind the counts.
        string text = Encoding.UTF8.GetString(stream);
        int end = provider == Dialect.OpenAI ? text.IndexOf("\"usage\": {", StringComparison.Ordinal) : text.Length;
        int limit = provider == Dialect.OpenAI ? Encoding.UTF8.GetByteCount(text[..end]) : stream.Length - 3;
        cuts.RemoveAll(cut => cut.Length > limit);
        Assert.True(cuts.Count > 10);
        await CutAsync(client, provider, cuts);
    }

    [Theory]
    [MemberData(nameof(Directions))]
    public async Task However_the_bytes_come_the_client_gets_the_same(Dialect client, Dialect provider)
    {
        byte[] stream = Awkward(provider);
        await using var upstream = ScriptedUpstream.Start();
        await using Gateway gateway = await StartAsync(upstream, provider);
        string? whole = null;
        foreach (int size in (int[])[stream.Length, 1, 2, 3, 7, 100])
        {
            upstream.Add(UpstreamScript.Send([RawHttp.EventStreamHead(), .. stream.Chunk(size).Select(static piece => RawHttp.Chunk(piece)), RawHttp.LastChunk]));
            using HttpResponseMessage response = await gateway.PostAsync(client.Path(), Ask(client, stream: true));
            string text = Regex.Replace(await response.Content.ReadAsStringAsync(Token), "\"(created|created_at)\":[0-9]+", "\"$1\":0");
            Assert.Equal("Grüße, 世界 🚀", Told.Read(client, text).Text);
            Assert.Equal(whole ??= text, text);
        }

        Assert.All(await gateway.RecordsAsync(6), static r => Assert.Equal(("ok", false), (r.Outcome, r.TokensEstimated)));
    }

    [Theory]
    [MemberData(nameof(Directions))]
    public async Task An_error_in_the_middle_comes_with_the_providers_words(Dialect client, Dialect provider)
    {
        string[] events = Events("tools", provider);
        string error = provider == Dialect.OpenAI ? "data: {\"error\":{\"message\":\"too many at once\",\"type\":\"server_error\",\"code\":\"overloaded\"}}\n\n"
            : provider == Dialect.Anthropic ? "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"too many at once\"}}\n\n"
            : "event: error\ndata: {\"type\":\"error\",\"code\":\"server_is_overloaded\",\"message\":\"too many at once\",\"param\":null,\"sequence_number\":3}\n\n";
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(Stream([.. events[..3], error])));
        await using Gateway gateway = await StartAsync(upstream, provider);
        using HttpResponseMessage response = await gateway.PostAsync(client.Path(), Ask(client, stream: true));
        string text = await response.Content.ReadAsStringAsync(Token);
        Told told = Told.Read(client, text);
        Assert.Equal((true, false), (told.Error, told.Ended));
        Assert.Contains("too many at once", text, StringComparison.Ordinal);
        if (client == Dialect.Anthropic)
        {
            Assert.Contains("\"type\":\"overloaded_error\"", text, StringComparison.Ordinal);
            Assert.Contains($"\"request_id\":\"{Header(response, "request-id")}\"", text, StringComparison.Ordinal);
        }

        Assert.Equal("failed", Assert.Single(await gateway.RecordsAsync(1)).Outcome);
    }

    [Fact]
    public async Task Counts_in_every_chunk_do_not_make_a_cut_stream_whole()
    {
        const string Chunk = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half\"},\"finish_reason\":null}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,\"total_tokens\":10}}\n\n";
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(Stream([Chunk, Chunk])));
        await using Gateway gateway = await StartAsync(upstream, Dialect.OpenAI);
        foreach (Dialect client in Golden.Formats)
        {
            using HttpResponseMessage response = await gateway.PostAsync(client.Path(), Ask(client, stream: true));
            string text = await response.Content.ReadAsStringAsync(Token);
            Assert.Contains("\"error\"", text, StringComparison.Ordinal);
            if (client != Dialect.OpenAI) { Assert.True(Told.Read(client, text).Error); }
        }

        Assert.All(await gateway.RecordsAsync(3), static r => Assert.Equal("failed", r.Outcome));
    }

    private static async Task CutAsync(Dialect client, Dialect provider, List<byte[]> streams)
    {
        await using var upstream = ScriptedUpstream.Start();
        await using Gateway gateway = await StartAsync(upstream, provider);
        for (int i = 0; i < streams.Count; i++)
        {
            byte[][] pieces = streams[i].Length == 0 ? [RawHttp.EventStreamHead()] : [RawHttp.EventStreamHead(), RawHttp.Chunk(streams[i])];
            // Half of them end their body as if all were well, the others break off.
            upstream.Add(i % 2 == 0 ? UpstreamScript.Send([.. pieces, RawHttp.LastChunk]) : UpstreamScript.Send(pieces).ThenClose());
            using HttpResponseMessage response = await gateway.PostAsync(client.Path(), Ask(client, stream: true));
            string text = await response.Content.ReadAsStringAsync(Token);
            if ((int)response.StatusCode != 200)
            {
                Assert.Equal(502, (int)response.StatusCode);
                Assert.NotNull(JsonNode.Parse(text)!["error"]!["message"]);
                Assert.Equal(client == Dialect.Anthropic, JsonNode.Parse(text)!["type"] is not null);
                continue;
            }

            Told told = Told.Read(client, text);
            Assert.True(told.Error && !told.Ended && told.Stop is null, $"Cut {i}: {text}");
        }

        Assert.All(await gateway.RecordsAsync(streams.Count), static r => Assert.Equal("failed", r.Outcome));
        Assert.Equal(0, gateway.Journal.OpenReservations);
    }

    internal static Task<Gateway> StartAsync(ScriptedUpstream upstream, Dialect format)
    {
        HttpProviderOptions options = new() { BaseUrl = format == Dialect.Anthropic ? upstream.Url : new(upstream.Url, "/v1"), ApiKey = "upstream-key", Formats = [format] };
        IModelProvider provider = format == Dialect.Anthropic ? new AnthropicProvider("there", options) : new OpenAIProvider("there", options);
        return Gateway.StartAsync((provider, ["m-*"]));
    }

    private static string Ask(Dialect client, bool stream) => client switch
    {
        Dialect.Anthropic => $$"""{"model":"m-x","max_tokens":500,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"hi"}]}""",
        Dialect.OpenAI => $$"""{"model":"m-x","max_completion_tokens":500,{{(stream ? "\"stream\":true,\"stream_options\":{\"include_usage\":true}," : "")}}"messages":[{"role":"user","content":"hi"}]}""",
        _ => $$"""{"model":"m-x","max_output_tokens":500,"store":false,"stream":{{(stream ? "true" : "false")}},"input":"hi"}""",
    };

    internal static string[] Events(string name, Dialect format) =>
        [.. Golden.Text(Golden.Input("streams", name, format, "sse")).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(static e => e + "\n\n")];

    // The text's stream with lines that end in CR LF and characters of every length.
    private static byte[] Awkward(Dialect format)
    {
        string text = string.Concat(Events("tools", format));
        Assert.Contains("I look.", text, StringComparison.Ordinal);
        return Encoding.UTF8.GetBytes(text.Replace("I look.", "Grüße, 世界 🚀", StringComparison.Ordinal).ReplaceLineEndings("\r\n"));
    }
}
