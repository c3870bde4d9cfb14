using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Anthropic;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>An Anthropic upstream.</summary>
public sealed class AnthropicConformance : AnthropicFormatConformance
{
    protected override Uri BaseUrl { get; } = new("http://api.anthropic.com/prefix/");

    protected override IReadOnlyDictionary<Dialect, string> Paths { get; } = new Dictionary<Dialect, string>
    {
        [Dialect.Anthropic] = "/prefix/v1/messages",
        [Dialect.CountTokens] = "/prefix/v1/messages/count_tokens",
    };

    protected override IModelProvider NewProvider(HttpProviderOptions options) => new AnthropicProvider("upstream", options);

    protected override void AssertCredential(UpstreamRequest request)
    {
        Assert.Equal(Key, request.Header("x-api-key"));
        Assert.Null(request.Header("authorization"));
    }

    [Fact]
    public async Task A_model_list_of_several_pages_is_read_to_its_end()
    {
        Upstream.Add(UpstreamScript.Send(RawHttp.Json(200, """{"data":[{"id":"a","created_at":"2026-01-02T00:00:00Z"}],"has_more":true,"last_id":"a&b"}""")));
        Upstream.Add(UpstreamScript.Send(RawHttp.Json(200, """{"data":[{"id":"b","display_name":"B","created_at":"1970-01-01T00:00:00Z"},{"no":"id"}],"has_more":false}""")));
        IReadOnlyList<ProviderModel>? models = await Provider.ListModelsAsync(Cancelled);
        Assert.Equal([new("a", "a", new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)), new("b", "B", null)], models);
        Assert.Equal("GET /prefix/v1/models?limit=1000 HTTP/1.1", Upstream.Requests[0].RequestLine);
        Assert.Equal("GET /prefix/v1/models?limit=1000&after_id=a%26b HTTP/1.1", Upstream.Requests[1].RequestLine);
        Assert.Equal("2023-06-01", Upstream.Requests[1].Header("anthropic-version"));
        Assert.Equal(Key, Upstream.Requests[1].Header("x-api-key"));
    }

    [Fact]
    public async Task A_model_list_that_never_ends_is_a_failure()
    {
        Upstream.Add(UpstreamScript.Send(RawHttp.Json(200, """{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}""")));
        await Assert.ThrowsAsync<ProviderException>(() => Provider.ListModelsAsync(Cancelled));
    }
}
