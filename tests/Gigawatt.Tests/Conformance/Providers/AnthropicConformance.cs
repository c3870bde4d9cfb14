using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Anthropic;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>An Anthropic upstream.</summary>
public sealed class AnthropicConformance : HttpProviderConformance
{
    protected override Dialect Dialect => Dialect.Anthropic;

    protected override string Path => "/prefix/v1/messages";

    protected override string Json =>
        """{"id":"msg_1","type":"message","role":"assistant","model":"sim-one","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}""";

    protected override string Models => """{"data":[{"type":"model","id":"sim-one","display_name":"One","created_at":"2026-01-02T00:00:00Z"}],"has_more":false,"first_id":"sim-one","last_id":"sim-one"}""";

    protected override string NotFound => """{"type":"error","error":{"type":"not_found_error","message":"model: no-such-model"},"request_id":"req_1"}""";

    protected override string[] Events =>
    [
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"sim-one\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":3}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ];

    protected override IModelProvider NewProvider(HttpProviderOptions options) => new AnthropicProvider("upstream", options);

    protected override Uri BaseUrl(Uri upstream) => new(upstream, "/prefix/");

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
