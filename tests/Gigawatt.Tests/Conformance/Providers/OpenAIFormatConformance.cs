using Gigawatt.Models;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>A provider in the format of OpenAI chat completions.</summary>
public abstract class OpenAIFormatConformance : HttpProviderConformance
{
    protected override Dialect Dialect => Dialect.OpenAI;

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
}
