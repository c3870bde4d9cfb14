using System.Buffers;
using System.Text.Json;
using Gigawatt.Units;

namespace Gigawatt.Wire.Translation.Requests;

/// <summary>Writes a request to Anthropic Messages, version 2023-06-01, which allows sampling parameters.</summary>
/// <remarks>Its rules of order: the system prompt stands apart; speakers alternate, so turns in a row are one message; and the
/// results of tools come first in the user message after the calls.</remarks>
internal sealed class AnthropicRequestWriter(Utf8JsonWriter json, Conversation conversation, Notes notes) : ConversationWriter(json, conversation, notes)
{
    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    protected override void WriteFields(TranslationTarget target)
    {
        Json.WriteNumber("max_tokens"u8, Conversation.MaxOutputTokens ?? target.DefaultMaxOutputTokens);
        WriteSystem();
        WriteMessages();
        WriteTools();
        WriteOutput();
        WriteRest();
    }

    private void WriteSystem()
    {
        List<Part> system = [];
        bool spoken = false;
        foreach (Turn turn in Conversation.Turns)
        {
            spoken |= turn.Role != Role.System;
            if (turn.Role != Role.System) { continue; }
            // Anthropic's API has one system prompt, before the conversation.
            if (spoken) { Notes.LeaveOut("messages.system (moved to the start)"); }
            system.AddRange(turn.Parts);
        }

        system.RemoveAll(static part => part.Text.IsEmpty);
        if (system.Count == 0) { return; }
        Json.WritePropertyName("system"u8);
        WriteContent(system);
    }

    private void WriteMessages()
    {
        bool any = false;
        Json.WriteStartArray("messages"u8);
        List<Part> parts = [];
        Role speaker = Role.User;
        foreach (Turn turn in Conversation.Turns)
        {
            if (turn.Role == Role.System) { continue; }
            if (turn.Role != speaker)
            {
                any |= WriteMessage(speaker, parts);
                parts.Clear();
                speaker = turn.Role;
            }

            parts.AddRange(turn.Parts);
        }

        any |= WriteMessage(speaker, parts);
        Json.WriteEndArray();
        if (!any) { Notes.Refuse("messages", "a model on Anthropic's API needs at least one message of the user; the request has none that says anything."); }
    }

    private bool WriteMessage(Role speaker, List<Part> parts)
    {
        parts.RemoveAll(static part => part.Kind is PartKind.Text or PartKind.Refusal && part.Text.IsEmpty); // The API refuses empty texts.
        if (parts.Count == 0) { return false; }
        Json.WriteStartObject();
        Json.WriteString("role"u8, speaker == Role.User ? "user"u8 : "assistant"u8);
        Json.WritePropertyName("content"u8);
        WriteContent(speaker == Role.User ? ResultsFirst(parts) : parts);
        Json.WriteEndObject();
        return true;
    }

    private static List<Part> ResultsFirst(List<Part> parts)
    {
        if (!parts.Exists(static part => part.Kind == PartKind.ToolResult)) { return parts; }
        List<Part> ordered = parts.FindAll(static part => part.Kind == PartKind.ToolResult);
        ordered.AddRange(parts.FindAll(static part => part.Kind != PartKind.ToolResult));
        return ordered;
    }

    private void WriteContent(List<Part> parts)
    {
        if (parts is [{ Kind: PartKind.Text } only])
        {
            only.Text.Write(Json);
            return;
        }

        Json.WriteStartArray();
        foreach (Part part in parts) { WriteBlock(part); }
        Json.WriteEndArray();
    }

    private void WriteBlock(Part part)
    {
        Json.WriteStartObject();
        switch (part.Kind)
        {
            case PartKind.Text or PartKind.Refusal:
                Json.WriteString("type"u8, "text"u8);
                part.Text.Write(Json, "text"u8);
                break;
            case PartKind.Image:
                Json.WriteString("type"u8, "image"u8);
                if (part.Detail is not null) { Notes.LeaveOut("messages.content.image.detail"); }
                if (part.Source == MediaSource.Base64 && part.MediaType is not ("image/png" or "image/jpeg" or "image/gif" or "image/webp"))
                {
                    Notes.Refuse("messages", $"an image of type '{part.MediaType}' cannot be carried over to Anthropic's API; send PNG, JPEG, GIF or WebP.");
                }

                WriteSource(part);
                break;
            case PartKind.Document:
                Json.WriteString("type"u8, "document"u8);
                if (part.Source == MediaSource.Base64 && part.MediaType != "application/pdf")
                {
                    Notes.Refuse("messages", $"a file of type '{part.MediaType}' cannot be carried over to Anthropic's API; send a PDF, or its text as a text part.");
                }

                WriteSource(part);
                Copy("title"u8, part.FileName);
                break;
            case PartKind.ToolCall:
                Json.WriteString("type"u8, "tool_use"u8);
                WriteId("id"u8, part.CallId);
                part.ToolName.Write(Json, "name"u8);
                WriteInput(part.Arguments);
                break;
            case PartKind.ToolResult:
                Json.WriteString("type"u8, "tool_result"u8);
                WriteId("tool_use_id"u8, part.CallId);
                part.Content.RemoveAll(static content => content.Kind is PartKind.Text && content.Text.IsEmpty);
                if (part.Content.Count > 0)
                {
                    Json.WritePropertyName("content"u8);
                    WriteContent(part.Content);
                }

                if (part.IsError) { Json.WriteBoolean("is_error"u8, true); }
                break;
        }

        Json.WriteEndObject();
    }

