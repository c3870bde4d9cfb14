using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gigawatt.Wire.Translation.Streams;

/// <summary>Walks over an object or an array and gives its values as the bytes they are, so that text goes from event to event
/// without being decoded. Throws what <see cref="Utf8JsonReader"/> throws.</summary>
internal ref struct JsonSlices
{
    private readonly ReadOnlySpan<byte> _json;
    private readonly JsonTokenType _start;
    private Utf8JsonReader _reader;

    private JsonSlices(ReadOnlySpan<byte> json, JsonTokenType start)
    {
        _json = json;
        _start = start;
        _reader = new(json, new JsonReaderOptions { MaxDepth = 128 });
    }

    /// <summary>The property's name without its quotes; empty in an array.</summary>
    internal ReadOnlySpan<byte> Name { get; private set; }

    internal ReadOnlySpan<byte> Value { get; private set; }

    internal static JsonSlices OfObject(ReadOnlySpan<byte> json) => new(json, JsonTokenType.StartObject);

    internal static JsonSlices OfArray(ReadOnlySpan<byte> json) => new(json, JsonTokenType.StartArray);

    /// <summary>Goes to the next value that is not null.</summary>
    internal bool Next()
    {
        if (_reader.TokenType == JsonTokenType.None && (_json.IsEmpty || !_reader.Read() || _reader.TokenType != _start)) { return false; }
        while (_reader.Read() && _reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            if (_reader.TokenType == JsonTokenType.PropertyName)
            {
                Name = _reader.ValueSpan;
                _reader.Read();
            }

            int start = (int)_reader.TokenStartIndex;
            bool isNull = _reader.TokenType == JsonTokenType.Null;
            _reader.Skip();
            Value = _json[start..(int)_reader.BytesConsumed];
            if (!isNull) { return true; }
        }

        return false;
    }

    internal readonly bool Is(ReadOnlySpan<byte> name) => Name.SequenceEqual(name);

    /// <summary>A property's value; empty where it is absent or null or the owner no object.</summary>
    internal static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> owner, ReadOnlySpan<byte> name)
    {
        JsonSlices slices = OfObject(owner);
        while (slices.Next())
        {
            if (slices.Is(name)) { return slices.Value; }
        }

        return default;
    }

    /// <summary>What is between the quotes, escapes and all; empty where the value is no string.</summary>
    internal static ReadOnlySpan<byte> Inside(ReadOnlySpan<byte> value) => IsString(value) ? value[1..^1] : default;

    internal static bool IsString(ReadOnlySpan<byte> value) => value is [(byte)'"', ..];

    internal static bool IsObject(ReadOnlySpan<byte> value) => value is [(byte)'{', ..];

    internal static bool IsArray(ReadOnlySpan<byte> value) => value is [(byte)'[', ..];

    /// <summary>Whether the value is an object or array with nothing in it.</summary>
    internal static bool IsHollow(ReadOnlySpan<byte> value) => (IsObject(value) || IsArray(value)) && value[1..^1].Trim(" \t\r\n"u8).IsEmpty;

    /// <summary>A whole number, or -1.</summary>
    internal static int Whole(ReadOnlySpan<byte> value) =>
        Utf8Parser.TryParse(value, out int whole, out int used) && used == value.Length && whole >= 0 ? whole : -1;

    /// <summary>The decoded string, or null.</summary>
    internal static string? Text(ReadOnlySpan<byte> value)
    {
        if (!IsString(value)) { return null; }
        Utf8JsonReader reader = new(value);
        reader.Read();
        return reader.GetString();
    }

    /// <summary>The bytes as they stand inside a JSON string.</summary>
    internal static ReadOnlySpan<byte> Escaped(ReadOnlySpan<byte> bytes) =>
        JsonEncodedText.Encode(bytes, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
}
