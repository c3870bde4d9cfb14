using System.Text;
using Gigawatt.Models;
using Gigawatt.Wire.Translation.Answers;

namespace Gigawatt.Wire.Translation.Streams;

/// <summary>Reads the chunks of OpenAI chat completions, and those of the many servers that speak the format almost alike.</summary>
internal sealed class ChatStreamReader(StreamWriter writer, Notes notes, CacheTokenConvention convention) : StreamReader(writer, notes, convention)
{
    // Of the calls in the place of each index: the last one's key and id.
    private readonly Dictionary<int, (int Key, byte[] Id)> _calls = [];
    private int _callCount;
    private string? _finish;

    internal override void Read(ReadOnlySpan<byte> data)
    {
        if (data.SequenceEqual("[DONE]"u8))
        {
            End();
            return;
        }

        ReadOnlySpan<byte> id = default, choices = default, usage = default, error = default;
        JsonSlices slices = JsonSlices.OfObject(data);
        while (slices.Next())
        {
            if (slices.Is("id"u8)) { id = slices.Value; }
            else if (slices.Is("choices"u8)) { choices = slices.Value; }
            else if (slices.Is("usage"u8)) { usage = slices.Value; }
            else if (slices.Is("error"u8)) { error = slices.Value; }
        }

        if (!error.IsEmpty)
        {
            Fail(data);
            return;
        }

        if (choices.IsEmpty && usage.IsEmpty) { return; } // A sign of life.
        ReadUsage(usage);
        Start(id);
        JsonSlices items = JsonSlices.OfArray(choices);
        while (items.Next() && Notes.Error is null) { ReadChoice(items.Value); }
    }

    // Some servers leave out the mark of the end.
    internal override void Complete()
    {
        if (_finish is not null) { End(); }
    }

    private void End()
    {
        foreach ((int key, _) in _calls.Values) { Writer.EndCall(key); }
        Finish(StopReasons.OfChat(_finish, _callCount > 0, Notes));
    }

    private void ReadChoice(ReadOnlySpan<byte> choice)
    {
        ReadOnlySpan<byte> delta = default;
        JsonSlices slices = JsonSlices.OfObject(choice);
        while (slices.Next())
        {
            if (slices.Is("delta"u8)) { delta = slices.Value; }
            else if (slices.Is("finish_reason"u8)) { _finish = JsonSlices.Text(slices.Value); }
            else if (slices.Is("logprobs"u8)) { Notes.LeaveOut("choices.logprobs"); }
            else if (slices.Is("index"u8) && JsonSlices.Whole(slices.Value) != 0) { Malformed("it has more than one answer"); }
        }

        if (Notes.Error is null) { ReadDelta(delta); }
    }

    private void ReadDelta(ReadOnlySpan<byte> delta)
    {
        JsonSlices slices = JsonSlices.OfObject(delta);
        while (slices.Next() && Notes.Error is null)
        {
            ReadOnlySpan<byte> value = slices.Value;
            if (slices.Is("content"u8)) { ReadContent(value); }
            else if (slices.Is("tool_calls"u8)) { ReadCalls(value); }
            else if (slices.Is("refusal"u8)) { Writer.Refusal(JsonSlices.Inside(value)); }
            else if (slices.Is("function_call"u8) || slices.Is("audio"u8)) { Unknown("a", slices.Name); }
            else if (!slices.Is("role"u8) && !JsonSlices.IsHollow(value) && !value.SequenceEqual("\"\""u8)) { Notes.LeaveOut($"message.{Encoding.UTF8.GetString(slices.Name)}"); }
        }
    }

    private void ReadContent(ReadOnlySpan<byte> content)
    {
        if (JsonSlices.IsString(content)) { Writer.Text(JsonSlices.Inside(content)); }
        JsonSlices parts = JsonSlices.OfArray(JsonSlices.IsArray(content) ? content : default);
        while (parts.Next())
        {
            ReadOnlySpan<byte> type = JsonSlices.Inside(JsonSlices.Find(parts.Value, "type"u8));
            if (type.SequenceEqual("text"u8)) { Writer.Text(JsonSlices.Inside(JsonSlices.Find(parts.Value, "text"u8))); }
            else if (type.SequenceEqual("thinking"u8)) { Notes.LeaveOut("message.content.thinking"); }
            else { Unknown("a content part of type", type); }
        }
    }

    private void ReadCalls(ReadOnlySpan<byte> calls)
    {
        JsonSlices items = JsonSlices.OfArray(calls);
        while (items.Next() && Notes.Error is null) { ReadCall(items.Value); }
    }

    private void ReadCall(ReadOnlySpan<byte> call)
    {
        ReadOnlySpan<byte> id = default, function = default;
        int index = 0;
        JsonSlices slices = JsonSlices.OfObject(call);
        while (slices.Next())
        {
            if (slices.Is("index"u8)) { index = JsonSlices.Whole(slices.Value); }
            else if (slices.Is("id"u8)) { id = JsonSlices.Inside(slices.Value); }
            else if (slices.Is("function"u8)) { function = slices.Value; }
            else if (slices.Is("type"u8) && !JsonSlices.Inside(slices.Value).SequenceEqual("function"u8) && slices.Value.Length > 2) { Unknown("a tool call of type", JsonSlices.Inside(slices.Value)); }
        }

        ReadOnlySpan<byte> name = JsonSlices.Inside(JsonSlices.Find(function, "name"u8)), arguments = JsonSlices.Find(function, "arguments"u8);
        if (Notes.Error is not null) { return; }
        // Some servers put every call under index 0 and tell them apart by their ids.
        bool known = _calls.TryGetValue(index, out (int Key, byte[] Id) open);
        if (!known || (!id.IsEmpty && !name.IsEmpty && !id.SequenceEqual(open.Id)))
        {
            if (name.IsEmpty)
            {
                Malformed("a tool call has no name");
                return;
            }

            if (known) { Writer.EndCall(open.Key); }
            open = (_callCount++, id.IsEmpty ? Encoding.UTF8.GetBytes($"call_{_callCount - 1}") : id.ToArray());
            _calls[index] = open;
            Writer.StartCall(open.Key, open.Id, name);
        }

        if (JsonSlices.IsObject(arguments)) { Writer.Arguments(open.Key, JsonSlices.Escaped(arguments)); }
        else { Writer.Arguments(open.Key, JsonSlices.Inside(arguments)); }
    }
}
