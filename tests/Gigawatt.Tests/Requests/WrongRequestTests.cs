using System.Net;
using System.Text;
using System.Text.Json;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>What no endpoint takes: refused in the form of the API that was meant, saying what would be taken.</summary>
public sealed class WrongRequestTests : IAsyncLifetime
{
    private Gateway _gateway = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _gateway = await Gateway.StartAsync(Gateway.Simulation());

    public async ValueTask DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("/v1/messages", "POST")]
    [InlineData("/anthropic/v1/messages", "POST")]
    [InlineData("/v1/messages/count_tokens", "POST")]
    [InlineData("/v1/messages/batches", "GET, POST")]
    [InlineData("/v1/messages/batches/a", "GET, DELETE")]
    [InlineData("/v1/messages/batches/a/cancel", "POST")]
    [InlineData("/v1/messages/batches/a/results", "GET")]
    [InlineData("/v1/chat/completions", "POST")]
    [InlineData("/openai/deployments/d/chat/completions", "POST")]
    [InlineData("/v1/embeddings", "POST")]
    [InlineData("/v1/responses", "POST")]
    [InlineData("/openai/v1/responses", "POST")]
    [InlineData("/v1/responses/a", "GET, DELETE")]
    [InlineData("/v1/responses/a/cancel", "POST")]
    [InlineData("/v1/responses/a/input_items", "GET")]
    [InlineData("/v1/models", "GET")]
    [InlineData("/v1/models/a/b", "GET")]
    public async Task A_wrong_method_is_told_the_right_ones(string path, string methods)
    {
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Put, HttpMethod.Patch, HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete])
        {
            if (methods.Split(", ").Contains(method.Method)) { continue; }
            using HttpResponseMessage response = await _gateway.Http.SendAsync(new(method, path), Token);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
            Assert.Equal(methods.Split(", ").Order(), response.Content.Headers.Allow.Order());
            await AssertFormAsync(response, anthropic: path.Contains("messages", StringComparison.Ordinal), path);
        }
    }

    [Theory]
    [InlineData("/v1/messages/nothing", true)]
    [InlineData("/anthropic/v1/nothing", true)]
    [InlineData("/anthropic", true)]
    [InlineData("/v1/images/generations", false)]
    [InlineData("/v1/responses/a/b", false)]
    [InlineData("/openai/deployments/d/nothing", false)]
    [InlineData("/chat/completions", false)]
    [InlineData("/", false)]
    public async Task An_unknown_path_is_told_so(string path, bool anthropic)
    {
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Put])
        {
            using HttpResponseMessage response = await _gateway.Http.SendAsync(new(method, path), Token);
            Assert.Contains(response.StatusCode, path == "/" ? [HttpStatusCode.MethodNotAllowed] : (HttpStatusCode[])[HttpStatusCode.NotFound]);
            await AssertFormAsync(response, anthropic, path);
        }
    }

    [Theory]
    [InlineData("/v1/messages")]
    [InlineData("/v1/messages/count_tokens")]
    [InlineData("/v1/messages/batches")]
    [InlineData("/v1/chat/completions")]
    [InlineData("/v1/embeddings")]
    [InlineData("/v1/responses")]
    public async Task What_is_not_JSON_is_told_where(string path)
    {
        foreach ((string body, string place) in ((string, string)[])[("{\n \"model\": x}", "line 2, byte"), ("{\"model\":\"sim-small\",\n\n}", "line 3, byte"), ("{\"a\":1} x", "line 1, byte")])
        {
            using HttpResponseMessage response = await _gateway.PostAsync(path, body);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            await AssertFormAsync(response, path.Contains("messages", StringComparison.Ordinal), place);
        }
    }

    [Theory]
    [InlineData("/v1/messages/batches")]
    [InlineData("/v1/embeddings")]
    [InlineData("/v1/responses")]
    [InlineData("/openai/deployments/sim-small/embeddings")]
    public async Task Bodies_of_other_types_are_refused_everywhere(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("{}", Encoding.UTF8, "text/plain") };
        request.Headers.Add("anthropic-version", "2023-06-01");
        using HttpResponseMessage response = await _gateway.Http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        await AssertFormAsync(response, path.Contains("messages", StringComparison.Ordinal), "application/json");
    }

    [Theory]
    [InlineData("/v1/embeddings")]
    [InlineData("/v1/responses")]
    [InlineData("/openai/deployments/sim-small/chat/completions")]
    public async Task Bodies_that_are_too_large_are_refused_everywhere(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(new byte[33 << 20]) };
        request.Content.Headers.ContentType = new("application/json");
        using HttpResponseMessage response = await _gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        await AssertFormAsync(response, anthropic: false, "32 MiB");
    }

    private static async Task AssertFormAsync(HttpResponseMessage response, bool anthropic, string message)
    {
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        JsonElement error = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement;
        Assert.Contains(message, error.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(anthropic, error.TryGetProperty("request_id", out _));
        Assert.StartsWith("req_", Header(response, anthropic ? "request-id" : "x-request-id"), StringComparison.Ordinal);
    }
}
