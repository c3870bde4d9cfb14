namespace Gigawatt.Wire;

/// <summary>Measures the answer text in one event of a stream without parsing it.</summary>
/// <remarks>A key is searched for with its closing quote and colon. Inside a JSON string that quote would be escaped, so text
/// that talks of the key is not mistaken for it.</remarks>
internal static class TextBytes
{
    /// <summary>The text of a <c>content_block_delta</c>, which holds one kind only; a signature is not text.</summary>
    internal static long OfAnthropicDelta(ReadOnlySpan<byte> data)
    {
        if (OfFirst(data, "\"text\":"u8) is { } text) { return text; }
        return OfFirst(data, "\"partial_json\":"u8) ?? OfFirst(data, "\"thinking\":"u8) ?? 0;
    }

    /// <summary>The text of all choices and tool calls of a <c>chat.completion.chunk</c>.</summary>
    internal static long OfOpenAIChunk(ReadOnlySpan<byte> data) =>
        OfAll(data, "\"content\":"u8) + OfAll(data, "\"arguments\":"u8) + OfAll(data, "\"refusal\":"u8)
        + OfAll(data, "\"reasoning_content\":"u8) + OfAll(data, "\"reasoning\":"u8);

    /// <summary>The text of an event of a Responses stream that ends in <c>.delta</c>.</summary>
    internal static long OfResponsesDelta(ReadOnlySpan<byte> data) => OfFirst(data, "\"delta\":"u8) ?? 0;

    private static long? OfFirst(ReadOnlySpan<byte> data, ReadOnlySpan<byte> key)
    {
        int at = data.IndexOf(key);
        return at < 0 ? null : OfString(data[(at + key.Length)..]);
    }

    private static long OfAll(ReadOnlySpan<byte> data, ReadOnlySpan<byte> key)
    {
        long sum = 0;
        for (int at = data.IndexOf(key); at >= 0; at = data.IndexOf(key))
        {
            data = data[(at + key.Length)..];
            sum += OfString(data);
        }

        return sum;
    }

    // UTF-8 bytes of the string that starts here; 0 when what starts here is something else.
    private static long OfString(ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart((byte)' ');
        if (rest.IsEmpty || rest[0] != (byte)'"') { return 0; }
        rest = rest[1..];
        long bytes = 0;
        while (true)
        {
            int at = rest.IndexOfAny((byte)'"', (byte)'\\');
            if (at < 0) { return bytes + rest.Length; } // The line was longer than what is looked at.
            bytes += at;
            if (rest[at] == (byte)'"') { return bytes; }
            // \uXXXX stands for one to three bytes, half a surrogate pair for two; every other escape for one.
            rest = rest[(at + 1)..];
            bool unicode = rest.StartsWith("u"u8);
            bytes += unicode && !rest.StartsWith("u00"u8) ? 2 : 1;
            rest = rest[Math.Min(rest.Length, unicode ? 5 : 1)..];
        }
    }
}
