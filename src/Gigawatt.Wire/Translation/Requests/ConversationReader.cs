using System.Text.Json;

namespace Gigawatt.Wire.Translation.Requests;

/// <summary>What the readers of the three formats have in common. Null counts as absent, as the APIs themselves take it.</summary>
internal abstract class ConversationReader(Notes notes)
{
    protected Notes Notes => notes;

    protected Conversation Conversation { get; } = new();

    /// <summary>What a field is refused with that only this format's own provider can serve.</summary>
    protected abstract string UseOwnApi { get; }

    internal Conversation Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            notes.Fail(new(ApiErrorKind.InvalidRequest, "The request body must be a JSON object."));
            return Conversation;
        }

        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (notes.Error is not null) { break; }
            if (property.Value.ValueKind != JsonValueKind.Null) { ReadField(property.Name, property.Value); }
        }

        return Conversation;
    }

    /// <summary>Reads one field of the top; those whose meaning is not known are named, not refused: APIs grow weekly, and most new fields are hints.</summary>
    protected abstract void ReadField(string name, JsonElement value);

    protected void ReadShared(string name, JsonElement value)
    {
        switch (name)
        {
            case "model" or "store": break; // The model is the target's; responses are kept by this server.
            case "stream": Conversation.Stream = IsTrue(value, name); break;
            case "temperature": Conversation.Temperature = Number(value, name); break;
            case "top_p": Conversation.TopP = Number(value, name); break;
            default: notes.LeaveOut(name); break;
        }
    }

    protected void CannotCarry(string field, string what) => notes.Refuse(field, $"{what} cannot be carried over to this model's API; {UseOwnApi}.");

    /// <summary>The value of a property, or an undefined element where it is absent or null or the owner is no object.</summary>
    protected static JsonElement Get(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : default;

    protected static bool IsGiven(JsonElement value) => value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    protected static string TypeOf(JsonElement value) => Get(value, "type") is { ValueKind: JsonValueKind.String } type ? type.GetString()! : "";

    protected JsonText? Optional(JsonElement owner, string name, string path) =>
        Get(owner, name) is { ValueKind: not JsonValueKind.Undefined } value ? Text(value, $"{path}.{name}") : null;

    protected JsonText Required(JsonElement owner, string name, string path)
    {
        JsonElement value = Get(owner, name);
        if (value.ValueKind == JsonValueKind.Undefined) { notes.Expect($"{path}.{name}", "a string; it is missing"); }
        return value.ValueKind == JsonValueKind.Undefined ? new("") : Text(value, $"{path}.{name}");
    }

    protected JsonText Text(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.String) { return new(value); }
        notes.Expect(path, "a string");
        return new("");
    }

    protected string Word(JsonElement value, string path) => Text(value, path).Decoded;

    protected bool IsTrue(JsonElement value, string path)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Undefined)) { notes.Expect(path, "true or false"); }
        return value.ValueKind == JsonValueKind.True;
    }

    protected JsonElement Number(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Number) { notes.Expect(path, "a number"); }
        return value;
    }

    protected long? Whole(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long whole) && whole >= 1) { return whole; }
        notes.Expect(path, "a whole number of at least 1");
        return null;
    }

    /// <summary>Whether the value is an object or array as expected; else it is refused.</summary>
    protected bool Is(JsonElement value, JsonValueKind kind, string path)
    {
        if (value.ValueKind == kind) { return true; }
        notes.Expect(path, kind == JsonValueKind.Array ? "an array" : "an object");
        return false;
    }

    /// <summary>A string, or an array of them.</summary>
    protected void ReadStop(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.String) { Conversation.Stop.Add(new(value)); }
        else if (Is(value, JsonValueKind.Array, path))
        {
            foreach (JsonElement stop in value.EnumerateArray()) { Conversation.Stop.Add(Text(stop, path)); }
        }
    }
}
