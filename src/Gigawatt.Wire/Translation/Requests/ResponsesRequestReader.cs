using System.Text.Json;

namespace Gigawatt.Wire.Translation.Requests;

/// <summary>Reads a request to OpenAI responses.</summary>
internal sealed class ResponsesRequestReader(Notes notes) : OpenAIRequestReader(notes)
{
    protected override string UseOwnApi => "leave it out, or choose a model that is served on /v1/responses";

    protected override void ReadField(string name, JsonElement value)
    {
        switch (name)
        {
            case "input": ReadInput(value); break;
            case "instructions": Conversation.Turns.Insert(0, new(Role.System, [new(PartKind.Text) { Text = Text(value, name) }])); break;
            case "max_output_tokens": Conversation.MaxOutputTokens = Whole(value, name); break;
            case "tools": ReadTools(value); break;
            case "tool_choice": ReadToolChoice(value, static choice => choice); break;
            case "text": ReadText(value); break;
            case "reasoning": ReadReasoning(value); break;
            case "include": ReadInclude(value); break;
            case "truncation" when value.ValueKind == JsonValueKind.String && value.ValueEquals("disabled"u8): break;
            case "background" when value.ValueKind == JsonValueKind.False: break;
            case "background": CannotCarry(name, "an answer that is made in the background"); break;
            case "previous_response_id" or "conversation": CannotCarry(name, "a conversation that lies with OpenAI"); break;
            case "prompt": CannotCarry(name, "a prompt that lies with OpenAI"); break;
            default: ReadOpenAI(name, value); break;
        }
    }

    private void ReadText(JsonElement text)
    {
        if (!Is(text, JsonValueKind.Object, "text")) { return; }
        if (Get(text, "format") is { ValueKind: not JsonValueKind.Undefined } format) { ReadFormat(format, format, "text.format"); }
        Conversation.Verbosity = Optional(text, "verbosity", "text");
        Notes.LeaveOutOthers(text, "text", "format", "verbosity");
    }

    private void ReadReasoning(JsonElement reasoning)
    {
        if (!Is(reasoning, JsonValueKind.Object, "reasoning")) { return; }
        if (Optional(reasoning, "effort", "reasoning") is { } effort) { Conversation.Effort = effort.Decoded; }
        Notes.LeaveOutOthers(reasoning, "reasoning", "effort");
    }

    private void ReadInclude(JsonElement include)
    {
        if (!Is(include, JsonValueKind.Array, "include")) { return; }
        foreach (JsonElement item in include.EnumerateArray())
        {
            string name = Word(item, "include");
            if (name == "message.output_text.logprobs") { CannotCarry("include", "log probabilities of tokens"); }
            else { Notes.LeaveOut($"include.{name}"); }
        }
    }

    private void ReadInput(JsonElement input)
    {
        if (input.ValueKind == JsonValueKind.String)
        {
            Conversation.Turns.Add(new(Role.User, [new(PartKind.Text) { Text = new(input) }]));
            return;
        }

        if (!Is(input, JsonValueKind.Array, "input")) { return; }
        int index = 0;
        foreach (JsonElement item in input.EnumerateArray())
        {
            string path = $"input.{index++}";
            if (!Is(item, JsonValueKind.Object, path)) { return; }
            ReadItem(item, path);
            if (Notes.Error is not null) { return; }
        }
    }

    private void ReadItem(JsonElement item, string path)
    {
        switch (TypeOf(item))
        {
            case "" or "message":
                ReadMessage(item, path);
                break;
            case "function_call":
                Notes.LeaveOutOthers(item, "input", "type", "id", "call_id", "name", "arguments", "status");
                Text(Get(item, "arguments"), $"{path}.arguments");
                Add(Role.Assistant, new(PartKind.ToolCall) { CallId = Required(item, "call_id", path), ToolName = Required(item, "name", path), Arguments = Get(item, "arguments") });
                break;
            case "function_call_output":
                Notes.LeaveOutOthers(item, "input", "type", "id", "call_id", "output", "status");
                Part result = new(PartKind.ToolResult) { CallId = Required(item, "call_id", path), Content = ReadContent(Get(item, "output"), $"{path}.output") };
                Add(Role.User, result);
                break;
            case "reasoning": // Sealed for OpenAI's models; no other could read it.
                Notes.LeaveOut("input.reasoning");
                break;
            case "item_reference":
                CannotCarry(path, "an item that lies with OpenAI");
                break;
            case var type:
                CannotCarry(path, $"an input item of type '{type}'");
                break;
        }
    }

