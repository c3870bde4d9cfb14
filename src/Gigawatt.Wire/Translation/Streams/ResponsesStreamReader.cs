using Gigawatt.Models;
using Gigawatt.Wire.Translation.Answers;

namespace Gigawatt.Wire.Translation.Streams;

/// <summary>Reads the events of OpenAI responses. What its closing events repeat is used only where no pieces came.</summary>
internal sealed class ResponsesStreamReader(StreamWriter writer, Notes notes, CacheTokenConvention convention) : StreamReader(writer, notes, convention)
{
    // Of each call that is open, by its output_index: whether a piece of its arguments came.
    private readonly Dictionary<int, bool> _calls = [];
    private bool _textCame;
    private bool _called;

    private ref struct Event
    {
        internal ReadOnlySpan<byte> Type;
        internal ReadOnlySpan<byte> Response;
        internal ReadOnlySpan<byte> Item;
        internal ReadOnlySpan<byte> Part;
        internal ReadOnlySpan<byte> Delta;
        internal ReadOnlySpan<byte> Text;
        internal int Output;
    }

    internal override void Read(ReadOnlySpan<byte> data)
    {
        Event e = new() { Output = -1 };
        JsonSlices slices = JsonSlices.OfObject(data);
        while (slices.Next())
        {
            if (slices.Is("type"u8)) { e.Type = JsonSlices.Inside(slices.Value); }
            else if (slices.Is("response"u8)) { e.Response = slices.Value; }
            else if (slices.Is("item"u8)) { e.Item = slices.Value; }
            else if (slices.Is("part"u8)) { e.Part = slices.Value; }
            else if (slices.Is("delta"u8)) { e.Delta = slices.Value; }
            else if (slices.Is("text"u8) || slices.Is("refusal"u8) || slices.Is("arguments"u8)) { e.Text = JsonSlices.Inside(slices.Value); }
            else if (slices.Is("output_index"u8)) { e.Output = JsonSlices.Whole(slices.Value); }
        }

        if (e.Type.SequenceEqual("error"u8)) { Fail(data); }
        else if (e.Type.StartsWith("response."u8)) { ReadEvent(e, e.Type["response.".Length..]); }
        else if (!e.Delta.IsEmpty) { Unknown("an event of type", e.Type); }
    }

    private void ReadEvent(in Event e, ReadOnlySpan<byte> type)
    {
        if (type.SequenceEqual("output_text.delta"u8)) { Say(JsonSlices.Inside(e.Delta), refusal: false); }
        else if (type.SequenceEqual("function_call_arguments.delta"u8)) { ReadArguments(e.Output, JsonSlices.Inside(e.Delta)); }
        else if (type.SequenceEqual("refusal.delta"u8)) { Say(JsonSlices.Inside(e.Delta), refusal: true); }
        else if (type.SequenceEqual("created"u8)) { Start(JsonSlices.Find(e.Response, "id"u8)); }
        else if (type.SequenceEqual("output_item.added"u8)) { OpenItem(e.Output, e.Item); }
        else if (type.SequenceEqual("output_item.done"u8)) { CloseItem(e.Output, e.Item); }
        else if (type.SequenceEqual("output_text.done"u8) || type.SequenceEqual("refusal.done"u8)) { CloseText(e.Text, refusal: type[0] == (byte)'r'); }
        else if (type.SequenceEqual("function_call_arguments.done"u8)) { CloseArguments(e.Output, e.Text); }
        else if (type.SequenceEqual("content_part.added"u8)) { CheckPart(JsonSlices.Inside(JsonSlices.Find(e.Part, "type"u8))); }
        else if (type.SequenceEqual("completed"u8) || type.SequenceEqual("incomplete"u8)) { ReadEnd(e.Response, type[0] == (byte)'i'); }
        else if (type.SequenceEqual("failed"u8) || type.SequenceEqual("cancelled"u8)) { Fail(e.Response); }
        else if (type.StartsWith("reasoning"u8)) { Notes.LeaveOut("output.reasoning"); }
        else if (type.SequenceEqual("output_text.annotation.added"u8)) { Notes.LeaveOut("output.content.annotations"); }
        else if (!e.Delta.IsEmpty) { Unknown("an event of type", e.Type); }
    }

