using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Wire.Translation.Answers;

namespace Gigawatt.Wire.Translation.Streams;

/// <summary>Writes the events of Anthropic Messages.</summary>
internal sealed class AnthropicStreamWriter(string model) : SerialStreamWriter
{
    private readonly JsonEncodedText _model = JsonEncodedText.Encode(model);
    private int _index = -1;

    internal override void Start(string stem, TokenUsage? usage)
    {
        Put("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\""u8);
        Put(AnswerIds.For(Dialect.Anthropic, stem));
        Put("\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\""u8);
        Put(_model.EncodedUtf8Bytes);
        Put("\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":"u8);
        // Where the provider counts at the end only, the counts here are those of nothing yet; message_delta replaces them.
        Put(JsonBytes.Write((usage ?? default) with { Output = 0, Reasoning = 0 }, static (json, counts) => UsageWriter.Write(json, Dialect.Anthropic, counts)));
        Put("}}\n\n"u8);
    }

    protected override void Open(Block block)
    {
        _index++;
        Put("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":"u8);
        Put(_index);
        if (block.Kind == BlockKind.Call)
        {
            Put(",\"content_block\":{\"type\":\"tool_use\",\"id\":\""u8);
            Put(block.Id);
            Put("\",\"name\":\""u8);
            Put(block.Name);
            Put("\",\"input\":{}}}\n\n"u8);
        }
        else { Put(",\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"u8); }
    }

    protected override void Delta(Block block, ReadOnlySpan<byte> text)
    {
        Put("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":"u8);
        Put(_index);
        Put(block.Kind == BlockKind.Call ? ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\""u8 : ",\"delta\":{\"type\":\"text_delta\",\"text\":\""u8);
        Put(text);
        Put("\"}}\n\n"u8);
    }

    protected override void Close(Block block)
    {
        Put("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":"u8);
        Put(_index);
        Put("}\n\n"u8);
    }

    internal override bool NeedsUsage => true;

    internal override void Finish(Stop stop, TokenUsage? usage)
    {
        EndAll();
        Put("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\""u8);
        Put(StopReasons.ForAnthropic(stop, Refused));
        Put("\",\"stop_sequence\":null},\"usage\":"u8);
        Put(JsonBytes.Write(usage ?? default, static (json, counts) => UsageWriter.Write(json, Dialect.Anthropic, counts)));
        Put("}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8);
    }

    internal override void Error(ApiError error, string requestId) => Put(ErrorWire.StreamEvent(error, Dialect.Anthropic, requestId));
}
