using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire.Translation.Answers;

/// <summary>Reads an answer that came as one JSON document. A provider's answer is taken as it is: only what cannot be told to
/// the client fails it.</summary>
internal abstract class JsonAnswerReader(Notes notes)
{
    protected Notes Notes => notes;

    protected Answer Answer { get; } = new();

    internal Answer Read(JsonElement root)
    {
        if (Get(root, "error").ValueKind == JsonValueKind.Object || root.ValueKind != JsonValueKind.Object) { Malformed("an answer"); }
        else
        {
            Answer.Id = Word(root, "id") ?? "";
            ReadAnswer(root);
        }

        return Answer;
    }

    protected abstract void ReadAnswer(JsonElement root);

    protected static JsonElement Get(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : default;

    protected static string? Word(JsonElement owner, string name) => Get(owner, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    protected static JsonText? Text(JsonElement owner, string name) => Get(owner, name) is { ValueKind: JsonValueKind.String } value ? new(value) : null;

    protected static List<JsonElement> Items(JsonElement array) => array.ValueKind == JsonValueKind.Array ? [.. array.EnumerateArray()] : [];

    protected void LeaveOutIfAny(JsonElement owner, string name, string path)
    {
        JsonElement value = Get(owner, name);
        if (value.ValueKind == JsonValueKind.Undefined || (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0)) { return; }
        notes.LeaveOut($"{path}.{name}");
    }

    protected void AddText(PartKind kind, JsonText? text)
    {
        if (text is { IsEmpty: false } some) { Answer.Parts.Add(new(kind) { Text = some }); }
    }

    protected void AddCall(JsonText? id, JsonText? name, JsonElement arguments)
    {
        if (name is null || arguments.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.String or JsonValueKind.Object))
        {
            Malformed("a tool call");
            return;
        }

        bool named = id is { IsEmpty: false };
        Answer.Parts.Add(new(PartKind.ToolCall) { CallId = named ? id!.Value : new($"call_{Answer.Parts.Count}"), ToolName = name.Value, Arguments = arguments });
    }

    protected void ReadUsage(JsonElement root, Dialect dialect, CacheTokenConvention convention)
    {
        ReportedUsage reported = default;
        if (AnswerReader.TryReadReported(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(root), dialect, ref reported) && reported.Output is not null)
        {
            Answer.Usage = reported.Normalised(convention);
        }
    }

    protected void Malformed(string what) =>
        notes.Fail(new(ApiErrorKind.BadGateway, $"The provider's answer cannot be read: it does not have the form of {what} in its API."));

    protected void Unknown(string what) =>
        notes.Fail(new(ApiErrorKind.BadGateway, $"The provider's answer has {what}, which cannot be told in the format of this API. Choose a model that is served on the API you call."));
}
