using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Gigawatt.Server.Identity;
using Gigawatt.Tenants;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>Every error of the data path: in the caller's format, with the right status, and without an effect on provider, budget or ledger.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private readonly ScriptedUpstream _upstream = ScriptedUpstream.Start();
    private Gateway _gateway = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _gateway = await Gateway.StartAsync(Gateway.Anthropic(_upstream.Url), Gateway.OpenAI(_upstream.Url));

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _upstream.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1/messages", "", 400, "invalid_request_error", "not valid JSON")]
    [InlineData("/v1/messages", "[1]", 400, "invalid_request_error", "JSON object")]
    [InlineData("/v1/messages", "{\"model\":\"claude-x\"", 400, "invalid_request_error", "not valid JSON")]
    [InlineData("/v1/messages", "{\"model\":\"claude-x\",\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}", 400, "invalid_request_error", "max_tokens")]
    [InlineData("/v1/messages", "{\"model\":\"nobody\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}", 404, "not_found_error", "nobody is not served here")]
    [InlineData("/v1/messages", "{\"model\":\"claude-\\r\\nx: y\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}", 404, "not_found_error", "not served here")]
    [InlineData("/v1/messages/count_tokens", "{}", 400, "invalid_request_error", "model: expected the name of a model")]
    [InlineData("/v1/messages/count_tokens", "{\"model\":\"gpt-x\",\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}", 404, "not_found_error", "not offered for gpt-x")]
    [InlineData("/v1/messages/nothing", "{}", 404, "not_found_error", "There is no /v1/messages/nothing here")]
    [InlineData("/v1/chat/completions", "{", 400, "invalid_request_error", "not valid JSON")]
    [InlineData("/v1/chat/completions", "{\"model\":5,\"messages\":[{}]}", 400, "invalid_request_error", "model")]
    [InlineData("/v1/chat/completions", "{\"model\":\"nobody\",\"messages\":[{}]}", 404, "model_not_found", "nobody is not served here")]
    [InlineData("/v1/embeddings", "{}", 400, "invalid_request_error", "model: expected the name of a model")]
    [InlineData("/v1/embeddings", "{\"model\":\"claude-x\",\"input\":\"a\"}", 400, "invalid_request_error", "claude-x gives no embeddings here")]
    [InlineData("/v1/responses", "{\"model\":\"gpt-x\",\"input\":\"a\",\"background\":true}", 400, "invalid_request_error", "in the background are not offered")]
    [InlineData("/v1/images", "{}", 404, "not_found", "There is no /v1/images here")]
    public async Task A_bad_body_or_model_is_refused_in_the_callers_format(string path, string body, int status, string type, string message) =>
        await AssertRefusedAsync(await _gateway.PostAsync(path, body), status, type, message);

    [Theory]
    [InlineData("/v1/messages", "claude-x", 401, "authentication_error")]
    [InlineData("/v1/chat/completions", "gpt-x", 401, "invalid_api_key")]
    public async Task Without_a_key_or_with_a_wrong_one_nobody_gets_in(string path, string model, int status, string type)
    {
        string body = Body(model);
        _gateway.Http.DefaultRequestHeaders.Authorization = null;
        await AssertRefusedAsync(await _gateway.PostAsync(path, body), status, type, "Send an API key");
        await AssertRefusedAsync(await _gateway.PostAsync(path, body, ("x-api-key", "gw-wrong")), status, type, "not known");
        await AssertRefusedAsync(await _gateway.PostAsync(path, body, ("Authorization", "Basic abc")), status, type, "not known");
        await AssertRefusedAsync(await _gateway.PostAsync(path, body, ("Authorization", "Bearer")), status, type, "not known");
        _gateway.Identities.Revoke(_gateway.Key.Facts.Id);
        await AssertRefusedAsync(await _gateway.PostAsync(path, body, ("x-api-key", _gateway.Key.Secret)), status, type, "revoked");
    }

    [Fact]
    public async Task A_key_is_accepted_in_either_header_or_in_both()
    {
        _upstream.Add(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        _gateway.Http.DefaultRequestHeaders.Authorization = null;
        (string, string)[][] ways =
        [
            [("x-api-key", _gateway.Key.Secret)],
            [("Authorization", "Bearer " + _gateway.Key.Secret)],
            [("Authorization", "bearer " + _gateway.Key.Secret), ("x-api-key", "placeholder")],
            [("Authorization", "Bearer placeholder"), ("x-api-key", _gateway.Key.Secret)],
        ];
        foreach ((string, string)[] headers in ways)
        {
            Assert.Equal(HttpStatusCode.OK, (await _gateway.PostAsync("/v1/messages", MessagesBody, headers)).StatusCode);
        }
    }

    [Theory]
    [InlineData("/v1/messages", 415, "invalid_request_error")]
    [InlineData("/v1/chat/completions", 415, "unsupported_media_type")]
    public async Task A_body_that_is_not_json_by_its_type_is_refused(string path, int status, string type)
    {
        foreach (string? contentType in (string?[])["text/plain", "application/x-www-form-urlencoded", "application/jsonx", null])
        {
            var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(Utf8(MessagesBody)) };
            request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
            await AssertRefusedAsync(await _gateway.Http.SendAsync(request, Token), status, type, "application/json");
        }
    }

    [Theory]
    [InlineData("/v1/messages", "request_too_large", false)]
    [InlineData("/v1/messages", "request_too_large", true)]
    [InlineData("/v1/chat/completions", "request_too_large", false)]
    public async Task A_body_above_32_MiB_is_too_large_with_a_length_or_without(string path, string type, bool chunked)
    {
        // The client goes on sending, and must be able to read why nobody listens.
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[33 << 20]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = chunked;
        await AssertRefusedAsync(await _gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token), 413, type, "32 MiB");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2022-01-01")]
    [InlineData("2023-06-01, 2026-10-21")]
    public async Task An_unknown_or_missing_anthropic_version_is_refused(string? version)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(MessagesBody, Encoding.UTF8, "application/json") };
        if (version is not null) { request.Headers.Add("anthropic-version", version); }
        await AssertRefusedAsync(await _gateway.Http.SendAsync(request, Token), 400, "invalid_request_error", "2023-06-01, 2026-10-21");
    }

    [Fact]
    public async Task Sampling_parameters_pass_under_the_old_version_and_are_refused_under_the_new()
    {
        _upstream.Add(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        const string Body = """{"model":"claude-x","max_tokens":1,"temperature":1,"messages":[{"role":"user","content":""}]}""";
        Assert.Equal(HttpStatusCode.OK, (await _gateway.PostAsync("/v1/messages", Body)).StatusCode);
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        request.Headers.Add("anthropic-version", "2026-10-21");
        HttpResponseMessage response = await _gateway.Http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("temperature", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_outside_the_keys_list_is_not_permitted()
    {
        NewKey key = _gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", Name = "narrow", Models = ["claude-y", "gpt-*"] });
        _gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", key.Secret);
        await AssertRefusedAsync(await _gateway.PostAsync("/v1/messages", MessagesBody), 403, "permission_error", "may not use the model claude-x");
    }

    [Theory]
    [InlineData("/v1/messages", "claude-x", "billing_error")]
    [InlineData("/v1/chat/completions", "gpt-x", "insufficient_quota")]
    public async Task A_request_that_its_budget_cannot_cover_is_refused_and_not_to_be_retried(string path, string model, string type)
    {
        _gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(new Usd(100), BudgetPeriod.Day)] });
        HttpResponseMessage response = await _gateway.PostAsync(path, Body(model));
        Assert.Equal("false", Header(response, "x-should-retry"));
        await AssertRefusedAsync(response, 429, type, "The budget of tenant Default is $0.0001 per day; ");
    }

    [Theory]
    [InlineData("GET", "/v1/messages", 405)]
    [InlineData("DELETE", "/v1/chat/completions", 405)]
    [InlineData("POST", "/v1/models", 405)]
    [InlineData("GET", "/v1/nothing", 404)]
    public async Task Other_methods_and_paths_are_refused_in_words(string method, string path, int status)
    {
        HttpResponseMessage response = await _gateway.Http.SendAsync(new(new HttpMethod(method), path), Token);
        Assert.Equal(status, (int)response.StatusCode);
        using JsonDocument error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Contains(path, error.RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private static string Body(string model) => $$"""{"model":"{{model}}","max_tokens":1000,"messages":[{"role":"user","content":"hi"}]}""";

    private async Task AssertRefusedAsync(HttpResponseMessage response, int status, string type, string message)
    {
        string body = await response.Content.ReadAsStringAsync(Token);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode}: {body}");
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        using JsonDocument error = JsonDocument.Parse(body);
        JsonElement inner = error.RootElement.GetProperty("error");
        Assert.Contains(message, inner.GetProperty("message").GetString(), StringComparison.Ordinal);
        bool anthropic = error.RootElement.TryGetProperty("request_id", out JsonElement id);
        Assert.Contains(type, (string?[])[inner.GetProperty("type").GetString(), anthropic ? null : inner.GetProperty("code").GetString()]);
        string header = Header(response, anthropic ? "request-id" : "x-request-id");
        Assert.StartsWith("req_", header, StringComparison.Ordinal);
        Assert.Equal(anthropic ? id.GetString() : header, header);
        Assert.Equal(header, Header(response, "x-gigawatt-request-id"));

        Assert.Empty(_upstream.Requests);
        Assert.Empty(await _gateway.RecordsAsync(0));
        Assert.Equal(0, _gateway.Committed);
    }
}
