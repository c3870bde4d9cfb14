using System.Text.Json;

namespace Gigawatt.Wire.Translation.Requests;

/// <summary>Writes a request to OpenAI responses that leaves nothing with the provider.</summary>
internal sealed class ResponsesRequestWriter(Utf8JsonWriter json, Conversation conversation, Notes notes) : ConversationWriter(json, conversation, notes)
{
    protected override void WriteFields(TranslationTarget target)
    {
        int first = 0;
        if (Conversation.Turns is [{ Role: Role.System, Parts: [{ Kind: PartKind.Text } only] }, ..])
        {
            only.Text.Write(Json, "instructions"u8);
            first = 1;
        }

        Json.WriteStartArray("input"u8);
        for (int i = first; i < Conversation.Turns.Count; i++) { WriteTurn(Conversation.Turns[i]); }
        Json.WriteEndArray();
        Json.WriteBoolean("store"u8, false); // The API keeps answers unless told not to; this server keeps the conversation itself.
        if (Conversation.MaxOutputTokens is { } most) { Json.WriteNumber("max_output_tokens"u8, most); }
        WriteTools();
        WriteText();
        if (OpenAIEffort() is { } effort)
        {
            Json.WriteStartObject("reasoning"u8);
            Json.WriteString("effort"u8, effort);
            Json.WriteEndObject();
        }

        if (Conversation.Stop.Count > 0) { Notes.Refuse("stop", "stop sequences cannot be carried over to the responses API, which has none; leave them out, or choose a model that is served on another API."); }
        WriteSampling();
        WriteOpenAIOnly();
        if (Conversation.SafetyIdentifier is null) { WriteEndUser("safety_identifier"u8); }
    }

    private void WriteTurn(Turn turn)
    {
        // Results first, then the message: as the other two APIs order them.
        foreach (Part part in turn.Parts)
        {
            if (part.Kind == PartKind.ToolResult) { WriteResult(part); }
        }

        List<Part> message = [];
        foreach (Part part in turn.Parts)
        {
            if (part.Kind is not (PartKind.ToolCall or PartKind.ToolResult)) { message.Add(part); }
            if (part.Kind == PartKind.ToolCall)
            {
                WriteMessage(turn.Role, message);
                message.Clear();
                WriteCall(part);
            }
        }

        WriteMessage(turn.Role, message);
    }

    private void WriteMessage(Role role, List<Part> parts)
    {
        if (parts.Count == 0) { return; }
        Json.WriteStartObject();
        Json.WriteString("type"u8, "message"u8);
        Json.WriteString("role"u8, role switch
        {
            Role.System => "system"u8,
            Role.User => "user"u8,
            _ => "assistant"u8,
        });
        WriteContent("content"u8, parts, role == Role.Assistant);
        Json.WriteEndObject();
    }

    private void WriteContent(ReadOnlySpan<byte> name, List<Part> parts, bool output)
    {
        Json.WriteStartArray(name);
        foreach (Part part in parts) { WritePart(part, output); }
        Json.WriteEndArray();
    }

    private void WritePart(Part part, bool output)
    {
        Json.WriteStartObject();
        switch (part.Kind)
        {
            case PartKind.Refusal when output:
                Json.WriteString("type"u8, "refusal"u8);
                part.Text.Write(Json, "refusal"u8);
                break;
            case PartKind.Image:
                Json.WriteString("type"u8, "input_image"u8);
                WriteDataUrl("image_url"u8, part);
                (part.Detail ?? new("auto")).Write(Json, "detail"u8);
                break;
            case PartKind.Document when part.Source != MediaSource.PlainText:
                Json.WriteString("type"u8, "input_file"u8);
                if (part.Source == MediaSource.Url) { part.Text.Write(Json, "file_url"u8); }
                else
                {
                    (part.FileName ?? new("document.pdf")).Write(Json, "filename"u8);
                    WriteDataUrl("file_data"u8, part);
                }

                break;
            default:
                if (part.FileName is not null) { Notes.LeaveOut("messages.content.title"); }
                Json.WriteString("type"u8, output ? "output_text"u8 : "input_text"u8);
                part.Text.Write(Json, "text"u8);
                break;
        }

        Json.WriteEndObject();
    }

    private void WriteCall(Part call)
    {
        Json.WriteStartObject();
        Json.WriteString("type"u8, "function_call"u8);
        call.CallId.Write(Json, "call_id"u8);
        call.ToolName.Write(Json, "name"u8);
        WriteArgumentsText(call);
        Json.WriteEndObject();
    }

    private void WriteResult(Part result)
    {
        if (result.IsError) { Notes.LeaveOut("tool_result.is_error"); }
        Json.WriteStartObject();
        Json.WriteString("type"u8, "function_call_output"u8);
        result.CallId.Write(Json, "call_id"u8);
        if (result.Content is []) { Json.WriteString("output"u8, ""u8); }
        else if (result.Content is [{ Kind: PartKind.Text } only]) { only.Text.Write(Json, "output"u8); }
        else { WriteContent("output"u8, result.Content, output: false); }
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
            tool.Name.Write(Json, "name"u8);
            Copy("description"u8, tool.Description);
            WriteSchema("parameters"u8, tool.Schema);
            // This API takes an absent value for true, the others for false.
            Json.WriteBoolean("strict"u8, tool.Strict.ValueKind == JsonValueKind.True);
            Json.WriteEndObject();
        }

        Json.WriteEndArray();
        if (OpenAIChoice() is { } choice) { Json.WriteString("tool_choice"u8, choice); }
        if (!HasNamedChoice) { return; }
        Json.WriteStartObject("tool_choice"u8);
        Json.WriteString("type"u8, "function"u8);
        Conversation.ChoiceName.Write(Json, "name"u8);
        Json.WriteEndObject();
    }

    private void WriteText()
    {
        if (Conversation.Format is null && Conversation.Verbosity is null) { return; }
        Json.WriteStartObject("text"u8);
        if (Conversation.Format is { } format)
        {
            Json.WriteStartObject("format"u8);
            Json.WriteString("type"u8, format.Kind == FormatKind.AnyJson ? "json_object"u8 : "json_schema"u8);
            if (format.Kind == FormatKind.Schema)
            {
                (format.Name ?? new("output")).Write(Json, "name"u8);
                Copy("description"u8, format.Description);
                Copy("schema"u8, format.Schema);
                Copy("strict"u8, format.Strict);
            }

            Json.WriteEndObject();
        }

        Copy("verbosity"u8, Conversation.Verbosity);
        Json.WriteEndObject();
    }
}
