using Gigawatt.Models;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>A provider in the format of Anthropic Messages.</summary>
public abstract class AnthropicFormatConformance : HttpProviderConformance
{
    protected override Dialect Dialect => Dialect.Anthropic;

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
}
