using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire.Translation.Answers;

/// <summary>Reads Anthropic's <c>message</c>.</summary>
internal sealed class AnthropicAnswerReader(Notes notes, CacheTokenConvention convention) : JsonAnswerReader(notes)
{
    protected override void ReadAnswer(JsonElement root)
    {
        JsonElement content = Get(root, "content");
        if (content.ValueKind != JsonValueKind.Array) { Malformed("a message"); }
        foreach (JsonElement block in Items(content)) { ReadBlock(block); }
        Answer.Stop = StopReasons.OfAnthropic(Word(root, "stop_reason"), Notes);
        Answer.StopSequence = Text(root, "stop_sequence");
        AddText(PartKind.Refusal, Text(Get(root, "stop_details"), "explanation"));
        LeaveOutIfAny(root, "container", "message");
        LeaveOutIfAny(Get(root, "usage"), "server_tool_use", "usage");
        ReadUsage(root, Dialect.Anthropic, convention);
    }

    private void ReadBlock(JsonElement block)
    {
        switch (Word(block, "type"))
        {
            case "text":
                LeaveOutIfAny(block, "citations", "content");
                AddText(PartKind.Text, Text(block, "text"));
                break;
            case "tool_use":
                AddCall(Text(block, "id"), Text(block, "name"), Get(block, "input"));
                break;
            case "thinking" or "redacted_thinking": // Signed for Anthropic's models only; see docs/reference/translation.md.
                Notes.LeaveOut("content.thinking");
                break;
            case var type:
                Unknown($"a content block of type '{type}'");
                break;
        }
    }
}

/// <summary>Reads OpenAI's <c>chat.completion</c>.</summary>
internal sealed class ChatAnswerReader(Notes notes, CacheTokenConvention convention) : JsonAnswerReader(notes)
{
    protected override void ReadAnswer(JsonElement root)
    {
        if (Get(root, "created") is { ValueKind: JsonValueKind.Number } created && created.TryGetInt64(out long seconds)) { Answer.Created = seconds; }
        List<JsonElement> choices = Items(Get(root, "choices"));
        if (choices is not [var choice] || Get(choice, "message") is not { ValueKind: JsonValueKind.Object } message)
        {
            Malformed("one completion");
            return;
        }

        ReadMessage(message);
        LeaveOutIfAny(choice, "logprobs", "choices");
        bool called = Answer.Parts.Exists(static part => part.Kind == PartKind.ToolCall);
        Answer.Stop = StopReasons.OfChat(Word(choice, "finish_reason"), called, Notes);
        ReadUsage(root, Dialect.OpenAI, convention);
    }

    private void ReadMessage(JsonElement message)
    {
        JsonElement content = Get(message, "content");
        if (content.ValueKind == JsonValueKind.String) { AddText(PartKind.Text, new(content)); }
        foreach (JsonElement part in Items(content))
        {
            if (Word(part, "type") is not ("text" or "refusal") and var type) { Unknown($"a content part of type '{type}'"); }
            AddText(PartKind.Text, Text(part, "text"));
            AddText(PartKind.Refusal, Text(part, "refusal"));
        }

        AddText(PartKind.Refusal, Text(message, "refusal"));
        LeaveOutIfAny(message, "annotations", "message");
        LeaveOutIfAny(message, "reasoning_content", "message");
        LeaveOutIfAny(message, "reasoning", "message");
        if (Get(message, "audio").ValueKind != JsonValueKind.Undefined) { Unknown("spoken output"); }
        if (Get(message, "function_call").ValueKind != JsonValueKind.Undefined) { Unknown("a function call in the form before tools"); }
        foreach (JsonElement call in Items(Get(message, "tool_calls")))
        {
            if (Word(call, "type") is not (null or "function") and var type) { Unknown($"a tool call of type '{type}'"); }
            JsonElement function = Get(call, "function");
            AddCall(Text(call, "id"), Text(function, "name"), Get(function, "arguments"));
        }
    }
}

/// <summary>Reads OpenAI's <c>response</c>.</summary>
internal sealed class ResponsesAnswerReader(Notes notes, CacheTokenConvention convention) : JsonAnswerReader(notes)
{
    protected override void ReadAnswer(JsonElement root)
    {
        if (Get(root, "created_at") is { ValueKind: JsonValueKind.Number } created && created.TryGetDouble(out double seconds) && seconds is >= 0 and < 1e12) { Answer.Created = (long)seconds; }
        if (Word(root, "status") is not (null or "completed" or "incomplete") || Get(root, "output").ValueKind != JsonValueKind.Array)
        {
            Malformed("a response that is complete");
            return;
        }

        foreach (JsonElement item in Items(Get(root, "output"))) { ReadItem(item); }
        bool called = Answer.Parts.Exists(static part => part.Kind == PartKind.ToolCall);
        string? reason = Word(root, "status") == "incomplete" ? Word(Get(root, "incomplete_details"), "reason") ?? "max_output_tokens" : null;
        Answer.Stop = StopReasons.OfResponses(reason, called, Notes);
        ReadUsage(root, Dialect.Responses, convention);
    }

    private void ReadItem(JsonElement item)
    {
        switch (Word(item, "type"))
        {
            case "message":
                foreach (JsonElement part in Items(Get(item, "content"))) { ReadPart(part); }
                break;
            case "function_call":
                AddCall(Text(item, "call_id"), Text(item, "name"), Get(item, "arguments"));
                break;
            case "reasoning": // Sealed for OpenAI's models only; see docs/reference/translation.md.
                Notes.LeaveOut("output.reasoning");
                break;
            case var type:
                Unknown($"an output item of type '{type}'");
                break;
        }
    }

    private void ReadPart(JsonElement part)
    {
        switch (Word(part, "type"))
        {
            case "output_text":
                LeaveOutIfAny(part, "annotations", "output.content");
                LeaveOutIfAny(part, "logprobs", "output.content");
                AddText(PartKind.Text, Text(part, "text"));
                break;
            case "refusal":
                AddText(PartKind.Refusal, Text(part, "refusal"));
                break;
            case var type:
                Unknown($"a content part of type '{type}'");
                break;
        }
    }
}
