using System.Net;
using System.Text.Json;
using Gigawatt.Tests.Requests;

namespace Gigawatt.Tests.Wire;

/// <summary>The two versions of Anthropic's API, with all that differs between them, on every endpoint that takes messages.</summary>
public sealed class AnthropicVersionTests : IAsyncLifetime
{
    private const string User = "{\"role\":\"user\",\"content\":\"hi\"}";
    private const string Document = "{\"type\":\"document\",\"source\":{\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":\"x\"}}";
    private const string Citations = "\"citations\":[{\"type\":\"char_location\",\"cited_text\":\"x\",\"document_index\":0,\"document_title\":null,\"start_char_index\":0,\"end_char_index\":1}]";

    private static readonly string[] Endpoints = ["/v1/messages", "/anthropic/v1/messages", "/v1/messages?stream", "/v1/messages/count_tokens", "/v1/messages/batches"];

    // What 2026-10-21 refuses and 2023-06-01 takes: top-level fields, messages, and where the error points.
    private static readonly (string Fields, string Messages, string At)[] Removed =
    [
        ("\"temperature\":1,", User, "temperature"),
        ("\"top_p\":1,", User, "top_p"),
        ("\"top_k\":40,", User, "top_k"),
        ("\"temperature\":null,", User, "temperature"),
        ("", User + ",{\"role\":\"assistant\",\"content\":[" + Document + "]}," + User, "messages.1.content.0"),
        ("", User + ",{\"content\":[" + Document + "],\"role\":\"assistant\"}," + User, "messages.1.content.0"),
        ("", "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"," + Citations + "}]}", "messages.0.content.1.citations"),
        ("", "{\"role\":\"user\",\"content\":[{\"type\":\"search_result\",\"source\":\"s\",\"title\":\"t\",\"content\":[{\"type\":\"text\",\"text\":\"b\"," + Citations + "}]}]}", "messages.0.content.0.content.0.citations"),
    ];

    // What looks like the above and both take.
    private static readonly (string Fields, string Messages)[] Kept =
    [
        ("", User + ",{\"role\":\"assistant\",\"content\":\"x\"},{\"role\":\"user\",\"content\":[" + Document + "]}"),
        ("", User + ",{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"b\"," + Citations + "}]}," + User),
        ("", "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"b\",\"citations\":[]},{\"type\":\"text\",\"text\":\"c\",\"citations\":null}]}"),
        ("\"metadata\":{\"user_id\":\"u\"},\"later\":{\"temperature\":1,\"top_p\":1},", User),
    ];

    private Gateway _gateway = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _gateway = await Gateway.StartAsync(Gateway.Simulation());

    public async ValueTask DisposeAsync() => await _gateway.DisposeAsync();

    public static TheoryData<string> All => [.. Endpoints];

    [Theory]
    [MemberData(nameof(All))]
    public async Task The_older_version_takes_what_the_newer_refuses_with_its_place(string endpoint)
    {
        foreach ((string fields, string messages, string at) in Removed)
        {
            (HttpStatusCode status, string body) = await SendAsync(endpoint, fields, messages, "2023-06-01");
            Assert.True(status == HttpStatusCode.OK, $"{at}: {body}");
            (status, body) = await SendAsync(endpoint, fields, messages, "2026-10-21");
            Assert.True(status == HttpStatusCode.BadRequest, $"{at}: {status}");
            JsonElement error = JsonDocument.Parse(body).RootElement.GetProperty("error");
            Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
            Assert.StartsWith((endpoint.EndsWith("batches", StringComparison.Ordinal) ? "requests.0.params." : "") + at + ": expected", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Both_versions_take_what_only_looks_like_it(string endpoint)
    {
        foreach (string version in (string[])["2023-06-01", "2026-10-21"])
        {
            foreach ((string fields, string messages) in Kept)
            {
                (HttpStatusCode status, string body) = await SendAsync(endpoint, fields, messages, version);
                Assert.True(status == HttpStatusCode.OK, $"{version}: {body}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Without_a_version_or_with_an_unknown_one_the_known_ones_are_told(string endpoint)
    {
        foreach (string? version in (string?[])[null, "", "2022-12-31", "2026-10-22", "latest"])
        {
            (HttpStatusCode status, string body) = await SendAsync(endpoint, "", User, version);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains("anthropic-version: expected one of 2023-06-01, 2026-10-21", body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("2023-06-01")]
    [InlineData("2026-10-21")]
    public async Task Lists_are_the_same_under_both(string version)
    {
        foreach (string path in (string[])["/v1/models", "/v1/models/sim-small", "/anthropic/v1/models?limit=5", "/v1/messages/batches?limit=5"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("anthropic-version", version);
            using HttpResponseMessage response = await _gateway.Http.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private async Task<(HttpStatusCode, string)> SendAsync(string endpoint, string fields, string messages, string? version)
    {
        bool stream = endpoint.EndsWith("?stream", StringComparison.Ordinal), batch = endpoint.EndsWith("batches", StringComparison.Ordinal), count = endpoint.EndsWith("count_tokens", StringComparison.Ordinal);
        string body = $$"""{"model":"sim-small",{{(count ? "" : "\"max_tokens\":1,")}}{{fields}}"messages":[{{messages}}]{{(stream ? ",\"stream\":true" : "")}}}""";
        if (batch) { body = $$"""{"requests":[{"custom_id":"a","params":{{body}}}]}"""; }
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Replace("?stream", "", StringComparison.Ordinal)) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        if (version is not null) { request.Headers.TryAddWithoutValidation("anthropic-version", version); }
        using HttpResponseMessage response = await _gateway.Http.SendAsync(request, Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
