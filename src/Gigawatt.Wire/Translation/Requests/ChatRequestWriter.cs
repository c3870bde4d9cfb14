using System.Text.Json;

namespace Gigawatt.Wire.Translation.Requests;

/// <summary>Writes a request to OpenAI chat completions.</summary>
internal sealed class ChatRequestWriter(Utf8JsonWriter json, Conversation conversation, Notes notes) : ConversationWriter(json, conversation, notes)
{
    protected override void WriteFields(TranslationTarget target)
    {
        Json.WriteStartArray("messages"u8);
        foreach (Turn turn in Conversation.Turns) { WriteTurn(turn); }
        Json.WriteEndArray();
        if (Conversation.MaxOutputTokens is { } most) { Json.WriteNumber(target.OlderBound ? "max_tokens"u8 : "max_completion_tokens"u8, most); }
        WriteTools();
        WriteFormat();
        if (OpenAIEffort() is { } effort) { Json.WriteString("reasoning_effort"u8, effort); }
        Copy("verbosity"u8, Conversation.Verbosity);
        if (Conversation.Stop.Count > 0)
        {
            Json.WriteStartArray("stop"u8);
            foreach (JsonText stop in Conversation.Stop) { stop.Write(Json); }
            Json.WriteEndArray();
        }

        WriteSampling();
        if (Conversation.Stream && target.StreamUsage)
        {
            // Whoever asked, the usage is needed for the bill, and the other formats always tell it.
            Json.WriteStartObject("stream_options"u8);
            Json.WriteBoolean("include_usage"u8, true);
            Json.WriteEndObject();
        }

        WriteOpenAIOnly();
        if (Conversation.User is null) { WriteEndUser("user"u8); }
    }

    private void WriteTurn(Turn turn)
    {
        switch (turn.Role)
        {
            case Role.System: WriteMessage("system"u8, turn.Parts); break;
            case Role.Assistant: WriteAssistant(turn.Parts); break;
            case Role.User: WriteUser(turn.Parts); break;
        }
    }

    private void WriteMessage(ReadOnlySpan<byte> role, List<Part> parts)
    {
        Json.WriteStartObject();
        Json.WriteString("role"u8, role);
        Json.WritePropertyName("content"u8);
        WriteContent(parts);
        Json.WriteEndObject();
    }

    // A tool message holds text only; what else a tool returned goes into a user message behind all results.
    private void WriteUser(List<Part> parts)
    {
        List<Part> rest = [];
        foreach (Part part in parts)
        {
            if (part.Kind == PartKind.ToolResult) { WriteResult(part, rest); }
        }

        foreach (Part part in parts)
        {
            if (part.Kind != PartKind.ToolResult) { rest.Add(part); }
        }

        if (rest.Count > 0 || parts.Count == 0) { WriteMessage("user"u8, rest); }
    }

    private void WriteResult(Part result, List<Part> moved)
    {
        if (result.IsError) { Notes.LeaveOut("tool_result.is_error"); }
        List<Part> texts = [];
        bool labelled = false;
        foreach (Part part in result.Content)
        {
            if (part.Kind is PartKind.Text or PartKind.Refusal || part.Source == MediaSource.PlainText)
            {
                texts.Add(part);
                continue;
            }

            Notes.LeaveOut("tool_result.media (moved to the next user message)");
            if (!labelled) { moved.Add(new(PartKind.Text) { Text = new($"Returned by the tool call {result.CallId.Decoded}:") }); }
            labelled = true;
            moved.Add(part);
        }

        Json.WriteStartObject();
        Json.WriteString("role"u8, "tool"u8);
        result.CallId.Write(Json, "tool_call_id"u8);
        Json.WritePropertyName("content"u8);
        WriteContent(texts);
        Json.WriteEndObject();
    }

    private void WriteAssistant(List<Part> parts)
    {
        Json.WriteStartObject();
        Json.WriteString("role"u8, "assistant"u8);
        List<Part> said = parts.FindAll(static part => part.Kind != PartKind.ToolCall);
        Json.WritePropertyName("content"u8);
        if (said.Count == 0) { Json.WriteNullValue(); }
        else { WriteContent(said); }
        if (said.Count < parts.Count)
        {
            Json.WriteStartArray("tool_calls"u8);
            foreach (Part part in parts)
            {
                if (part.Kind == PartKind.ToolCall) { WriteCall(part); }
            }

            Json.WriteEndArray();
        }

        Json.WriteEndObject();
    }

