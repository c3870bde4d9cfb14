using System.Text.Json;

namespace Gigawatt.Wire;

/// <summary>Takes thinking out of the conversation in a Messages request: its signatures mean something only to the family of models that made them.</summary>
public static class ThinkingSplice
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    private readonly record struct Element(int Start, int End, bool IsThinking);

    /// <summary>The body without <c>thinking</c> and <c>redacted_thinking</c> blocks in its messages; every other byte stays.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="result">The body; the one given where there is no such block.</param>
    /// <param name="found">Whether there was one.</param>
    /// <returns>False when a message holds nothing else, so that it would be empty without.</returns>
    /// <exception cref="JsonException">The body is not a JSON object.</exception>
    public static bool TryRemove(ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> result, out bool found)
    {
        List<Range> removed = [];
        Utf8JsonReader reader = new(body.Span, Options);
        bool possible = true;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool messages = reader.Is("messages"u8);
            reader.Read();
            if (!messages || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) { possible &= ReadMessage(ref reader, removed); }
        }

        found = removed.Count > 0;
        result = found && possible ? Without(body.Span, removed) : body;
        return possible;
    }

    private static bool ReadMessage(ref Utf8JsonReader reader, List<Range> removed)
    {
        bool possible = true;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return true;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool content = reader.Is("content"u8);
            reader.Read();
            if (content && reader.TokenType == JsonTokenType.StartArray) { possible &= ReadContent(ref reader, removed); }
            else { reader.Skip(); }
        }

        return possible;
    }

    private static bool ReadContent(ref Utf8JsonReader reader, List<Range> removed)
    {
        List<Element> elements = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            bool thinking = reader.TokenType == JsonTokenType.StartObject ? ReadBlock(ref reader) : Skip(ref reader);
            elements.Add(new(start, (int)reader.BytesConsumed, thinking));
        }

        bool kept = false;
        for (int i = 0; i < elements.Count; i++)
        {
            if (!elements[i].IsThinking) { kept = true; }
            // With the comma behind it, or, where something before it stays, with the one before.
            else if (kept) { removed.Add(elements[i - 1].End..elements[i].End); }
            else if (i + 1 < elements.Count) { removed.Add(elements[i].Start..elements[i + 1].Start); }
        }

        return kept || elements.Count == 0;
    }

    private static bool ReadBlock(ref Utf8JsonReader reader)
    {
        bool thinking = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool type = reader.Is("type"u8);
            reader.Read();
            if (type && reader.TokenType == JsonTokenType.String) { thinking = reader.Is("thinking"u8) || reader.Is("redacted_thinking"u8); }
            else { reader.Skip(); }
        }

        return thinking;
    }

    private static bool Skip(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return false;
    }

    private static byte[] Without(ReadOnlySpan<byte> body, List<Range> removed)
    {
        byte[] result = new byte[body.Length];
        int from = 0, to = 0;
        foreach (Range range in removed)
        {
            body[from..range.Start.Value].CopyTo(result.AsSpan(to));
            to += range.Start.Value - from;
            from = range.End.Value;
        }

        body[from..].CopyTo(result.AsSpan(to));
        return result[..(to + body.Length - from)];
    }
}
