using Gigawatt.Models;
using Gigawatt.Wire.Translation.Answers;

namespace Gigawatt.Wire.Translation.Streams;

/// <summary>Reads the events of Anthropic Messages, whose blocks follow one another.</summary>
internal sealed class AnthropicStreamReader(StreamWriter writer, Notes notes, CacheTokenConvention convention) : StreamReader(writer, notes, convention)
{
    private enum Open
    {
        None,
        Text,
        Call,
        Skipped,
    }

    private Open _open;
    private int _call = -1;
    private bool _hasArguments;
    private byte[] _input = []; // what a call's start had for arguments, as JSON
    private Stop _stop;
    private byte[] _stopSequence = [];

    internal override void Read(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> type = default, message = default, block = default, delta = default, usage = default, error = default;
        JsonSlices slices = JsonSlices.OfObject(data);
        while (slices.Next())
        {
            if (slices.Is("type"u8)) { type = JsonSlices.Inside(slices.Value); }
            else if (slices.Is("message"u8)) { message = slices.Value; }
            else if (slices.Is("content_block"u8)) { block = slices.Value; }
            else if (slices.Is("delta"u8)) { delta = slices.Value; }
            else if (slices.Is("usage"u8)) { usage = slices.Value; }
            else if (slices.Is("error"u8)) { error = slices.Value; }
        }

        if (type.SequenceEqual("content_block_delta"u8)) { ReadDelta(delta); }
        else if (type.SequenceEqual("content_block_start"u8)) { ReadStart(block); }
        else if (type.SequenceEqual("content_block_stop"u8)) { CloseBlock(); }
        else if (type.SequenceEqual("message_start"u8))
        {
            ReadUsage(JsonSlices.Find(message, "usage"u8));
            Start(JsonSlices.Find(message, "id"u8));
        }
        else if (type.SequenceEqual("message_delta"u8)) { ReadEnd(delta, usage); }
        else if (type.SequenceEqual("message_stop"u8))
        {
            CloseBlock();
            Finish(_stop, _stopSequence);
        }
        else if (type.SequenceEqual("error"u8) || !error.IsEmpty) { Fail(data); }
        else if (!delta.IsEmpty || !block.IsEmpty) { Unknown("an event of type", type); } // It has content; a ping has not.
    }

    private void ReadStart(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> type = JsonSlices.Inside(JsonSlices.Find(block, "type"u8));
        ReadOnlySpan<byte> text = JsonSlices.Inside(JsonSlices.Find(block, "text"u8));
        ReadOnlySpan<byte> id = JsonSlices.Inside(JsonSlices.Find(block, "id"u8)), name = JsonSlices.Inside(JsonSlices.Find(block, "name"u8));
        ReadOnlySpan<byte> input = JsonSlices.Find(block, "input"u8);
        EnsureStarted();
        CloseBlock();
        if (type.SequenceEqual("text"u8))
        {
            _open = Open.Text;
            Writer.Text(text);
        }
        else if (type.SequenceEqual("tool_use"u8))
        {
            if (id.IsEmpty || name.IsEmpty)
            {
                Malformed("a tool call has no id or no name");
                return;
            }

            _open = Open.Call;
            _hasArguments = false;
            _input = JsonSlices.IsObject(input) && !JsonSlices.IsHollow(input) ? JsonSlices.Escaped(input).ToArray() : "{}"u8.ToArray();
            Writer.StartCall(++_call, id, name);
        }
        else if (type.SequenceEqual("thinking"u8) || type.SequenceEqual("redacted_thinking"u8))
        {
            _open = Open.Skipped;
            Notes.LeaveOut("content.thinking");
        }
        else { Unknown("a content block of type", type); }
    }

    private void ReadDelta(ReadOnlySpan<byte> delta)
    {
        ReadOnlySpan<byte> type = default, text = default;
        JsonSlices slices = JsonSlices.OfObject(delta);
        while (slices.Next())
        {
            if (slices.Is("type"u8)) { type = JsonSlices.Inside(slices.Value); }
            else if (slices.Is("text"u8) || slices.Is("partial_json"u8)) { text = JsonSlices.Inside(slices.Value); }
        }

        if (type.SequenceEqual("text_delta"u8) && _open == Open.Text) { Writer.Text(text); }
        else if (type.SequenceEqual("input_json_delta"u8) && _open == Open.Call)
        {
            _hasArguments |= !text.IsEmpty;
            Writer.Arguments(_call, text);
        }
        else if (type.SequenceEqual("citations_delta"u8)) { Notes.LeaveOut("content.citations"); }
        else if (_open != Open.Skipped) { Unknown("in this place a piece of type", type); }
    }

    private void CloseBlock()
    {
        if (_open == Open.Text) { Writer.EndText(); }
        else if (_open == Open.Call)
        {
            if (!_hasArguments) { Writer.Arguments(_call, _input); }
            Writer.EndCall(_call);
        }

        _open = Open.None;
    }

    private void ReadEnd(ReadOnlySpan<byte> delta, ReadOnlySpan<byte> usage)
    {
        string? reason = JsonSlices.Text(JsonSlices.Find(delta, "stop_reason"u8));
        ReadOnlySpan<byte> explanation = JsonSlices.Inside(JsonSlices.Find(JsonSlices.Find(delta, "stop_details"u8), "explanation"u8));
        ReadOnlySpan<byte> sequence = JsonSlices.Inside(JsonSlices.Find(delta, "stop_sequence"u8));
        ReadUsage(usage);
        EnsureStarted();
        CloseBlock();
        if (reason is not null) { _stop = StopReasons.OfAnthropic(reason, Notes); }
        if (!sequence.IsEmpty) { _stopSequence = sequence.ToArray(); }
        if (!explanation.IsEmpty) { Writer.Refusal(explanation); }
    }
}