    // Items of one speaker in a row are one turn: an answer's text and the calls that came with it.
    private void Add(Role role, Part part)
    {
        if (Conversation.Turns is [.., var last] && last.Role == role) { last.Parts.Add(part); }
        else { Conversation.Turns.Add(new(role, [part])); }
    }

    private void ReadMessage(JsonElement item, string path)
    {
        Notes.LeaveOutOthers(item, "input", "type", "id", "role", "content", "status");
        List<Part> parts = ReadContent(Get(item, "content"), $"{path}.content");
        switch (Required(item, "role", path).Decoded)
        {
            case "system" or "developer":
                foreach (Part part in parts)
                {
                    if (part.Kind != PartKind.Text) { Notes.Expect($"{path}.content", "text only"); }
                }

                Conversation.Turns.Add(new(Role.System, parts));
                break;
            case "user": Conversation.Turns.Add(new(Role.User, parts)); break;
            case "assistant": Conversation.Turns.Add(new(Role.Assistant, parts)); break;
            default: Notes.Expect($"{path}.role", "developer, system, user or assistant"); break;
        }
    }

    private List<Part> ReadContent(JsonElement content, string path)
    {
        if (content.ValueKind == JsonValueKind.String) { return [new(PartKind.Text) { Text = new(content) }]; }
        List<Part> parts = [];
        if (!Is(content, JsonValueKind.Array, path)) { return parts; }
        int index = 0;
        foreach (JsonElement part in content.EnumerateArray())
        {
            ReadPart(part, $"{path}.{index++}", parts);
            if (Notes.Error is not null) { return parts; }
        }

        return parts;
    }

    private void ReadPart(JsonElement part, string path, List<Part> parts)
    {
        switch (TypeOf(part))
        {
            case "input_text" or "output_text" or "text":
                LeaveOutIfAny(part, "annotations");
                LeaveOutIfAny(part, "logprobs");
                Notes.LeaveOutOthers(part, "input.content", "type", "text", "annotations", "logprobs");
                parts.Add(new(PartKind.Text) { Text = Required(part, "text", path) });
                break;
            case "refusal":
                Notes.LeaveOutOthers(part, "input.content", "type", "refusal");
                parts.Add(new(PartKind.Refusal) { Text = Required(part, "refusal", path) });
                break;
            case "input_image":
                Notes.LeaveOutOthers(part, "input.content", "type", "image_url", "detail", "file_id");
                if (IsGiven(Get(part, "file_id"))) { CannotCarry($"{path}.file_id", "a file that lies with OpenAI"); }
                else { AddImage(Required(part, "image_url", path), Optional(part, "detail", path), $"{path}.image_url", parts); }
                break;
            case "input_file":
                AddFile(part, path, "input.content", parts);
                break;
            case var type:
                CannotCarry(path, $"a content part of type '{type}'");
                break;
        }
    }

    private void LeaveOutIfAny(JsonElement part, string name)
    {
        if (Get(part, name) is { ValueKind: JsonValueKind.Array } some && some.GetArrayLength() > 0) { Notes.LeaveOut($"input.content.{name}"); }
    }

    private void ReadTools(JsonElement tools)
    {
        if (!Is(tools, JsonValueKind.Array, "tools")) { return; }
        int index = 0;
        foreach (JsonElement tool in tools.EnumerateArray())
        {
            string path = $"tools.{index++}";
            if (TypeOf(tool) == "function") { AddTool(tool, path); }
            else { CannotCarry(path, $"a tool of type '{TypeOf(tool)}'"); }
            if (Notes.Error is not null) { return; }
        }
    }
}
