using System.Buffers.Binary;
using System.Text.Json;
using Gigawatt.Units;

namespace Gigawatt.Wire;

/// <summary>A hash of how a prompt begins, by which requests that can share a prompt cache find the same server.</summary>
/// <remarks>Tools, then the system prompt, then messages: the order in which providers put them before the model, whatever
/// their order in the body. Each as it is written, so that two spellings of one JSON text are two prompts.</remarks>
public static class PromptPrefix
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>The hash.</summary>
    /// <param name="body">A request of any format; one that is not a JSON object has the hash of no prompt.</param>
    /// <param name="length">How many bytes of the prompt count.</param>
    public static ulong Hash(ReadOnlySpan<byte> body, int length)
    {
        ReadOnlySpan<byte> tools = default, system = default, messages = default;
        try
        {
            Utf8JsonReader reader = new(body, Options);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int part = reader.Is("tools"u8) ? 1
                    : reader.Is("system"u8) || reader.Is("instructions"u8) ? 2
                    : reader.Is("messages"u8) || reader.Is("input"u8) ? 3 : 0;
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                ReadOnlySpan<byte> value = body[start..(int)reader.BytesConsumed];
                switch (part)
                {
                    case 1: tools = value; break;
                    case 2: system = value; break;
                    case 3: messages = value; break;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // a name with half of a surrogate pair
        {
            // What was found up to here counts.
        }

        StableHash hash = Add(new(0), tools, ref length);
        hash = Add(hash, system, ref length);
        return Add(hash, messages, ref length).Value;
    }

    private static StableHash Add(StableHash hash, ReadOnlySpan<byte> bytes, ref int length)
    {
        bytes = bytes[..Math.Min(bytes.Length, length)];
        length -= bytes.Length;
        hash = hash.Add((long)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..]) { hash = hash.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes)); }
        ulong rest = 0;
        foreach (byte b in bytes) { rest = rest << 8 | b; }
        return hash.Add(rest);
    }
}
