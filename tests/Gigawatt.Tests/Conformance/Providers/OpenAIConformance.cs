using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.OpenAI;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>An upstream compatible with OpenAI.</summary>
public sealed class OpenAIConformance : OpenAIFormatConformance
{
    protected override Uri BaseUrl { get; } = new("http://api.openai.com/v1");

    protected override IReadOnlyDictionary<Dialect, string> Paths { get; } = new Dictionary<Dialect, string>
    {
        [Dialect.OpenAI] = "/v1/chat/completions",
        [Dialect.Responses] = "/v1/responses",
        [Dialect.Embeddings] = "/v1/embeddings",
    };

    protected override IModelProvider NewProvider(HttpProviderOptions options) => new OpenAIProvider("upstream", options);

    protected override void AssertCredential(UpstreamRequest request)
    {
        Assert.Equal($"Bearer {Key}", request.Header("authorization"));
        Assert.Null(request.Header("x-api-key"));
    }

    [Fact]
    public async Task The_model_list_is_asked_for_beside_the_completions()
    {
        PrepareModels();
        IReadOnlyList<ProviderModel>? models = await Provider.ListModelsAsync(Cancelled);
        Assert.Equal([new(Model, Model, new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero)) { OwnedBy = "me" }], models);
        Assert.Equal("GET /v1/models HTTP/1.1", Upstream.Requests[0].RequestLine);
    }

    [Theory]
    [InlineData("?api-version=2024-10-21", "")]
    [InlineData("?a=1&API-version=2024-10-21&b=%20", "?a=1&b=%20")]
    public async Task A_version_of_azures_api_that_a_client_names_ends_here(string query, string expected)
    {
        PrepareJson();
        await using ProviderAnswer answer = await Provider.SendAsync(Call(stream: false) with { Query = query }, Cancelled);
        Assert.Equal($"POST /v1/chat/completions{expected} HTTP/1.1", Upstream.Requests[0].RequestLine);
    }
}