    private void OpenItem(int output, ReadOnlySpan<byte> item)
    {
        ReadOnlySpan<byte> type = JsonSlices.Inside(JsonSlices.Find(item, "type"u8));
        if (type.SequenceEqual("function_call"u8)) { OpenCall(output, item); }
        else if (type.SequenceEqual("reasoning"u8)) { Notes.LeaveOut("output.reasoning"); }
        else if (!type.SequenceEqual("message"u8)) { Unknown("an output item of type", type); }
        _textCame = false;
    }

    private void OpenCall(int output, ReadOnlySpan<byte> item)
    {
        ReadOnlySpan<byte> id = JsonSlices.Inside(JsonSlices.Find(item, "call_id"u8)), name = JsonSlices.Inside(JsonSlices.Find(item, "name"u8));
        EnsureStarted();
        if (id.IsEmpty || name.IsEmpty || !_calls.TryAdd(output, false)) { Malformed("a function call has no id or no name, or its place is taken"); }
        else
        {
            _called = true;
            Writer.StartCall(output, id, name);
        }
    }

    private void CheckPart(ReadOnlySpan<byte> type)
    {
        _textCame = false;
        if (type.SequenceEqual("reasoning_text"u8)) { Notes.LeaveOut("output.reasoning"); }
        else if (!type.SequenceEqual("output_text"u8) && !type.SequenceEqual("refusal"u8)) { Unknown("a content part of type", type); }
    }

    private void Say(ReadOnlySpan<byte> text, bool refusal)
    {
        EnsureStarted();
        _textCame |= !text.IsEmpty;
        if (refusal) { Writer.Refusal(text); }
        else { Writer.Text(text); }
    }

    private void CloseText(ReadOnlySpan<byte> whole, bool refusal)
    {
        if (!_textCame) { Say(whole, refusal); }
        _textCame = true;
        Writer.EndText();
    }

    private void ReadArguments(int output, ReadOnlySpan<byte> text)
    {
        if (!_calls.ContainsKey(output))
        {
            Malformed("it has arguments of a function call that is not open");
            return;
        }

        if (text.IsEmpty) { return; }
        _calls[output] = true;
        Writer.Arguments(output, text);
    }

    private void CloseArguments(int output, ReadOnlySpan<byte> whole)
    {
        if (!_calls.TryGetValue(output, out bool came)) { return; }
        if (!came && !whole.IsEmpty) { ReadArguments(output, whole); }
        Writer.EndCall(output);
    }

    private void CloseItem(int output, ReadOnlySpan<byte> item)
    {
        if (!JsonSlices.Inside(JsonSlices.Find(item, "type"u8)).SequenceEqual("function_call"u8))
        {
            Writer.EndText();
            return;
        }

        ReadOnlySpan<byte> whole = JsonSlices.Inside(JsonSlices.Find(item, "arguments"u8));
        if (!_calls.ContainsKey(output)) { OpenCall(output, item); }
        if (Notes.Error is null) { CloseArguments(output, whole); }
    }

    private void ReadEnd(ReadOnlySpan<byte> response, bool incomplete)
    {
        string? reason = incomplete ? JsonSlices.Text(JsonSlices.Find(JsonSlices.Find(response, "incomplete_details"u8), "reason"u8)) ?? "max_output_tokens" : null;
        ReadUsage(JsonSlices.Find(response, "usage"u8));
        Start(JsonSlices.Find(response, "id"u8));
        foreach (int output in _calls.Keys) { Writer.EndCall(output); }
        Finish(StopReasons.OfResponses(reason, _called, Notes));
    }
}
