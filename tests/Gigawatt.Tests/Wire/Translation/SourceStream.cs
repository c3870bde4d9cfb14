using System.Text;
using System.Text.Json;
using CsCheck;
using Gigawatt.Models;

namespace Gigawatt.Tests.Wire.Translation;

/// <summary>What a model says, in pieces, and a valid stream of it in each format, with all the freedom that the format leaves.</summary>
internal sealed record SourceStream(IReadOnlyList<SourceStream.Item> Items, bool Truncated, int Seed)
{
    /// <summary>A text (no name), a call of a tool, or, with an empty name, a thought.</summary>
    internal sealed record Item(string? Tool, string[] Pieces)
    {
        internal string Whole => string.Concat(Pieces);

        internal bool IsText => Tool is null;

        internal bool IsThought => Tool == "";

        internal bool IsCall => Tool is { Length: > 0 };
    }

    private static readonly Gen<string> Word = Gen.OneOf("a", " ", "\n", "\"", "\\", "é", "世界", "🚀", "\u2028", "\u007f", "</script>", "data: x\n\n", "{\"a\":[1,2]}", "[DONE]", "\t", "e\u0301", "\u0001");

    private static readonly Gen<string> Piece = Word.Array[1, 4].Select(string.Concat);

    private static readonly Gen<Item> Text = Piece.Array[1, 4].Select(static pieces => new Item(null, pieces));

    private static readonly Gen<Item> Thought = Piece.Array[1, 3].Select(static pieces => new Item("", pieces));

    private static readonly Gen<Item> Call = Gen.Select(Gen.OneOf("f", "read_file", "mcp__x-y"), Gen.Dictionary(Word, Piece)[0, 3], Gen.Int[1, 9], static (tool, arguments, cut) =>
        new Item(tool, arguments.Count == 0 ? [] : [.. JsonSerializer.Serialize(arguments).Chunk(cut).Select(static piece => new string(piece))]));

    internal static readonly Gen<SourceStream> Any = Gen.Select(Gen.Frequency((3, Text), (3, Call), (1, Thought)).Array[0, 5], Gen.Bool, Gen.Int[0, 1 << 20],
        static (items, truncated, seed) => new SourceStream(items, truncated, seed));

