using System.Text.Json;

namespace Gigawatt.Wire;

/// <summary>Finds the images and documents of a conversation and corrects the byte count of a request by them.</summary>
/// <remarks>Text makes at most one token a byte, but a picture's tokens depend on its size in pixels and a document's on its
/// pages, not on their bytes: both may be compressed, or only named by a URL. So a base64 payload is taken out of the count
/// and the bound of its kind put in. Only blocks in the places where the wire formats have them count; the same shape inside
/// a tool's arguments is text.</remarks>
internal static class MediaBounds
{
    /// <summary>Most tokens of one image: gpt-4o-mini's 2,833 + 5,667 for each of at most 8 tiles make 48,169 (platform.openai.com/docs,
    /// image costs); Claude's are below 5,000.</summary>
    internal const int TokensPerImage = 49_152;

    /// <summary>Most tokens of one document, and of all pictures and documents of a request: what the widest context windows of the
    /// two dialects' services hold, about a million. Its bytes say no less: a page's text is compressed up to a thousandfold, and
    /// some services read each page as a picture besides.</summary>
    internal const int TokensPerDocument = 1_048_576;

    // tool_result > document > content > image is the deepest nesting that the formats have.
    private const int DeepestContent = 4;

    private enum Kind
    {
        Other,
        Text,
        Image,
        Document,
    }

    /// <summary>Reads one message, standing on its opening brace; leaves the reader on the closing one.</summary>
    /// <returns>What to add to the byte count, 0 or below: payloads are no text. The tokens that they make are among the findings.</returns>
    internal static long OfMessage(ref Utf8JsonReader reader, ref MessageFindings found)
    {
        long correction = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("content"u8)) { correction += OfContent(ref reader, default, ref found); }
            else if (reader.Is("role"u8))
            {
                reader.Read();
                found.IsUser = IsString(ref reader, "user"u8);
                found.IsAssistant = IsString(ref reader, "assistant"u8);
                reader.Skip();
            }
            else { reader.Skip(); }
        }

        return correction;
    }

    /// <summary>Reads one item of a Responses input, standing on its opening brace: a message, or the output of a tool, which may hold pictures too.</summary>
    internal static long OfItem(ref Utf8JsonReader reader, ref MessageFindings found) => OfBlock(ref reader, default, ref found);

    // Stands on the property's name.
    private static long OfContent(ref Utf8JsonReader reader, in BlockPath path, ref MessageFindings found)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray || path.Depth >= DeepestContent)
        {
            reader.Skip();
            return 0;
        }

        long correction = 0;
        for (int index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType == JsonTokenType.StartObject) { correction += OfBlock(ref reader, path.At(index), ref found); }
            else { reader.Skip(); }
        }

        return correction;
    }

    private static long OfBlock(ref Utf8JsonReader reader, in BlockPath path, ref MessageFindings found)
    {
        Kind kind = Kind.Other;
        bool sourceIsText = false, citations = false;
        long payload = 0, nested = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("type"u8)) { kind = ReadKind(ref reader); }
            else if (reader.Is("text"u8)) { reader.Skip(); } // By far the most common: found before the others are tried.
            else if (reader.Is("content"u8)) { nested += OfContent(ref reader, path, ref found); }
            else if (reader.Is("source"u8) || reader.Is("image_url"u8) || reader.Is("file"u8))
            {
                nested += OfSource(ref reader, path, ref payload, ref sourceIsText, ref found);
            }
            else if (reader.Is("file_data"u8))
            {
                reader.Read();
                payload += DataUrlLength(ref reader);
                reader.Skip();
            }
            else if (reader.Is("output"u8)) { nested += OfOutput(ref reader, path, ref found); }
            else if (reader.Is("citations"u8)) { citations |= IsFilledArray(ref reader); }
            else { reader.Skip(); }
        }

        if (kind == Kind.Document) { found.Document(path); }
        if (kind == Kind.Text && citations) { found.Citations(path); }
        return kind switch
        {
            Kind.Image => nested - Media(TokensPerImage, payload, ref found),
            Kind.Document when !sourceIsText => nested - Media(TokensPerDocument, payload, ref found),
            _ => nested,
        };
    }

    private static long Media(long tokens, long payload, ref MessageFindings found)
    {
        found.MediaTokens += tokens;
        return payload;
    }

    // What a tool gave back: text, blocks, or one picture of a screen.
    private static long OfOutput(ref Utf8JsonReader reader, in BlockPath path, ref MessageFindings found)
    {
        Utf8JsonReader ahead = reader;
        ahead.Read();
        if (ahead.TokenType != JsonTokenType.StartObject || path.Depth >= DeepestContent) { return OfContent(ref reader, path, ref found); }
        reader = ahead;
        return OfBlock(ref reader, path.At(0), ref found);
    }

    private static bool IsFilledArray(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return false;
        }

        bool filled = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            filled = true;
            reader.Skip();
        }

        return filled;
    }

    // Stands on the property's name. OpenAI-compatible servers also take a plain string for "image_url".
    private static long OfSource(ref Utf8JsonReader reader, in BlockPath path, ref long payload, ref bool isText, ref MessageFindings found)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            payload += DataUrlLength(ref reader);
            reader.Skip();
            return 0;
        }

        bool base64 = false;
        long data = 0, nested = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("type"u8))
            {
                reader.Read();
                base64 = IsString(ref reader, "base64"u8);
                isText = IsString(ref reader, "text"u8) || IsString(ref reader, "content"u8);
                reader.Skip();
            }
            else if (reader.Is("content"u8)) { nested += OfContent(ref reader, path, ref found); }
            else if (reader.Is("data"u8))
            {
                reader.Read();
                data = reader.TokenType == JsonTokenType.String ? reader.ValueSpan.Length : 0;
                reader.Skip();
            }
            else if (reader.Is("url"u8) || reader.Is("file_data"u8))
            {
                reader.Read();
                payload += DataUrlLength(ref reader);
                reader.Skip();
            }
            else { reader.Skip(); }
        }

        if (base64) { payload += data; }
        return nested;
    }

    private static Kind ReadKind(ref Utf8JsonReader reader)
    {
        reader.Read();
        Kind kind = IsString(ref reader, "text"u8) ? Kind.Text
            : IsString(ref reader, "image"u8) || IsString(ref reader, "image_url"u8) || IsString(ref reader, "input_image"u8)
                || IsString(ref reader, "computer_screenshot"u8) ? Kind.Image
            : IsString(ref reader, "document"u8) || IsString(ref reader, "file"u8) || IsString(ref reader, "input_file"u8) ? Kind.Document
            : Kind.Other;
        reader.Skip();
        return kind;
    }

    private static bool IsString(ref Utf8JsonReader reader, ReadOnlySpan<byte> text) =>
        reader.TokenType == JsonTokenType.String && reader.Is(text);

    private static long DataUrlLength(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && reader.ValueSpan.StartsWith("data:"u8) ? reader.ValueSpan.Length : 0;
}
