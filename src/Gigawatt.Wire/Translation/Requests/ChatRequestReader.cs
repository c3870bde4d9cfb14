using System.Text.Json;

namespace Gigawatt.Wire.Translation.Requests;

/// <summary>Reads a request to OpenAI chat completions.</summary>
internal sealed class ChatRequestReader(Notes notes) : OpenAIRequestReader(notes)
{
    protected override string UseOwnApi => "leave it out, or choose a model that is served on /v1/chat/completions";

    protected override void ReadField(string name, JsonElement value)
    {
        switch (name)
        {
            case "messages": ReadMessages(value); break;
            case "max_completion_tokens": Conversation.MaxOutputTokens = Whole(value, name); break;
            case "max_tokens": Conversation.MaxOutputTokens ??= Whole(value, name); break; // The older name; the newer one wins.
            case "stop": ReadStop(value, name); break;
            case "tools": ReadTools(value); break;
            case "tool_choice": ReadToolChoice(value, static choice => Get(choice, "function")); break;
            case "response_format": ReadResponseFormat(value); break;
            case "reasoning_effort": Conversation.Effort = Word(value, name); break;
            case "verbosity": Conversation.Verbosity = Text(value, name); break;
            case "n" when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int n) && n == 1: break;
            case "n": CannotCarry(name, "more than one answer to a request"); break;
            case "logprobs" when value.ValueKind == JsonValueKind.False: break;
            case "store" when value.ValueKind == JsonValueKind.True: Notes.LeaveOut(name); break; // The answer is not kept; it is the same.
            case "logit_bias" when value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().MoveNext(): break;
            case "logit_bias": CannotCarry(name, "a bias of single tokens"); break;
            case "modalities": ReadModalities(value); break;
            case "audio": CannotCarry(name, "spoken output"); break;
            case "functions" or "function_call": Notes.Refuse(name, "this form of tools is out of date and cannot be carried over to this model's API; use tools and tool_choice."); break;
            case "web_search_options": CannotCarry(name, "a web search on OpenAI's servers"); break;
            default: ReadOpenAI(name, value); break;
        }
    }

    private void ReadResponseFormat(JsonElement format)
    {
        if (!Is(format, JsonValueKind.Object, "response_format")) { return; }
        Notes.LeaveOutOthers(format, "response_format", "type", "json_schema");
        ReadFormat(format, Get(format, "json_schema"), "response_format.json_schema");
    }

    private void ReadModalities(JsonElement modalities)
    {
        if (!Is(modalities, JsonValueKind.Array, "modalities")) { return; }
        foreach (JsonElement modality in modalities.EnumerateArray())
        {
            if (Word(modality, "modalities") != "text") { CannotCarry("modalities", "output other than text"); }
        }
    }

    private void ReadMessages(JsonElement messages)
    {
        if (!Is(messages, JsonValueKind.Array, "messages")) { return; }
        int index = 0;
        foreach (JsonElement message in messages.EnumerateArray())
        {
            string path = $"messages.{index++}";
            if (!Is(message, JsonValueKind.Object, path)) { return; }
            ReadMessage(message, path);
            if (Notes.Error is not null) { return; }
        }
    }

    private void ReadMessage(JsonElement message, string path)
    {
        JsonElement content = Get(message, "content");
        switch (Required(message, "role", path).Decoded)
        {
            case "system" or "developer":
                Notes.LeaveOutOthers(message, "messages", "role", "content");
                Conversation.Turns.Add(new(Role.System, ReadContent(content, $"{path}.content", textOnly: true)));
                break;
            case "user":
                Notes.LeaveOutOthers(message, "messages", "role", "content");
                Conversation.Turns.Add(new(Role.User, ReadContent(content, $"{path}.content")));
                break;
            case "assistant":
                Conversation.Turns.Add(new(Role.Assistant, ReadAssistant(message, content, path)));
                break;
            case "tool":
                Notes.LeaveOutOthers(message, "messages", "role", "content", "tool_call_id", "name");
                Part result = new(PartKind.ToolResult) { CallId = Required(message, "tool_call_id", path), Content = IsGiven(content) ? ReadContent(content, $"{path}.content") : [] };
                Conversation.Turns.Add(new(Role.User, [result]));
                break;
            case "function":
                Notes.Refuse($"{path}.role", "function messages are out of date and cannot be carried over to this model's API; use tool messages.");
                break;
            default:
                Notes.Expect($"{path}.role", "developer, system, user, assistant or tool");
                break;
        }
    }

    private List<Part> ReadAssistant(JsonElement message, JsonElement content, string path)
    {
        Notes.LeaveOutOthers(message, "messages", "role", "content", "refusal", "tool_calls", "audio", "function_call", "annotations");
        if (IsGiven(Get(message, "audio"))) { CannotCarry($"{path}.audio", "spoken output"); }
        if (IsGiven(Get(message, "function_call"))) { Notes.Refuse($"{path}.function_call", "this form of tool calls is out of date and cannot be carried over to this model's API; use tool_calls."); }
        if (Get(message, "annotations") is { ValueKind: JsonValueKind.Array } annotations && annotations.GetArrayLength() > 0) { Notes.LeaveOut("messages.annotations"); }
        List<Part> parts = IsGiven(content) ? ReadContent(content, $"{path}.content") : [];
        if (Optional(message, "refusal", path) is { IsEmpty: false } refusal) { parts.Add(new(PartKind.Refusal) { Text = refusal }); }
        JsonElement calls = Get(message, "tool_calls");
        if (!IsGiven(calls) || !Is(calls, JsonValueKind.Array, $"{path}.tool_calls")) { return parts; }
        int index = 0;
        foreach (JsonElement call in calls.EnumerateArray())
        {
            string at = $"{path}.tool_calls.{index++}";
            if (TypeOf(call) is not ("" or "function") and var type) { CannotCarry(at, $"a tool call of type '{type}'"); }
            JsonElement function = Get(call, "function");
            if (Is(call, JsonValueKind.Object, at)) { Notes.LeaveOutOthers(call, "messages.tool_calls", "type", "id", "function", "index"); }
            if (Is(function, JsonValueKind.Object, $"{at}.function")) { Notes.LeaveOutOthers(function, "messages.tool_calls.function", "name", "arguments"); }
            Text(Get(function, "arguments"), $"{at}.function.arguments");
            parts.Add(new(PartKind.ToolCall)
            {
                CallId = Required(call, "id", at),
                ToolName = Required(function, "name", $"{at}.function"),
                Arguments = Get(function, "arguments"),
            });
            if (Notes.Error is not null) { return parts; }
        }

        return parts;
    }

    private List<Part> ReadContent(JsonElement content, string path, bool textOnly = false)
    {
        if (content.ValueKind == JsonValueKind.String) { return [new(PartKind.Text) { Text = new(content) }]; }
        List<Part> parts = [];
        if (!Is(content, JsonValueKind.Array, path)) { return parts; }
        int index = 0;
        foreach (JsonElement part in content.EnumerateArray())
        {
            ReadPart(part, $"{path}.{index++}", textOnly, parts);
            if (Notes.Error is not null) { return parts; }
        }

        return parts;
    }

    private void ReadPart(JsonElement part, string path, bool textOnly, List<Part> parts)
    {
        switch (TypeOf(part))
        {
            case "text":
                Notes.LeaveOutOthers(part, "messages.content", "type", "text");
                parts.Add(new(PartKind.Text) { Text = Required(part, "text", path) });
                break;
            case "refusal":
                Notes.LeaveOutOthers(part, "messages.content", "type", "refusal");
                parts.Add(new(PartKind.Refusal) { Text = Required(part, "refusal", path) });
                break;
            case "image_url" when !textOnly:
                Notes.LeaveOutOthers(part, "messages.content", "type", "image_url");
                JsonElement image = Get(part, "image_url"); // Many servers take the address itself, too.
                JsonText url = image.ValueKind == JsonValueKind.String ? new(image) : Required(image, "url", $"{path}.image_url");
                if (image.ValueKind == JsonValueKind.Object) { Notes.LeaveOutOthers(image, "messages.content.image_url", "url", "detail"); }
                AddImage(url, Optional(image, "detail", path), $"{path}.image_url.url", parts);
                break;
            case "file" when !textOnly:
                Notes.LeaveOutOthers(part, "messages.content", "type", "file");
                AddFile(Get(part, "file"), $"{path}.file", "messages.content.file", parts);
                break;
            case var type:
                CannotCarry(path, textOnly ? $"a system message's part of type '{type}'" : $"a content part of type '{type}'");
                break;
        }
    }

    private void ReadTools(JsonElement tools)
    {
        if (!Is(tools, JsonValueKind.Array, "tools")) { return; }
        int index = 0;
        foreach (JsonElement tool in tools.EnumerateArray())
        {
            string path = $"tools.{index++}";
            if (TypeOf(tool) == "function")
            {
                Notes.LeaveOutOthers(tool, "tools", "type", "function");
                AddTool(Get(tool, "function"), $"{path}.function");
            }
            else { CannotCarry(path, $"a tool of type '{TypeOf(tool)}'"); }
            if (Notes.Error is not null) { return; }
        }
    }
}