    private void WriteCall(Part call)
    {
        Json.WriteStartObject();
        call.CallId.Write(Json, "id"u8);
        Json.WriteString("type"u8, "function"u8);
        Json.WriteStartObject("function"u8);
        call.ToolName.Write(Json, "name"u8);
        WriteArgumentsText(call);
        Json.WriteEndObject();
        Json.WriteEndObject();
    }

    private void WriteContent(List<Part> parts)
    {
        if (parts.Count == 0)
        {
            Json.WriteStringValue(""u8);
        }
        else if (parts is [{ Kind: PartKind.Text } only])
        {
            only.Text.Write(Json);
        }
        else
        {
            Json.WriteStartArray();
            foreach (Part part in parts) { WritePart(part); }
            Json.WriteEndArray();
        }
    }

    private void WritePart(Part part)
    {
        Json.WriteStartObject();
        switch (part.Kind)
        {
            case PartKind.Refusal:
                Json.WriteString("type"u8, "refusal"u8);
                part.Text.Write(Json, "refusal"u8);
                break;
            case PartKind.Image:
                Json.WriteString("type"u8, "image_url"u8);
                Json.WriteStartObject("image_url"u8);
                WriteDataUrl("url"u8, part);
                Copy("detail"u8, part.Detail);
                Json.WriteEndObject();
                break;
            case PartKind.Document when part.Source != MediaSource.PlainText:
                WriteFile(part);
                break;
            default:
                if (part.FileName is not null) { Notes.LeaveOut("messages.content.title"); }
                Json.WriteString("type"u8, "text"u8);
                part.Text.Write(Json, "text"u8);
                break;
        }

        Json.WriteEndObject();
    }

    private void WriteFile(Part file)
    {
        if (file.Source == MediaSource.Url)
        {
            Notes.Refuse("messages", "a document by its address cannot be carried over to chat completions, which takes no address of files; send its content as base64, or its text.");
        }

        Json.WriteString("type"u8, "file"u8);
        Json.WriteStartObject("file"u8);
        (file.FileName ?? new("document.pdf")).Write(Json, "filename"u8);
        WriteDataUrl("file_data"u8, file);
        Json.WriteEndObject();
    }

    private void WriteTools()
    {
        if (Conversation.Tools.Count == 0) { return; }
        Json.WriteStartArray("tools"u8);
        foreach (Tool tool in Conversation.Tools)
        {
            Json.WriteStartObject();
            Json.WriteString("type"u8, "function"u8);
            Json.WriteStartObject("function"u8);
            tool.Name.Write(Json, "name"u8);
            Copy("description"u8, tool.Description);
            WriteSchema("parameters"u8, tool.Schema);
            Copy("strict"u8, tool.Strict);
            Json.WriteEndObject();
            Json.WriteEndObject();
        }

        Json.WriteEndArray();
        if (OpenAIChoice() is { } choice) { Json.WriteString("tool_choice"u8, choice); }
        if (!HasNamedChoice) { return; }
        Json.WriteStartObject("tool_choice"u8);
        Json.WriteString("type"u8, "function"u8);
        Json.WriteStartObject("function"u8);
        Conversation.ChoiceName.Write(Json, "name"u8);
        Json.WriteEndObject();
        Json.WriteEndObject();
    }

    private void WriteFormat()
    {
        if (Conversation.Format is not { } format) { return; }
        Json.WriteStartObject("response_format"u8);
        Json.WriteString("type"u8, format.Kind == FormatKind.AnyJson ? "json_object"u8 : "json_schema"u8);
        if (format.Kind == FormatKind.Schema)
        {
            Json.WriteStartObject("json_schema"u8);
            (format.Name ?? new("output")).Write(Json, "name"u8);
            Copy("description"u8, format.Description);
            Copy("schema"u8, format.Schema);
            Copy("strict"u8, format.Strict);
            Json.WriteEndObject();
        }

        Json.WriteEndObject();
    }
}
