using System.Net;
using System.Text;
using System.Text.Json;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Tests.Support;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>Clients of one API at a provider of the other: the translation itself is tested in Wire, here what the path makes of it.</summary>
public sealed class TranslatedPathTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_messages_client_is_answered_by_a_chat_model_and_metered_as_the_provider_counts()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, ChatAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.OpenAI(upstream.Url));
        using HttpResponseMessage response = await gateway.PostAsync("/v1/messages?beta=true",
            """{"model":"gpt-x","max_tokens":50,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"hi"}]}""");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("message", answer.RootElement.GetProperty("type").GetString());
        Assert.Equal("gpt-x", answer.RootElement.GetProperty("model").GetString());
        Assert.Contains("cache_control", Header(response, "x-gigawatt-not-carried"), StringComparison.Ordinal);
        UpstreamRequest request = Assert.Single(upstream.Requests);
        Assert.Equal("POST /v1/chat/completions HTTP/1.1", request.RequestLine);
        Assert.Equal("gpt-x", JsonDocument.Parse(request.Body).RootElement.GetProperty("model").GetString());
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal(("anthropic", "other", new TokenUsage(8, 4, 0, 7), false), (record.Format, record.Endpoint, record.Tokens, record.TokensEstimated));
    }

    [Fact]
    public async Task A_chat_client_is_answered_by_claude_which_gets_the_version_it_needs()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer.Replace(",{\"type\":\"tomorrow\"}", "", StringComparison.Ordinal))));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage response = await gateway.PostAsync("/v1/chat/completions", """{"model":"claude-x","messages":[{"role":"user","content":"hi"}]}""");
        string body = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == HttpStatusCode.OK, body);
        Assert.Equal("chat.completion", JsonDocument.Parse(body).RootElement.GetProperty("object").GetString());
        Assert.Equal("2023-06-01", upstream.Requests[0].Header("anthropic-version"));
        Assert.Equal(1_000, JsonDocument.Parse(upstream.Requests[0].Body).RootElement.GetProperty("max_tokens").GetInt32());
        Assert.Equal(new TokenUsage(20, 10, 0, 30), Assert.Single(await gateway.RecordsAsync(1)).Tokens);
    }

    [Theory]
    [InlineData(429, 429, "rate_limit_error")]
    [InlineData(400, 400, "invalid_request_error")]
    [InlineData(503, 529, "overloaded_error")]
    public async Task A_providers_error_is_told_in_the_clients_format_with_its_words(int status, int told, string type)
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(
            RawHttp.Answer(status, "Content-Type: application/json\r\nretry-after: 3\r\n", Encoding.UTF8.GetBytes("""{"error":{"message":"their words","type":"server_error","param":null,"code":null}}"""))));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.OpenAI(upstream.Url));
        using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", """{"model":"gpt-x","max_tokens":50,"messages":[{"role":"user","content":"hi"}]}""");
        Assert.Equal((told, "3"), ((int)response.StatusCode, Header(response, "retry-after")));
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("error");
        Assert.Equal((type, true), (error.GetProperty("type").GetString(), error.GetProperty("message").GetString()!.Contains("their words", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Claude_fails_over_to_a_chat_model_and_back_and_thinking_is_named_where_it_is_left_out()
    {
        await using var claude = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(529, "{}")));
        await using var chat = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, ChatAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(
            "routes: [{ model: house, targets: [{ provider: cloud, model: claude-x }, { provider: other, model: gpt-x }] }]",
            Gateway.Anthropic(claude.Url), Gateway.OpenAI(chat.Url));
        using HttpResponseMessage response = await gateway.PostAsync("/v1/messages",
            """{"model":"house","max_tokens":50,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"a"}]},{"role":"user","content":"hi"}]}""");
        Assert.Equal(("other", HttpStatusCode.OK), (Header(response, "x-gigawatt-endpoint"), response.StatusCode));
        Assert.Contains("thinking", Header(response, "x-gigawatt-not-carried"), StringComparison.Ordinal);
        Assert.Contains("\"model\":\"house\"", (await response.Content.ReadAsStringAsync(Token)).Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        UsageRecord record = Assert.Single(await gateway.RecordsAsync(1));
        Assert.Equal((2, "gpt-x", "house", "ok"), (record.Attempts, record.Model, record.Subject, record.Outcome));
    }
}
