using System.Runtime.InteropServices;
using System.Text.Json;

namespace Gigawatt.Wire.Translation.Requests;

/// <summary>What the writers of the three formats have in common.</summary>
internal abstract class ConversationWriter(Utf8JsonWriter json, Conversation conversation, Notes notes)
{
    protected Utf8JsonWriter Json => json;

    protected Conversation Conversation => conversation;

    protected Notes Notes => notes;

    internal void Write(TranslationTarget target)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, target.Model);
        WriteFields(target);
        json.WriteEndObject();
    }

    protected abstract void WriteFields(TranslationTarget target);

    protected static bool IsGiven(JsonElement value) => value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>Copies a value's bytes; absent ones leave nothing.</summary>
    protected void Copy(ReadOnlySpan<byte> name, JsonElement value)
    {
        if (!IsGiven(value)) { return; }
        json.WritePropertyName(name);
        json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
    }

    protected void Copy(ReadOnlySpan<byte> name, JsonText? text) => text?.Write(json, name);

    protected void WriteSampling()
    {
        Copy("temperature"u8, conversation.Temperature);
        Copy("top_p"u8, conversation.TopP);
        if (conversation.Stream) { json.WriteBoolean("stream"u8, true); }
    }

    /// <summary>The payload of an image or document as a data URL.</summary>
    protected void WriteDataUrl(ReadOnlySpan<byte> name, Part part)
    {
        json.WritePropertyName(name);
        if (part.Source == MediaSource.Url) { part.Text.Write(json); }
        else { part.Text.WriteAfter(json, $"data:{part.MediaType};base64,"); }
    }

    /// <summary>Arguments as OpenAI's formats have them: JSON inside a string.</summary>
    protected void WriteArgumentsText(Part call)
    {
        json.WritePropertyName("arguments"u8);
        if (call.Arguments.ValueKind == JsonValueKind.String) { new JsonText(call.Arguments).Write(json); }
        else { json.WriteStringValue(JsonMarshal.GetRawUtf8Value(call.Arguments)); }
    }

    /// <summary>A schema of arguments; a function without one takes none.</summary>
    protected void WriteSchema(ReadOnlySpan<byte> name, JsonElement schema)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(IsGiven(schema) ? JsonMarshal.GetRawUtf8Value(schema) : """{"type":"object","properties":{}}"""u8, skipInputValidation: true);
    }

    protected void WriteOpenAIOnly()
    {
        foreach ((string name, JsonElement value) in conversation.OpenAIOnly)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
        }

        Copy("safety_identifier"u8, conversation.SafetyIdentifier);
        Copy("user"u8, conversation.User);
        if (conversation.ServiceTier is { } tier) { json.WriteString("service_tier"u8, tier); }
        if (conversation.ParallelToolCalls is { } parallel && conversation.Tools.Count > 0) { json.WriteBoolean("parallel_tool_calls"u8, parallel); }
    }

    /// <summary>Anthropic's user id under OpenAI's name for it, where it fits: OpenAI takes at most 64 characters.</summary>
    protected void WriteEndUser(ReadOnlySpan<byte> name)
    {
        const int Longest = 64;
        if (conversation.EndUser is not { } user) { return; }
        if (user.Length <= Longest) { user.Write(json, name); }
        else { notes.LeaveOut("metadata.user_id"); }
    }

    /// <summary>The effort in OpenAI's words, or null.</summary>
    protected string? OpenAIEffort()
    {
        if (conversation.Effort != "max") { return conversation.Effort; }
        notes.LeaveOut("effort=max (sent as xhigh)");
        return "xhigh";
    }

    /// <summary>The name of a tool choice that all but a named tool share in OpenAI's formats; null where nothing is to be written.</summary>
    protected string? OpenAIChoice() => conversation.Tools.Count == 0 ? null : conversation.Choice switch
    {
        ToolChoice.Auto => "auto",
        ToolChoice.None => "none",
        ToolChoice.Required => "required",
        _ => null,
    };

    protected bool HasNamedChoice => conversation.Choice == ToolChoice.Named && conversation.Tools.Count > 0;
}
