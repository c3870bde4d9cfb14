using System.Text;
using System.Text.Json.Nodes;
using Gigawatt.Models;
using Xunit;

namespace Gigawatt.Tests.Wire.Translation;

/// <summary>What a stream said, read by a checker that holds every rule of its format: which event may follow which, that no
/// block overlaps another, that what is repeated is what was told.</summary>
internal sealed record Told(string Text, string Refusal, IReadOnlyList<(string Id, string Name, string Arguments)> Calls, string? Stop, JsonNode? Usage, bool Ended, bool Error)
{
    internal static Told Read(Dialect dialect, string stream)
    {
        List<(string? Name, string Data)> events = Events(stream);
        return dialect switch
        {
            Dialect.Anthropic => ReadAnthropic(events),
            Dialect.OpenAI => ReadChat(events),
            _ => ReadResponses(events),
        };
    }

    private static List<(string? Name, string Data)> Events(string stream)
    {
        Assert.True(stream.Length == 0 || stream.EndsWith("\n\n", StringComparison.Ordinal), "The last event is whole.");
        List<(string?, string)> events = [];
        foreach (string text in stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            if (text.StartsWith(": ", StringComparison.Ordinal)) { continue; } // a comment
            string[] lines = text.Split('\n');
            Assert.InRange(lines.Length, 1, 2);
            Assert.StartsWith("data: ", lines[^1], StringComparison.Ordinal);
            events.Add((lines.Length == 2 ? lines[0]["event: ".Length..] : null, lines[^1]["data: ".Length..]));
        }

        return events;
    }

    /// <summary>The names in the comment that says what was left out; empty where there is none.</summary>
    internal static string NotCarried(string stream)
    {
        const string Start = ": x-gigawatt-not-carried: ";
        int at = stream.IndexOf(Start, StringComparison.Ordinal);
        return at < 0 ? "" : stream[(at + Start.Length)..stream.IndexOf('\n', at)];
    }

    private static Told ReadAnthropic(List<(string? Name, string Data)> events)
    {
        StringBuilder text = new();
        List<(string, string, string)> calls = [];
        (string? stop, JsonNode? usage, bool started, bool error, bool ended, int next) = (null, null, false, false, false, 0);
        (JsonNode Block, StringBuilder Json)? open = null;
        foreach ((string? name, string data) in events)
        {
            JsonNode e = JsonNode.Parse(data)!;
            Assert.Equal(name, (string?)e["type"]);
            Assert.False(error || ended, "Nothing follows the end.");
            Assert.Equal(name == "message_start", !started && name != "error");
            switch (name)
            {
                case "message_start":
                    started = true;
                    Assert.StartsWith("msg_", (string?)e["message"]!["id"], StringComparison.Ordinal);
                    Assert.NotNull(e["message"]!["usage"]!["input_tokens"]);
                    break;
                case "content_block_start":
                    Assert.Null(open);
                    Assert.Null(stop);
                    Assert.Equal(next, (int?)e["index"]);
                    open = (e["content_block"]!, new());
                    break;
                case "content_block_delta":
                    Assert.NotNull(open);
                    Assert.Equal(next, (int?)e["index"]);
                    bool call = (string?)open.Value.Block["type"] == "tool_use";
                    Assert.Equal(call ? "input_json_delta" : "text_delta", (string?)e["delta"]!["type"]);
                    if (call) { open.Value.Json.Append((string?)e["delta"]!["partial_json"]); }
                    else { text.Append((string?)e["delta"]!["text"]); }
                    break;
                case "content_block_stop":
                    Assert.NotNull(open);
                    Assert.Equal(next++, (int?)e["index"]);
                    JsonNode block = open.Value.Block;
                    if ((string?)block["type"] == "tool_use") { calls.Add(((string)block["id"]!, (string)block["name"]!, open.Value.Json.ToString())); }
                    open = null;
                    break;
                case "message_delta":
                    Assert.Null(open);
                    stop = (string)e["delta"]!["stop_reason"]!;
                    usage = e["usage"];
                    break;
                case "message_stop":
                    Assert.NotNull(stop);
                    ended = true;
                    break;
                case "error":
                    Assert.NotNull(e["error"]!["message"]);
                    error = true;
                    break;
                default:
                    Assert.Fail($"There is no event {name}.");
                    break;
            }
        }

        return new(text.ToString(), "", calls, stop, usage, ended, error);
    }

