using System.Text.Json;

namespace Gigawatt.Wire.Translation;

/// <summary>What a translation could not carry over: names of harmless things, and the first thing that it must be refused for.</summary>
internal sealed class Notes
{
    private const int LongestName = 96;

    private readonly List<string> _notCarried = [];

    internal ApiError? Error { get; private set; }

    internal IReadOnlyList<string> NotCarried => _notCarried;

    /// <summary>Names something that is left out and whose absence leaves the answer's meaning as it is.</summary>
    internal void LeaveOut(string name)
    {
        name = HeaderSafe(name);
        if (_notCarried.Count < RequestTranslator.NotCarriedLimit && !_notCarried.Contains(name)) { _notCarried.Add(name); }
    }

    /// <summary>Refuses the translation; the first reason stays.</summary>
    internal void Refuse(string field, string why) => Fail(new(ApiErrorKind.InvalidRequest, $"{field}: {why}", field));

    internal void Fail(ApiError error) => Error ??= error;

    /// <summary>The refusal of a value that no API would take.</summary>
    internal void Expect(string field, string expected) => Refuse(field, $"expected {expected}.");

    /// <summary>Names every property of an object that is not among the known ones and not null.</summary>
    internal void LeaveOutOthers(JsonElement owner, string path, params ReadOnlySpan<string> known)
    {
        foreach (JsonProperty property in owner.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && !IsAmong(property, known)) { LeaveOut($"{path}.{property.Name}"); }
        }
    }

    private static bool IsAmong(JsonProperty property, ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (property.NameEquals(name)) { return true; }
        }

        return false;
    }

    // The names travel in a header, as a list with commas, and some come from the client.
    private static string HeaderSafe(string name)
    {
        if (name.Length > LongestName) { name = name[..LongestName]; }
        foreach (char c in name)
        {
            if (c is < ' ' or > '~' or ',')
            {
                return string.Create(name.Length, name, static (span, from) =>
                {
                    for (int i = 0; i < span.Length; i++) { span[i] = from[i] is < ' ' or > '~' or ',' ? '?' : from[i]; }
                });
            }
        }

        return name;
    }
}
