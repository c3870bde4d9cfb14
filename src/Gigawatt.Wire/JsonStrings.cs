using System.Text.Json;

namespace Gigawatt.Wire;

/// <summary>Strings of JSON that others wrote. An escape that is half of a surrogate pair (<c>"\ud800"</c>) is valid JSON by its grammar and no text
/// (RFC 8259, section 8.2); <see cref="Utf8JsonReader"/> throws when such a string is looked at, here it is a string unlike any other.</summary>
public static class JsonStrings
{
    /// <summary>Whether the property name or string that the reader stands on says this.</summary>
    public static bool Is(this in Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        if (!reader.ValueIsEscaped) { return reader.ValueTextEquals(text); }
        try { return reader.ValueTextEquals(text); }
        catch (InvalidOperationException) { return false; }
    }

    /// <inheritdoc cref="Is(in Utf8JsonReader, ReadOnlySpan{byte})"/>
    public static bool Is(this in Utf8JsonReader reader, string text)
    {
        if (!reader.ValueIsEscaped) { return reader.ValueTextEquals(text); }
        try { return reader.ValueTextEquals(text); }
        catch (InvalidOperationException) { return false; }
    }
}
