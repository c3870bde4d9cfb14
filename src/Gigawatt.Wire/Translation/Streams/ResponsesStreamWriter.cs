using System.Buffers;
using System.Text;
using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Wire.Translation.Answers;

namespace Gigawatt.Wire.Translation.Streams;

/// <summary>Writes the events of OpenAI responses: each item and part is announced, told in pieces, repeated whole and closed,
/// and the last event repeats the whole response.</summary>
internal sealed class ResponsesStreamWriter(string model, long created) : SerialStreamWriter
{
    private readonly ArrayBufferWriter<byte> _output = new(); // the items that are complete, with commas
    private readonly ArrayBufferWriter<byte> _text = new(); // of the item that is open
    private string _stem = "";
    private string _itemId = "";
    private long _sequence;
    private int _item = -1;
    private bool _cut;

    internal override void Start(string stem, TokenUsage? usage)
    {
        _stem = stem;
        WriteResponse("response.created"u8, "in_progress"u8, default, null);
        WriteResponse("response.in_progress"u8, "in_progress"u8, default, null);
    }

    protected override void Open(Block block)
    {
        _item++;
        _itemId = block.Kind == BlockKind.Call ? ResponseObject.CallItemId(_stem, _item) : ResponseObject.MessageItemId(_stem, _item);
        _text.ResetWrittenCount();
        Begin("response.output_item.added"u8);
        PutIndex();
        Put(",\"item\":"u8);
        PutItem(Output, block, "in_progress"u8, whole: false);
        End();
        if (block.Kind == BlockKind.Call) { return; }
        BeginPart("response.content_part.added"u8);
        Put(",\"part\":"u8);
        PutPart(Output, block);
        End();
    }

    protected override void Delta(Block block, ReadOnlySpan<byte> text)
    {
        _text.Write(text);
        Hold(text.Length);
        switch (block.Kind)
        {
            case BlockKind.Text: BeginPart("response.output_text.delta"u8); break;
            case BlockKind.Refusal: BeginPart("response.refusal.delta"u8); break;
            default:
                Begin("response.function_call_arguments.delta"u8);
                PutItemId();
                break;
        }

        Put(",\"delta\":\""u8);
        Put(text);
        Put("\""u8);
        if (block.Kind == BlockKind.Text) { Put(",\"logprobs\":[]"u8); }
        End();
    }

    protected override void Close(Block block)
    {
        if (block.Kind == BlockKind.Call) { CloseCall(block); }
        else
        {
            BeginPart(block.Kind == BlockKind.Text ? "response.output_text.done"u8 : "response.refusal.done"u8);
            Put(block.Kind == BlockKind.Text ? ",\"text\":\""u8 : ",\"refusal\":\""u8);
            Put(_text.WrittenSpan);
            Put(block.Kind == BlockKind.Text ? "\",\"logprobs\":[]"u8 : "\""u8);
            End();
            BeginPart("response.content_part.done"u8);
            Put(",\"part\":"u8);
            PutPart(Output, block);
            End();
        }

        ReadOnlySpan<byte> status = _cut && block.Kind != BlockKind.Call ? "incomplete"u8 : "completed"u8;
        Begin("response.output_item.done"u8);
        PutIndex();
        Put(",\"item\":"u8);
        PutItem(Output, block, status, whole: true);
        End();
        if (_item > 0) { _output.Write(","u8); }
        PutItem(_output, block, status, whole: true);
    }

    private void CloseCall(Block block)
    {
        if (_text.WrittenCount == 0) { _text.Write("{}"u8); } // Clients parse the arguments; an empty text is no JSON.
        Begin("response.function_call_arguments.done"u8);
        PutItemId();
        Put(",\"name\":\""u8);
        Put(block.Name);
        Put("\",\"arguments\":\""u8);
        Put(_text.WrittenSpan);
        Put("\""u8);
        End();
    }