    internal string In(Dialect dialect)
    {
        Random random = new(Seed);
        StringBuilder stream = new();
        foreach ((string? name, string data) in dialect switch { Dialect.Anthropic => Anthropic(random), Dialect.OpenAI => Chat(random), _ => Responses() })
        {
            string line = random.Next(3) == 0 ? "\r\n" : "\n";
            if (random.Next(6) == 0) { stream.Append(": alive").Append(line).Append(line); }
            if (name is not null && random.Next(8) > 0) { stream.Append("event:").Append(random.Next(2) == 0 ? "" : " ").Append(name).Append(line); }
            stream.Append("data:").Append(random.Next(2) == 0 ? "" : " ").Append(data).Append(line).Append(line);
        }

        return stream.ToString();
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    // Texts that follow one another are one to a chat client, as are those around a call.
    internal string Said => string.Concat(Items.Where(static item => item.IsText).Select(static item => item.Whole));

    internal IReadOnlyList<(string Name, string Arguments)> Calls =>
        [.. Items.Where(static item => item.IsCall).Select(static item => (item.Tool!, item.Pieces.Length == 0 ? "{}" : item.Whole))];

    private IEnumerable<(string?, string)> Anthropic(Random random)
    {
        yield return ("message_start", """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}}""");
        for (int i = 0; i < Items.Count; i++)
        {
            if (random.Next(4) == 0) { yield return ("ping", """{"type":"ping"}"""); }
            Item item = Items[i];
            string block = item.IsText ? """{"type":"text","text":""}""" : item.IsThought ? """{"type":"thinking","thinking":"","signature":""}""" : $$"""{"type":"tool_use","id":"toolu_{{i}}","name":"{{item.Tool}}","input":{} }""";
            yield return ("content_block_start", $$$"""{"type":"content_block_start","index":{{{i}}},"content_block":{{{block}}} }""");
            foreach (string piece in item.Pieces)
            {
                string delta = item.IsText ? "\"text_delta\",\"text\"" : item.IsThought ? "\"thinking_delta\",\"thinking\"" : "\"input_json_delta\",\"partial_json\"";
                yield return ("content_block_delta", $$$"""{"type":"content_block_delta","index":{{{i}}},"delta":{"type":{{{delta}}}:{{{Quoted(piece)}}} } }""");
            }

            yield return ("content_block_stop", $$"""{"type":"content_block_stop","index":{{i}}}""");
        }

        string stop = Truncated ? "max_tokens" : Calls.Count > 0 ? "tool_use" : "end_turn";
        yield return ("message_delta", $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{stop}}}","stop_sequence":null},"usage":{"output_tokens":7}}""");
        yield return ("message_stop", """{"type":"message_stop"}""");
    }

    // Pieces of calls between which no text comes may stand in any order.
    private IEnumerable<(string?, string)> Chat(Random random)
    {
        string Chunk(string delta, string finish = "null") => $$$"""{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{{{delta}}},"finish_reason":{{{finish}}} }]}""";
        yield return (null, Chunk("""{"role":"assistant","content":""}"""));
        List<(int Index, Queue<string> Pieces)> open = [];
        int calls = 0;
        foreach (Item item in Items)
        {
            if (item.IsCall)
            {
                yield return (null, Chunk($$$"""{"tool_calls":[{"index":{{{calls}}},"id":"call_{{{calls}}}","type":"function","function":{"name":"{{{item.Tool}}}","arguments":""}}]}"""));
                open.Add((calls++, new(item.Pieces)));
                if (random.Next(2) == 0) { continue; }
            }

            while (open.Count > 0)
            {
                int at = random.Next(open.Count);
                (int index, Queue<string> pieces) = open[at];
                if (pieces.Count == 0) { open.RemoveAt(at); }
                else { yield return (null, Chunk($$$"""{"tool_calls":[{"index":{{{index}}},"function":{"arguments":{{{Quoted(pieces.Dequeue())}}} } }]}""")); }
            }

            if (item.IsCall) { continue; }
            foreach (string piece in item.Pieces) { yield return (null, Chunk(item.IsText ? $$$"""{"content":{{{Quoted(piece)}}} }""" : $$$"""{"content":null,"reasoning_content":{{{Quoted(piece)}}} }""")); }
        }

        foreach ((int index, Queue<string> pieces) in open)
        {
            foreach (string piece in pieces) { yield return (null, Chunk($$$"""{"tool_calls":[{"index":{{{index}}},"function":{"arguments":{{{Quoted(piece)}}} } }]}""")); }
        }

        yield return (null, Chunk("{}", Truncated ? "\"length\"" : calls > 0 && random.Next(4) > 0 ? "\"tool_calls\"" : "\"stop\""));
        yield return (null, """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":15,"completion_tokens":7,"total_tokens":22,"prompt_tokens_details":{"cached_tokens":5}}}""");
        yield return (null, "[DONE]");
    }

    private IEnumerable<(string?, string)> Responses()
    {
        int sequence = 0;
        (string?, string) Event(string name, string rest) => (name, $$$"""{"type":"{{{name}}}","sequence_number":{{{sequence++}}}{{{rest}}} }""");
        yield return Event("response.created", ""","response":{"id":"resp_1","object":"response","status":"in_progress","output":[],"usage":null}""");
        for (int i = 0; i < Items.Count; i++)
        {
            Item item = Items[i];
            string place = $",\"item_id\":\"i{i}\",\"output_index\":{i}";
            string start = item.IsText ? "\"type\":\"message\",\"role\":\"assistant\",\"content\":[]" : item.IsThought ? "\"type\":\"reasoning\",\"summary\":[]" : $"\"type\":\"function_call\",\"call_id\":\"call_{i}\",\"name\":\"{item.Tool}\",\"arguments\":\"\"";
            yield return Event("response.output_item.added", $$$""","output_index":{{{i}}},"item":{"id":"i{{{i}}}",{{{start}}} }""");
            if (item.IsText) { yield return Event("response.content_part.added", place + ""","content_index":0,"part":{"type":"output_text","text":""}"""); }
            foreach (string piece in item.Pieces)
            {
                yield return Event(item.IsText ? "response.output_text.delta" : item.IsThought ? "response.reasoning_summary_text.delta" : "response.function_call_arguments.delta", place + $",\"delta\":{Quoted(piece)}");
            }

            if (item.IsText) { yield return Event("response.output_text.done", place + $",\"text\":{Quoted(item.Whole)}"); }
            if (item.IsCall) { yield return Event("response.function_call_arguments.done", place + $",\"arguments\":{Quoted(item.Pieces.Length == 0 ? "{}" : item.Whole)}"); }
            string end = item.IsCall ? $"\"type\":\"function_call\",\"call_id\":\"call_{i}\",\"name\":\"{item.Tool}\",\"arguments\":{Quoted(item.Pieces.Length == 0 ? "{}" : item.Whole)}" : start;
            yield return Event("response.output_item.done", $$$""","output_index":{{{i}}},"item":{"id":"i{{{i}}}",{{{end}}} }""");
        }

        string incomplete = Truncated ? """,{"reason":"max_output_tokens"}"""[1..] : "null";
        yield return Event(Truncated ? "response.incomplete" : "response.completed", $$$""","response":{"id":"resp_1","object":"response","status":"{{{(Truncated ? "incomplete" : "completed")}}}","incomplete_details":{{{incomplete}}},"output":[],"usage":{"input_tokens":15,"input_tokens_details":{"cached_tokens":5},"output_tokens":7,"total_tokens":22}}""");
    }
}
