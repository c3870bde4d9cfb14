using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.OpenAI;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>An upstream compatible with OpenAI.</summary>
public sealed class OpenAIConformance : HttpProviderConformance
{
    protected override Dialect Dialect => Dialect.OpenAI;

    protected override string Path => "/v1/chat/completions";

    protected override string Json =>
        """{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"sim-one","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}""";

    protected override string Models => """{"object":"list","data":[{"id":"sim-one","object":"model","created":1767312000,"owned_by":"me"}]}""";

    protected override string NotFound => """{"error":{"message":"The model does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}""";

    protected override string[] Events =>
    [
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"sim-one\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"sim-one\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"finish_reason\":null}]}\n\n",
        "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"sim-one\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1,\"total_tokens\":10}}\n\n",
        "data: [DONE]\n\n",
    ];

    protected override IModelProvider NewProvider(HttpProviderOptions options) => new OpenAIProvider("upstream", options);

    protected override Uri BaseUrl(Uri upstream) => new(upstream, "/v1");

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
        Assert.Equal([new(Model, Model, new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero))], models);
        Assert.Equal("GET /v1/models HTTP/1.1", Upstream.Requests[0].RequestLine);
    }
}
