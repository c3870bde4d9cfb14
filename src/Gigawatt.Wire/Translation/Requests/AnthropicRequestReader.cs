using System.Text.Json;

namespace Gigawatt.Wire.Translation.Requests;

/// <summary>Reads a request to Anthropic Messages.</summary>
internal sealed class AnthropicRequestReader(Notes notes) : ConversationReader(notes)
{
    // Anthropic holds every answer to its schema; OpenAI only where it is told to.
    private static readonly JsonElement AlwaysStrict = JsonDocument.Parse("true"u8.ToArray()).RootElement;

    protected override string UseOwnApi => "leave it out, or choose a model that is served on /v1/messages";

    protected override void ReadField(string name, JsonElement value)
    {
        switch (name)
        {
            case "messages": ReadMessages(value); break;
            case "system": Conversation.Turns.Insert(0, new(Role.System, ReadTexts(value, name))); break;
            case "max_tokens": Conversation.MaxOutputTokens = Whole(value, name); break;
            case "stop_sequences": ReadStop(value, name); break;
            case "tools": ReadTools(value); break;
            case "tool_choice": ReadToolChoice(value); break;
            case "thinking": ReadThinking(value); break;
            case "output_config": ReadOutputConfig(value); break;
            case "output_format": ReadFormat(value, name); break;
            case "metadata": ReadMetadata(value); break;
            case "service_tier": Conversation.ServiceTier = Word(value, name) == "standard_only" ? "default" : "auto"; break;
            case "container" or "mcp_servers" when IsEmptyArray(value): break;
            case "container" or "mcp_servers": CannotCarry(name, "what Anthropic runs on its own servers"); break;
            case "thread": CannotCarry(name, "a conversation that lies with Anthropic"); break;
            case "inference_geo": CannotCarry(name, "a promise of where the model runs"); break;
            default: ReadShared(name, value); break;
        }
    }

