using System.Buffers;
using System.Text.Json;

namespace Gigawatt.Wire;

/// <summary>Changes single properties of a JSON object and leaves the bytes of the others as they are.</summary>
internal static class JsonTop
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>The object with these properties: written anew where they were, or at the end; taken out where the value is empty.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="changes">Names and values in JSON.</param>
    /// <returns>Null when the bytes are not one JSON object.</returns>
    internal static byte[]? With(ReadOnlySpan<byte> json, params (string Name, ReadOnlyMemory<byte> Value)[] changes)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + 256);
        Span<bool> written = stackalloc bool[changes.Length];
        output.Write("{"u8);
        try
        {
            Utf8JsonReader reader = new(json, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return null; }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int start = (int)reader.TokenStartIndex;
                int change = Find(ref reader, changes);
                reader.Skip();
                if (change < 0) { Add(output, json[start..(int)reader.BytesConsumed]); }
                else if (!written[change])
                {
                    written[change] = true;
                    Add(output, changes[change]);
                }
            }

            reader.Read(); // Throws when anything but white space follows.
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }

        for (int i = 0; i < changes.Length; i++)
        {
            if (!written[i]) { Add(output, changes[i]); }
        }

        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The bytes of a property's value; empty where there is none, or the bytes are not a JSON object. The first counts.</summary>
    internal static ReadOnlySpan<byte> Get(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        try
        {
            Utf8JsonReader reader = new(json, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return default; }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool found = reader.Is(name);
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (found) { return json[start..(int)reader.BytesConsumed]; }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, as the summary says.
        }

        return default;
    }

    /// <summary>The text of a property; null where it is absent or something else.</summary>
    internal static string? Text(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> value = Get(json, name);
        if (value.IsEmpty || value[0] != (byte)'"') { return null; }
        try
        {
            Utf8JsonReader reader = new(value);
            return reader.Read() ? reader.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static int Find(ref Utf8JsonReader reader, (string Name, ReadOnlyMemory<byte> Value)[] changes)
    {
        for (int i = 0; i < changes.Length; i++)
        {
            if (reader.Is(changes[i].Name)) { return i; }
        }

        return -1;
    }

    private static void Add(ArrayBufferWriter<byte> output, (string Name, ReadOnlyMemory<byte> Value) change)
    {
        if (change.Value.IsEmpty) { return; }
        Add(output, [.. JsonText.Quote(change.Name), (byte)':', .. change.Value.Span]);
    }

    private static void Add(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> property)
    {
        if (output.WrittenCount > 1) { output.Write(","u8); }
        output.Write(property);
    }
}
