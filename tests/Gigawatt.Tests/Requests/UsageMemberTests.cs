using System.Text.Json;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Tests.Support;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>What a call cost stands in its answer's usage where the client asks for it, and nothing of the answer changes where it does not.</summary>
public sealed class UsageMemberTests
{
    private const string ResponsesBody = """{"model":"gpt-x","input":"hi","store":false,"max_output_tokens":50}""";

    private const string ResponsesAnswer =
        """{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"gpt-x","output":[{"type":"message","id":"m","status":"completed","role":"assistant","content":[{"type":"output_text","text":"hi","annotations":[]}]}],"usage":{"input_tokens":12,"input_tokens_details":{"cached_tokens":4},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":2},"total_tokens":19}}""";

    private static readonly string[] ResponsesEvents =
    [
        "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"in_progress\",\"output\":[],\"usage\":null}}\n\n",
        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":1,\"item_id\":\"m\",\"output_index\":0,\"content_index\":0,\"delta\":\"Hello there, friend\"}\n\n",
        $"event: response.completed\ndata: {{\"type\":\"response.completed\",\"sequence_number\":2,\"response\":{ResponsesAnswer}}}\n\n",
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Answers => new()
    {
        { "/v1/messages", MessagesBody, MessagesAnswer },
        { "/v1/chat/completions", ChatBody, ChatAnswer },
        { "/v1/responses", ResponsesBody, ResponsesAnswer },
        { "/v1/embeddings", """{"model":"gpt-x","input":"hi"}""", """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"gpt-x","usage":{"prompt_tokens":5,"total_tokens":5}}""" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_tells_what_it_cost_to_who_asks_and_is_untouched_for_others(string path, string body, string answer)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, answer)));
        await using Gateway gateway = await Gateway.StartAsync(Upstream(upstream.Url, path));
        using (HttpResponseMessage plain = await gateway.PostAsync(path, body)) { Assert.Equal(answer, await plain.Content.ReadAsStringAsync(Token)); }
        using HttpResponseMessage asked = await gateway.PostAsync(path, body, ("x-gigawatt-usage", "true"));
        string text = await asked.Content.ReadAsStringAsync(Token);
        UsageRecord record = (await gateway.RecordsAsync(2)).Single(r => r.Id == Header(asked, "x-gigawatt-request-id"));
        string member = Member(text, "usage");
        Check(record, member, Header(asked, "x-gigawatt-usd"));
        // Without the member, every byte is the provider's.
        Assert.Equal(answer, text.Replace($",\"gigawatt\":{member}", "", StringComparison.Ordinal));
        Assert.All(upstream.Requests, r => Assert.DoesNotContain("x-gigawatt", r.Head, StringComparison.OrdinalIgnoreCase));
    }

    public static TheoryData<string, string, string[]> Streams => new()
    {
        { "/v1/messages", StreamBody, MessagesEvents },
        { "/v1/chat/completions", ChatStreamBody, ChatEvents },
        { "/v1/chat/completions", ChatStreamBody.Replace("\"stream_options\":{\"include_usage\":true},", "", StringComparison.Ordinal), ChatEvents },
        { "/v1/responses", ResponsesBody.Replace("\"max", "\"stream\":true,\"max", StringComparison.Ordinal), ResponsesEvents },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_streams_final_usage_tells_what_it_cost_to_who_asks(string path, string body, string[] events)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(Stream(events)));
        await using Gateway gateway = await Gateway.StartAsync(Upstream(upstream.Url, path));
        using HttpResponseMessage asked = await gateway.PostAsync(path, body, ("x-gigawatt-usage", "true"));
        string text = await asked.Content.ReadAsStringAsync(Token);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        string data = text.Split('\n').Single(l => l.Contains("\"gigawatt\":", StringComparison.Ordinal))["data:".Length..];
        string member = path == "/v1/responses" ? Member(data, "response", "usage") : Member(data, "usage");
        Check(record, member, Text(record.Cost.Micros / 1_000_000m));
        Assert.Equal(string.Concat(events), text.Replace($",\"gigawatt\":{member}", "", StringComparison.Ordinal));
        using HttpResponseMessage plain = await gateway.PostAsync(path, body);
        Assert.DoesNotContain("gigawatt", await plain.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_translated_answer_tells_it_too(bool stream)
    {
        string body = $$"""{"model":"gpt-x","max_tokens":50,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"hi"}]}""";
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(stream ? Stream(ChatEvents) : [RawHttp.Json(200, ChatAnswer)]));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.OpenAI(upstream.Url));
        using HttpResponseMessage asked = await gateway.PostAsync("/v1/messages", body, ("x-gigawatt-usage", "true"));
        string text = await asked.Content.ReadAsStringAsync(Token);
        Assert.True(asked.IsSuccessStatusCode, text);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        string data = stream ? text.Split('\n').Single(l => l.Contains("\"gigawatt\":", StringComparison.Ordinal))["data:".Length..] : text;
        Check(record, Member(data, "usage"), Text(record.Cost.Micros / 1_000_000m));
    }

    public static TheoryData<string, string, string[], int> Cuts => new()
    {
        { "/v1/messages", StreamBody, MessagesEvents, 5 },
        { "/v1/chat/completions", ChatStreamBody, ChatEvents, 2 },
        { "/v1/responses", ResponsesBody.Replace("\"max", "\"stream\":true,\"max", StringComparison.Ordinal), ResponsesEvents, 2 },
    };

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task A_stream_that_the_client_leaves_is_charged_for_what_came_and_marked_as_estimated(string path, string body, string[] events, int seen)
    {
        var script = UpstreamScript.Gated(Stream(events));
        await using var upstream = ScriptedUpstream.Start(script);
        await using Gateway gateway = await Gateway.StartAsync(Upstream(upstream.Url, path));
        Task<HttpResponseMessage> sent = gateway.PostAsync(path, body);
        script.Release(1 + seen);
        using (HttpResponseMessage response = await sent)
        {
            await using Stream answer = await response.Content.ReadAsStreamAsync(Token);
            byte[] buffer = new byte[64 << 10];
            for (int received = 0; received < events[..seen].Sum(e => e.Length);) { received += await answer.ReadAsync(buffer, Token); }
        }

        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal(("aborted", true), (record.Outcome, record.TokensEstimated));
        Assert.True(record.Tokens is { TotalInput: > 0, Output: > 0 } && record.Cost.Micros > 0, record.Tokens.ToString());
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_model_that_nobody_knows_is_never_free(string path, string body, string answer)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, answer)));
        (IModelProvider provider, _) = Upstream(upstream.Url, path);
        await using Gateway gateway = await Gateway.StartAsync((provider, ["*"]));
        using HttpResponseMessage response = await gateway.PostAsync(path, body.Replace("gpt-x", "who-knows", StringComparison.Ordinal).Replace("claude-x", "who-knows", StringComparison.Ordinal));
        Assert.True(response.IsSuccessStatusCode);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal(RequestMeter.Cost(ModelCatalog.Unknown, record.Tokens), record.Cost);
        Assert.True(record.Cost.Micros > 0 && record.Energy.Millijoules > 0 && record.Carbon.Micrograms > 0 && record.Water.Microlitres > 0);
    }

    private static (IModelProvider Provider, string[] Patterns) Upstream(Uri url, string path) => path == "/v1/messages" ? Gateway.Anthropic(url) : Gateway.OpenAI(url);

    private static string Member(string json, params string[] path)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return path.Aggregate(document.RootElement, static (at, name) => at.GetProperty(name)).GetProperty("gigawatt").GetRawText();
    }

    private static void Check(UsageRecord record, string member, string usd)
    {
        using JsonDocument document = JsonDocument.Parse(member);
        JsonElement told = document.RootElement;
        Assert.Equal(record.Id, told.GetProperty("request_id").GetString());
        Assert.Equal((record.Endpoint, record.Model), (told.GetProperty("endpoint").GetString(), told.GetProperty("model").GetString()));
        Assert.Equal(record.Cost.Micros / 1_000_000m, told.GetProperty("usd").GetDecimal());
        Assert.Equal(decimal.Parse(usd, System.Globalization.CultureInfo.InvariantCulture), told.GetProperty("usd").GetDecimal());
        Assert.Equal(record.Energy.Millijoules / 1_000m, told.GetProperty("joules").GetDecimal());
        Assert.Equal(record.Carbon.Micrograms / 1_000_000m, told.GetProperty("gco2e").GetDecimal());
        Assert.Equal(record.Water.Microlitres / 1_000_000m, told.GetProperty("litres").GetDecimal());
        Assert.Equal(("modelled", record.TokensEstimated), (told.GetProperty("energy_method").GetString(), told.GetProperty("estimated").GetBoolean()));
    }
}
