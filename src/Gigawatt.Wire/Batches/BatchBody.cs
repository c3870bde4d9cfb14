using System.Text.Json;

namespace Gigawatt.Wire.Batches;

/// <summary>Whether bytes may stand in a line of results: a body that is not JSON would make the whole file unreadable.</summary>
internal static class BatchBody
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>Whether the bytes are one JSON object.</summary>
    internal static bool IsObject(ReadOnlySpan<byte> body)
    {
        try
        {
            Utf8JsonReader reader = new(body, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return false; }
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether the bytes are an error as Anthropic's API writes it.</summary>
    internal static bool IsError(ReadOnlySpan<byte> body) => IsObject(body) && JsonTop.Text(body, "type"u8) == "error" && !JsonTop.Get(body, "error"u8).IsEmpty;
}