    private static Told ReadChat(List<(string? Name, string Data)> events)
    {
        (StringBuilder text, StringBuilder refusal) = (new(), new());
        List<(string Id, string Name, StringBuilder Arguments)> calls = [];
        (string? stop, JsonNode? usage, bool ended, bool error, string? id) = (null, null, false, false, null);
        for (int i = 0; i < events.Count; i++)
        {
            (string? name, string data) = events[i];
            Assert.Null(name);
            Assert.False(ended || error, "Nothing follows the end.");
            if (data == "[DONE]")
            {
                Assert.NotNull(stop);
                ended = true;
                continue;
            }

            JsonNode e = JsonNode.Parse(data)!;
            if (e["error"] is { } failure)
            {
                Assert.NotNull(failure["message"]);
                error = true;
                continue;
            }

            Assert.Equal("chat.completion.chunk", (string?)e["object"]);
            Assert.Equal(id ??= (string)e["id"]!, (string?)e["id"]);
            if (e["choices"]!.AsArray().Count == 0)
            {
                Assert.NotNull(stop);
                usage = e["usage"];
                continue;
            }

            Assert.Null(stop);
            JsonNode choice = e["choices"]![0]!, delta = choice["delta"]!;
            Assert.Equal(i == 0, delta["role"] is not null);
            text.Append((string?)delta["content"]);
            refusal.Append((string?)delta["refusal"]);
            foreach (JsonNode? call in delta["tool_calls"]?.AsArray() ?? [])
            {
                int index = (int)call!["index"]!;
                if (call["id"] is { } callId)
                {
                    Assert.Equal(calls.Count, index);
                    calls.Add(((string)callId!, (string)call["function"]!["name"]!, new()));
                }

                calls[index].Arguments.Append((string?)call["function"]!["arguments"]);
            }

            stop = (string?)choice["finish_reason"];
        }

        return new(text.ToString(), refusal.ToString(), [.. calls.Select(c => (c.Id, c.Name, c.Arguments.ToString()))], stop, usage, ended, error);
    }

    private static Told ReadResponses(List<(string? Name, string Data)> events)
    {
        (StringBuilder text, StringBuilder refusal, StringBuilder piece) = (new(), new(), new());
        List<(string, string, string)> calls = [];
        JsonArray done = [];
        (string? stop, JsonNode? usage, bool ended, bool error) = (null, null, false, false);
        (JsonNode? item, JsonNode? part, bool repeated) = (null, null, false);
        for (int i = 0; i < events.Count; i++)
        {
            JsonNode e = JsonNode.Parse(events[i].Data)!;
            string type = events[i].Name!;
            Assert.False(ended || error, "Nothing follows the end.");
            Assert.Equal((type, i), ((string?)e["type"], (int?)e["sequence_number"]));
            Assert.Equal(type == "error" ? i is 0 or > 1 : i < 2, type is "response.created" or "response.in_progress" || (type == "error" && i is 0 or > 1));
            if (e["item_id"] is not null) { Assert.Equal(((string?)item!["id"], done.Count), ((string?)e["item_id"], (int?)e["output_index"])); }
            switch (type)
            {
                case "response.created" or "response.in_progress":
                    Assert.Equal("in_progress", (string?)e["response"]!["status"]);
                    break;
                case "response.output_item.added":
                    Assert.Null(item);
                    Assert.Equal(done.Count, (int?)e["output_index"]);
                    (item, part, repeated) = (e["item"], null, false);
                    piece.Clear();
                    break;
                case "response.content_part.added":
                    Assert.Equal("message", (string?)item!["type"]);
                    Assert.Null(part);
                    part = e["part"];
                    break;
                case "response.output_text.delta" or "response.refusal.delta":
                    Assert.NotNull(part);
                    Assert.False(repeated);
                    piece.Append((string?)e["delta"]);
                    (type == "response.refusal.delta" ? refusal : text).Append((string?)e["delta"]);
                    break;
                case "response.function_call_arguments.delta":
                    Assert.Equal("function_call", (string?)item!["type"]);
                    Assert.False(repeated);
                    piece.Append((string?)e["delta"]);
                    break;
                case "response.output_text.done" or "response.refusal.done" or "response.function_call_arguments.done":
                    repeated = true;
                    string whole = (string)(e["text"] ?? e["refusal"] ?? e["arguments"])!;
                    if (piece.Length > 0 || whole != "{}") { Assert.Equal(piece.ToString(), whole); }
                    break;
                case "response.content_part.done":
                    Assert.True(repeated);
                    Assert.Equal(piece.ToString(), (string?)(e["part"]!["text"] ?? e["part"]!["refusal"]));
                    break;
                case "response.output_item.done":
                    Assert.True(repeated);
                    Assert.Equal((string?)item!["id"], (string?)e["item"]!["id"]);
                    if ((string?)e["item"]!["type"] == "function_call") { calls.Add(((string)e["item"]!["call_id"]!, (string)e["item"]!["name"]!, (string)e["item"]!["arguments"]!)); }
                    done.Add(e["item"]!.DeepClone());
                    item = null;
                    break;
                case "response.completed" or "response.incomplete":
                    Assert.Null(item);
                    Assert.True(JsonNode.DeepEquals(done, e["response"]!["output"]), "The response repeats its items.");
                    stop = (string?)e["response"]!["incomplete_details"]?["reason"] ?? (string)e["response"]!["status"]!;
                    usage = e["response"]!["usage"];
                    ended = true;
                    break;
                case "error":
                    Assert.Equal((string?)e["message"], (string?)e["error"]!["message"]);
                    Assert.NotNull(e["message"]);
                    error = true;
                    break;
                default:
                    Assert.Fail($"There is no event {type}.");
                    break;
            }
        }

        return new(text.ToString(), refusal.ToString(), calls, stop, usage, ended, error);
    }
}