    internal override void Finish(Stop stop, TokenUsage? usage)
    {
        ReadOnlySpan<byte> incomplete = StopReasons.IncompleteForResponses(stop);
        _cut = !incomplete.IsEmpty;
        EndAll();
        WriteResponse(_cut ? "response.incomplete"u8 : "response.completed"u8, _cut ? "incomplete"u8 : "completed"u8, incomplete, usage);
    }

    /// <summary>The API documents the fields at the top, and its clients look for an <c>error</c> object; both are given.</summary>
    internal override void Error(ApiError error, string requestId)
    {
        byte[] body = ErrorTranslator.Body(error, Dialect.Responses, requestId);
        ReadOnlySpan<byte> detail = JsonSlices.Find(body, "error"u8);
        Begin("error"u8);
        Put(",\"code\":"u8);
        PutOrNull(JsonSlices.Find(detail, "code"u8));
        Put(",\"message\":"u8);
        PutOrNull(JsonSlices.Find(detail, "message"u8));
        Put(",\"param\":"u8);
        PutOrNull(JsonSlices.Find(detail, "param"u8));
        Put(",\"error\":"u8);
        Put(detail);
        End();
    }

    private void PutOrNull(ReadOnlySpan<byte> value) => Put(value.IsEmpty ? "null"u8 : value);

    private void WriteResponse(ReadOnlySpan<byte> name, ReadOnlySpan<byte> status, ReadOnlySpan<byte> incomplete, TokenUsage? usage)
    {
        Begin(name);
        Put(",\"response\":"u8);
        using (Utf8JsonWriter json = new(Output, JsonBytes.Options))
        {
            json.WriteStartObject();
            ResponseObject.WriteHead(json, _stem, model, created, status, incomplete);
            json.WriteStartArray("output"u8);
            json.Flush();
            Put(_output.WrittenSpan);
            json.WriteEndArray();
            ResponseObject.WriteTail(json, usage);
            json.WriteEndObject();
        }

        End();
    }

    private void PutItem(IBufferWriter<byte> to, Block block, ReadOnlySpan<byte> status, bool whole)
    {
        to.Write("{\"id\":\""u8);
        Encoding.UTF8.GetBytes(_itemId, to);
        to.Write("\",\"status\":\""u8);
        to.Write(status);
        if (block.Kind == BlockKind.Call)
        {
            to.Write("\",\"type\":\"function_call\",\"call_id\":\""u8);
            to.Write(block.Id);
            to.Write("\",\"name\":\""u8);
            to.Write(block.Name);
            to.Write("\",\"arguments\":\""u8);
            to.Write(_text.WrittenSpan);
            to.Write("\"}"u8);
            return;
        }

        to.Write("\",\"type\":\"message\",\"role\":\"assistant\",\"content\":["u8);
        if (whole) { PutPart(to, block); }
        to.Write("]}"u8);
    }

    private void PutPart(IBufferWriter<byte> to, Block block)
    {
        to.Write(block.Kind == BlockKind.Text ? "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":\""u8 : "{\"type\":\"refusal\",\"refusal\":\""u8);
        to.Write(_text.WrittenSpan);
        to.Write("\"}"u8);
    }

    private void Begin(ReadOnlySpan<byte> name)
    {
        Put("event: "u8);
        Put(name);
        Put("\ndata: {\"type\":\""u8);
        Put(name);
        Put("\",\"sequence_number\":"u8);
        Put(_sequence++);
    }

    private void BeginPart(ReadOnlySpan<byte> name)
    {
        Begin(name);
        PutItemId();
        Put(",\"content_index\":0"u8);
    }

    private void PutIndex()
    {
        Put(",\"output_index\":"u8);
        Put(_item);
    }

    private void PutItemId()
    {
        Put(",\"item_id\":\""u8);
        Put(_itemId);
        Put("\""u8);
        PutIndex();
    }

    private void End() => Put("}\n\n"u8);
}
