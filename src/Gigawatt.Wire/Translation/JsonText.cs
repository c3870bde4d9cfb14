using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Gigawatt.Wire.Translation;

/// <summary>A text on its way from one document to another: bytes of the source, copied with their escapes, or a text of our own.</summary>
/// <remarks>A conversation repeats its history in every request, so texts are copied and not decoded.</remarks>
internal readonly struct JsonText
{
    private readonly JsonElement _element; // a string of the source document
    private readonly int _start; // bytes after the opening quote that do not belong to it; above 0 only where there are no escapes
    private readonly string? _own;

    internal JsonText(JsonElement element, int start = 0)
    {
        _element = element;
        _start = start;
    }

    internal JsonText(string own) => _own = own;

    internal bool IsEmpty => _own is null ? Raw.IsEmpty : _own.Length == 0;

    // Without the quotes, with the escapes.
    private ReadOnlySpan<byte> Raw => JsonMarshal.GetRawUtf8Value(_element)[1..^1][_start..];

    /// <summary>Bytes that the text takes at most, unescaped.</summary>
    internal int Length => _own?.Length ?? Raw.Length;

    /// <summary>Decoded; only for what is short or must be looked into.</summary>
    internal string Decoded => _own ?? (_start == 0 ? _element.GetString()! : Encoding.UTF8.GetString(Raw));

    internal void Write(Utf8JsonWriter json)
    {
        if (_own is not null) { json.WriteStringValue(_own); }
        else if (_start == 0) { json.WriteRawValue(JsonMarshal.GetRawUtf8Value(_element), skipInputValidation: true); }
        else { json.WriteStringValue(Raw); }
    }

    internal void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name)
    {
        json.WritePropertyName(name);
        Write(json);
    }

    /// <summary>Writes a string of another text and this one.</summary>
    internal void WriteAfter(Utf8JsonWriter json, string before)
    {
        json.WriteStringValueSegment(Encoding.UTF8.GetBytes(before), isFinalSegment: false); // The writer takes segments of one encoding only.
        bool plain = _own is null && Raw.IndexOf((byte)'\\') < 0;
        json.WriteStringValueSegment(plain ? Raw : Encoding.UTF8.GetBytes(Decoded), isFinalSegment: true);
    }

    /// <summary>This text without its first characters, which must be ASCII.</summary>
    internal JsonText From(int start) =>
        _own is not null ? new(_own[start..])
        : Raw.IndexOf((byte)'\\') < 0 ? new(_element, _start + start)
        : new(Decoded[start..]);

    /// <summary>Its beginning, decoded, as far as it is needed to recognise it.</summary>
    internal string Beginning(int characters)
    {
        if (_own is null && Raw.IndexOf((byte)'\\') < 0) { return Encoding.UTF8.GetString(Raw[..Math.Min(Raw.Length, characters)]); }
        string text = Decoded;
        return text[..Math.Min(text.Length, characters)];
    }
}