    private static bool IsEmptyArray(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;

    private void ReadMessages(JsonElement messages)
    {
        if (!Is(messages, JsonValueKind.Array, "messages")) { return; }
        int index = 0;
        foreach (JsonElement message in messages.EnumerateArray())
        {
            string path = $"messages.{index++}";
            if (!Is(message, JsonValueKind.Object, path)) { return; }
            Notes.LeaveOutOthers(message, "messages", "role", "content");
            JsonElement content = Get(message, "content");
            switch (Required(message, "role", path).Decoded)
            {
                case "system": Conversation.Turns.Add(new(Role.System, ReadTexts(content, $"{path}.content"))); break;
                case "user": Conversation.Turns.Add(new(Role.User, ReadContent(content, $"{path}.content"))); break;
                case "assistant": Conversation.Turns.Add(new(Role.Assistant, ReadContent(content, $"{path}.content"))); break;
                default: Notes.Expect($"{path}.role", "user, assistant or system"); return;
            }
        }

        if (index > 0 && Conversation.Turns is [.., { Role: Role.Assistant, Parts: [.., { Kind: PartKind.Text }] }])
        {
            Notes.Refuse("messages", "the last message is the assistant's, for the model to go on with. This model's API would begin a new answer; end with a user message, or choose a model that is served on /v1/messages.");
        }
    }

    private List<Part> ReadTexts(JsonElement content, string path)
    {
        List<Part> parts = ReadContent(content, path);
        foreach (Part part in parts)
        {
            if (part.Kind != PartKind.Text) { Notes.Expect(path, "text only"); }
        }

        return parts;
    }

    private List<Part> ReadContent(JsonElement content, string path)
    {
        if (content.ValueKind == JsonValueKind.String) { return [new(PartKind.Text) { Text = new(content) }]; }
        List<Part> parts = [];
        if (!Is(content, JsonValueKind.Array, path)) { return parts; }
        int index = 0;
        foreach (JsonElement block in content.EnumerateArray())
        {
            string at = $"{path}.{index++}";
            if (!Is(block, JsonValueKind.Object, at)) { return parts; }
            ReadBlock(block, at, parts);
            if (Notes.Error is not null) { return parts; }
        }

        return parts;
    }

    private void ReadBlock(JsonElement block, string path, List<Part> parts)
    {
        switch (TypeOf(block))
        {
            case "text":
                LeaveOutOthers(block, "type", "text");
                parts.Add(new(PartKind.Text) { Text = Required(block, "text", path) });
                break;
            case "image":
                LeaveOutOthers(block, "type", "source");
                AddImage(Get(block, "source"), $"{path}.source", parts);
                break;
            case "document":
                LeaveOutOthers(block, "type", "source", "title");
                AddDocument(block, Get(block, "source"), $"{path}.source", parts);
                break;
            case "tool_use":
                ReadToolUse(block, path, parts);
                break;
            case "tool_result":
                LeaveOutOthers(block, "type", "tool_use_id", "content", "is_error");
                JsonElement content = Get(block, "content");
                parts.Add(new(PartKind.ToolResult)
                {
                    CallId = Required(block, "tool_use_id", path),
                    Content = IsGiven(content) ? ReadContent(content, $"{path}.content") : [],
                    IsError = IsTrue(Get(block, "is_error"), $"{path}.is_error"),
                });
                break;
            case "thinking" or "redacted_thinking": // Signed for Anthropic's models; no other could check it.
                Notes.LeaveOut("messages.content.thinking");
                break;
            case var type:
                CannotCarry(path, $"a content block of type '{type}'");
                break;
        }
    }

    private void LeaveOutOthers(JsonElement block, params ReadOnlySpan<string> known)
    {
        foreach (JsonProperty property in block.EnumerateObject())
        {
            // Marks for Anthropic's prompt cache are the commonest of all: their name alone says it.
            if (property.NameEquals("cache_control") && IsGiven(property.Value)) { Notes.LeaveOut("cache_control"); }
        }

        Notes.LeaveOutOthers(block, "messages.content", [.. known, "cache_control"]);
    }

    private void ReadToolUse(JsonElement block, string path, List<Part> parts)
    {
        LeaveOutOthers(block, "type", "id", "name", "input", "caller");
        if (TypeOf(Get(block, "caller")) is not ("" or "direct")) { CannotCarry($"{path}.caller", "a tool call made by a program on Anthropic's servers"); }
        JsonElement input = Get(block, "input");
        if (!Is(input, JsonValueKind.Object, $"{path}.input")) { return; }
        parts.Add(new(PartKind.ToolCall) { CallId = Required(block, "id", path), ToolName = Required(block, "name", path), Arguments = input });
    }

    private void AddImage(JsonElement source, string path, List<Part> parts)
    {
        switch (TypeOf(source))
        {
            case "base64":
                Notes.LeaveOutOthers(source, "messages.content.source", "type", "media_type", "data");
                parts.Add(new(PartKind.Image) { Source = MediaSource.Base64, MediaType = Required(source, "media_type", path).Decoded, Text = Required(source, "data", path) });
                break;
            case "url":
                Notes.LeaveOutOthers(source, "messages.content.source", "type", "url");
                parts.Add(new(PartKind.Image) { Source = MediaSource.Url, Text = Required(source, "url", path) });
                break;
            default:
                CannotCarry(path, $"an image source of type '{TypeOf(source)}'");
                break;
        }
    }

    private void AddDocument(JsonElement block, JsonElement source, string path, List<Part> parts)
    {
        JsonText? title = Optional(block, "title", path);
        switch (TypeOf(source))
        {
            case "base64":
                parts.Add(new(PartKind.Document) { Source = MediaSource.Base64, MediaType = Required(source, "media_type", path).Decoded, Text = Required(source, "data", path), FileName = title });
                break;
            case "url":
                parts.Add(new(PartKind.Document) { Source = MediaSource.Url, Text = Required(source, "url", path), FileName = title });
                break;
            case "text":
                parts.Add(new(PartKind.Document) { Source = MediaSource.PlainText, Text = Required(source, "data", path), FileName = title });
                break;
            case "content":
                if (title is not null) { Notes.LeaveOut("messages.content.title"); }
                parts.AddRange(ReadContent(Get(source, "content"), $"{path}.content"));
                break;
            default:
                CannotCarry(path, $"a document source of type '{TypeOf(source)}'");
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
            if (!Is(tool, JsonValueKind.Object, path)) { return; }
            if (TypeOf(tool) is not ("" or "custom") and var type)
            {
                CannotCarry(path, $"the tool '{type}', which Anthropic defines,");
                return;
            }

            if (IsGiven(Get(tool, "cache_control"))) { Notes.LeaveOut("cache_control"); }
            Notes.LeaveOutOthers(tool, "tools", "type", "name", "description", "input_schema", "strict", "cache_control");
            JsonElement schema = Get(tool, "input_schema");
            if (!Is(schema, JsonValueKind.Object, $"{path}.input_schema")) { return; }
            Conversation.Tools.Add(new(Required(tool, "name", path), Optional(tool, "description", path), schema, Get(tool, "strict")));
        }
    }

    private void ReadToolChoice(JsonElement choice)
    {
        if (!Is(choice, JsonValueKind.Object, "tool_choice")) { return; }
        switch (TypeOf(choice))
        {
            case "auto": Conversation.Choice = ToolChoice.Auto; break;
            case "any": Conversation.Choice = ToolChoice.Required; break;
            case "none": Conversation.Choice = ToolChoice.None; break;
            case "tool":
                Conversation.Choice = ToolChoice.Named;
                Conversation.ChoiceName = Required(choice, "name", "tool_choice");
                break;
            default: Notes.Expect("tool_choice.type", "auto, any, tool or none"); return;
        }

        if (IsTrue(Get(choice, "disable_parallel_tool_use"), "tool_choice.disable_parallel_tool_use")) { Conversation.ParallelToolCalls = false; }
        Notes.LeaveOutOthers(choice, "tool_choice", "type", "name", "disable_parallel_tool_use");
    }

    // Other APIs take an effort, not a budget of tokens, and say nothing of their thoughts.
    private void ReadThinking(JsonElement thinking)
    {
        if (!Is(thinking, JsonValueKind.Object, "thinking")) { return; }
        Notes.LeaveOut(IsGiven(Get(thinking, "budget_tokens")) ? "thinking.budget_tokens" : "thinking");
    }

    private void ReadOutputConfig(JsonElement config)
    {
        if (!Is(config, JsonValueKind.Object, "output_config")) { return; }
        if (Get(config, "effort") is { ValueKind: not JsonValueKind.Undefined } effort) { Conversation.Effort = Word(effort, "output_config.effort"); }
        if (Get(config, "format") is { ValueKind: not JsonValueKind.Undefined } format) { ReadFormat(format, "output_config.format"); }
        Notes.LeaveOutOthers(config, "output_config", "effort", "format");
    }

    private void ReadFormat(JsonElement format, string path)
    {
        JsonElement schema = Get(format, "schema");
        if (TypeOf(format) != "json_schema") { CannotCarry(path, "this form of output"); }
        else if (Is(schema, JsonValueKind.Object, $"{path}.schema"))
        {
            Notes.LeaveOutOthers(format, path, "type", "schema");
            Conversation.Format = new(FormatKind.Schema, schema, null, null, AlwaysStrict);
        }
    }

    private void ReadMetadata(JsonElement metadata)
    {
        if (!Is(metadata, JsonValueKind.Object, "metadata")) { return; }
        Conversation.EndUser = Optional(metadata, "user_id", "metadata");
        Notes.LeaveOutOthers(metadata, "metadata", "user_id");
    }
}
