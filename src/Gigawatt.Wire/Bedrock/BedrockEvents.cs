using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Gigawatt.Wire.Bedrock;

/// <summary>Turns the messages of a Bedrock stream into server-sent events as Anthropic writes them.</summary>
public static class BedrockEvents
{
    /// <summary>Writes the event that a message carries; of a message that carries none, nothing.</summary>
    /// <exception cref="FormatException">It should carry an event and does not.</exception>
    public static void Write(EventStreamMessage message, IBufferWriter<byte> output)
    {
        if (!message.Header(":event-type"u8).SequenceEqual("chunk"u8)) { return; }
        if (!TopLevelSplice.TryFind(message.Payload, "bytes", out Utf8JsonReader bytes) || bytes.TokenType != JsonTokenType.String || bytes.ValueIsEscaped)
        {
            throw new FormatException("a chunk has no bytes");
        }

        byte[] decoded = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(bytes.ValueSpan.Length) + 1);
        try
        {
            if (Base64.DecodeFromUtf8(bytes.ValueSpan, decoded, out _, out int length) != OperationStatus.Done) { throw new FormatException("a chunk's bytes are not base64"); }
            Write(decoded.AsSpan(0, length), output);
        }
        finally { ArrayPool<byte>.Shared.Return(decoded); }
    }

    private static void Write(Span<byte> json, IBufferWriter<byte> output)
    {
        if (!TopLevelSplice.TryFind(json, "type", out Utf8JsonReader type) || type.TokenType != JsonTokenType.String || type.ValueIsEscaped
            || type.ValueSpan.ContainsAny((byte)'\r', (byte)'\n'))
        {
            throw new FormatException("a chunk is no event");
        }

        // Line feeds can only stand between the parts of JSON, where a space does as well; in an event they would end the line.
        json.Replace((byte)'\n', (byte)' ');
        json.Replace((byte)'\r', (byte)' ');
        output.Write("event: "u8);
        output.Write(type.ValueSpan);
        output.Write("\ndata: "u8);
        output.Write(json);
        output.Write("\n\n"u8);
    }
}