    private void WriteSource(Part part)
    {
        Json.WriteStartObject("source"u8);
        switch (part.Source)
        {
            case MediaSource.Url:
                Json.WriteString("type"u8, "url"u8);
                part.Text.Write(Json, "url"u8);
                break;
            case MediaSource.Base64:
                Json.WriteString("type"u8, "base64"u8);
                Json.WriteString("media_type"u8, part.MediaType);
                part.Text.Write(Json, "data"u8);
                break;
            case MediaSource.PlainText:
                Json.WriteString("type"u8, "text"u8);
                Json.WriteString("media_type"u8, "text/plain"u8);
                part.Text.Write(Json, "data"u8);
                break;
        }

        Json.WriteEndObject();
    }

    private void WriteInput(JsonElement arguments)
    {
        Json.WritePropertyName("input"u8);
        if (arguments.ValueKind == JsonValueKind.Object) { Json.WriteRawValue(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(arguments), skipInputValidation: true); }
        else if (!ToolArguments.WriteObject(Json, arguments.GetString()!)) { Notes.LeaveOut(ToolArguments.NotJson); }
    }

    // Ids of other APIs may have characters that Anthropic refuses; call and result are renamed alike.
    private void WriteId(ReadOnlySpan<byte> name, JsonText id)
    {
        string text = id.Decoded;
        if (text.Length > 0 && text.AsSpan().IndexOfAnyExcept(IdCharacters) < 0) { Json.WriteString(name, text); }
        else { Json.WriteString(name, $"call_{default(StableHash).Add(text)}"); }
    }

    private void WriteTools()
    {
        if (Conversation.Tools.Count == 0) { return; }
        Json.WriteStartArray("tools"u8);
        foreach (Tool tool in Conversation.Tools)
        {
            Json.WriteStartObject();
            tool.Name.Write(Json, "name"u8);
            Copy("description"u8, tool.Description);
            WriteSchema("input_schema"u8, tool.Schema);
            if (tool.Strict.ValueKind == JsonValueKind.True) { Json.WriteBoolean("strict"u8, true); }
            Json.WriteEndObject();
        }

        Json.WriteEndArray();
        bool oneAtATime = Conversation.ParallelToolCalls == false && Conversation.Choice != ToolChoice.None;
        if (Conversation.Choice is null && !oneAtATime) { return; }
        Json.WriteStartObject("tool_choice"u8);
        Json.WriteString("type"u8, Conversation.Choice switch
        {
            ToolChoice.None => "none"u8,
            ToolChoice.Required => "any"u8,
            ToolChoice.Named => "tool"u8,
            _ => "auto"u8,
        });
        if (Conversation.Choice == ToolChoice.Named) { Conversation.ChoiceName.Write(Json, "name"u8); }
        if (oneAtATime) { Json.WriteBoolean("disable_parallel_tool_use"u8, true); }
        Json.WriteEndObject();
    }

    private void WriteOutput()
    {
        string? effort = Conversation.Effort;
        if (effort == "none")
        {
            Json.WriteStartObject("thinking"u8);
            Json.WriteString("type"u8, "disabled"u8);
            Json.WriteEndObject();
            effort = null;
        }
        else if (effort == "minimal")
        {
            Notes.LeaveOut("effort=minimal (sent as low)");
            effort = "low";
        }

        if (effort is null && Conversation.Format is null) { return; }
        Json.WriteStartObject("output_config"u8);
        if (effort is not null) { Json.WriteString("effort"u8, effort); }
        if (Conversation.Format is { } format)
        {
            if (format.Kind == FormatKind.AnyJson) { Notes.Refuse("response_format", "Anthropic's API has no output of any JSON; give a schema with type json_schema."); }
            if (format.Name is not null) { Notes.LeaveOut("json_schema.name"); }
            if (format.Description is not null) { Notes.LeaveOut("json_schema.description"); }
            Json.WriteStartObject("format"u8);
            Json.WriteString("type"u8, "json_schema"u8);
            Copy("schema"u8, format.Schema);
            Json.WriteEndObject();
        }

        Json.WriteEndObject();
    }

    private void WriteRest()
    {
        if (Conversation.Stop.Count > 0)
        {
            Json.WriteStartArray("stop_sequences"u8);
            foreach (JsonText stop in Conversation.Stop) { stop.Write(Json); }
            Json.WriteEndArray();
        }

        if (Conversation.Temperature is { ValueKind: JsonValueKind.Number } temperature && !(temperature.GetDouble() <= 1))
        {
            Notes.Refuse("temperature", "a model on Anthropic's API takes 0 to 1, and a larger value has no counterpart there; give at most 1.");
        }

        WriteSampling();
        if ((Conversation.SafetyIdentifier ?? Conversation.User) is { } user)
        {
            if (Conversation.SafetyIdentifier is not null && Conversation.User is not null) { Notes.LeaveOut("user"); }
            Json.WriteStartObject("metadata"u8);
            user.Write(Json, "user_id"u8);
            Json.WriteEndObject();
        }

        if (Conversation.ServiceTier is "auto" or "default") { Json.WriteString("service_tier"u8, Conversation.ServiceTier == "auto" ? "auto"u8 : "standard_only"u8); }
        else if (Conversation.ServiceTier is not null) { Notes.LeaveOut("service_tier"); }
        if (Conversation.Verbosity is not null) { Notes.LeaveOut("verbosity"); }
        foreach ((string name, _) in Conversation.OpenAIOnly) { Notes.LeaveOut(name); }
    }
}
