using System.Buffers;
using System.Text;
using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Wire.Translation.Answers;

namespace Gigawatt.Wire.Translation.Streams;

/// <summary>Writes the chunks of OpenAI chat completions.</summary>
internal sealed class ChatStreamWriter(string model, bool includeUsage, long created) : StreamWriter
{
    private readonly Dictionary<int, (int Index, bool HasArguments)> _calls = [];
    private byte[] _head = [];

    // Who asks for usage gets the field in every chunk, null until the last.
    private readonly byte[] _tail = Encoding.UTF8.GetBytes($"}},\"logprobs\":null,\"finish_reason\":null}}]{(includeUsage ? ",\"usage\":null" : "")}}}\n\n");

    internal override long Held => _calls.Count * 64L;

    internal override void Start(string stem, TokenUsage? usage)
    {
        _head = Encoding.UTF8.GetBytes($"data: {{\"id\":\"{AnswerIds.For(Dialect.OpenAI, stem)}\",\"object\":\"chat.completion.chunk\",\"created\":{created},\"model\":\"{JsonEncodedText.Encode(model)}\",\"choices\":[");
        Begin();
        Put("\"role\":\"assistant\",\"content\":\"\",\"refusal\":null"u8);
        Put(_tail);
    }

    internal override void Text(ReadOnlySpan<byte> text) => Say("\"content\":\""u8, text);

    internal override void Refusal(ReadOnlySpan<byte> text) => Say("\"refusal\":\""u8, text);

    internal override void EndText() { } // A chat message has one text.

    internal override void StartCall(int key, ReadOnlySpan<byte> id, ReadOnlySpan<byte> name)
    {
        _calls[key] = (_calls.Count, false);
        Begin();
        Put("\"tool_calls\":[{\"index\":"u8);
        Put(_calls.Count - 1);
        Put(",\"id\":\""u8);
        Put(id);
        Put("\",\"type\":\"function\",\"function\":{\"name\":\""u8);
        Put(name);
        Put("\",\"arguments\":\"\"}}]"u8);
        Put(_tail);
    }

    internal override void Arguments(int key, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || !_calls.TryGetValue(key, out (int Index, bool HasArguments) call)) { return; }
        _calls[key] = (call.Index, true);
        Begin();
        Put("\"tool_calls\":[{\"index\":"u8);
        Put(call.Index);
        Put(",\"function\":{\"arguments\":\""u8);
        Put(text);
        Put("\"}}]"u8);
        Put(_tail);
    }

    // Clients parse the arguments; an empty text is no JSON.
    internal override void EndCall(int key)
    {
        if (_calls.TryGetValue(key, out (int Index, bool HasArguments) call) && !call.HasArguments) { Arguments(key, "{}"u8); }
    }

    internal override void Finish(Stop stop, TokenUsage? usage)
    {
        Put(_head);
        Put("{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\""u8);
        Put(StopReasons.ForChat(stop));
        Put(includeUsage ? "\"}],\"usage\":null}\n\n"u8 : "\"}]}\n\n"u8);
        if (includeUsage && usage is { } told)
        {
            Put(_head);
            Put("],\"usage\":"u8);
            Put(JsonBytes.Write(told, static (json, counts) => UsageWriter.Write(json, Dialect.OpenAI, counts)));
            Put("}\n\n"u8);
        }

        Put("data: [DONE]\n\n"u8);
    }

    internal override void Error(ApiError error, string requestId) => Put(ErrorWire.ChatEvent(ErrorTranslator.Body(error, Dialect.OpenAI, requestId)));

    private void Say(ReadOnlySpan<byte> field, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) { return; }
        Begin();
        Put(field);
        Put(text);
        Put("\""u8);
        Put(_tail);
    }

    private void Begin()
    {
        Put(_head);
        Put("{\"index\":0,\"delta\":{"u8);
    }
}
