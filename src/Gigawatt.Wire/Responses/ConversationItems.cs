using System.Buffers;
using System.Text.Json;

namespace Gigawatt.Wire.Responses;

/// <summary>The items of a conversation in the format of OpenAI responses: what went in and what came out, as they came.</summary>
internal static class ConversationItems
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>A request's input as an array: a text is the message of a user.</summary>
    internal static ReadOnlySpan<byte> InputOf(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> input = JsonTop.Get(body, "input"u8);
        if (input.IsEmpty || input[0] == (byte)'[') { return input.IsEmpty ? "[]"u8 : input; }
        return (byte[])[.. "[{\"role\":\"user\",\"content\":"u8, .. input, .. "}]"u8];
    }

    /// <summary>What of an answer belongs to the conversation, as an array.</summary>
    internal static ReadOnlySpan<byte> OutputOf(ReadOnlySpan<byte> answer)
    {
        ReadOnlySpan<byte> output = JsonTop.Get(answer, "output"u8);
        return output.IsEmpty || output[0] != (byte)'[' ? "[]"u8 : output;
    }

    /// <summary>The request with the whole conversation as its input, for who does not know what went before.</summary>
    /// <param name="body">The request.</param>
    /// <param name="before">The turns before it, oldest first: input and answer.</param>
    /// <returns>Null when the body is not a JSON object.</returns>
    internal static byte[]? Expand(ReadOnlySpan<byte> body, IReadOnlyList<StoredTurn> before)
    {
        var input = new ArrayBufferWriter<byte>(body.Length + 256);
        input.Write("["u8);
        foreach (StoredTurn turn in before)
        {
            AddAll(turn.Input, input);
            AddAll(OutputOf(turn.Answer), input);
        }

        AddAll(InputOf(body), input);
        input.Write("]"u8);
        return JsonTop.With(body, ("previous_response_id", default), ("input", input.WrittenMemory));
    }

    /// <summary>The items of an array, one after the other.</summary>
    internal static List<byte[]> Split(ReadOnlySpan<byte> array)
    {
        List<byte[]> items = [];
        Utf8JsonReader reader = new(array, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(array[start..(int)reader.BytesConsumed].ToArray());
        }

        return items;
    }

    private static void AddAll(ReadOnlySpan<byte> array, ArrayBufferWriter<byte> to)
    {
        foreach (byte[] item in Split(array))
        {
            if (IsLeftWithProvider(item)) { continue; }
            if (to.WrittenCount > 1) { to.Write(","u8); }
            to.Write(item);
        }
    }

    // Reasoning of which only an id was given: it is text nobody else has, and to name it to another provider is an error there.
    private static bool IsLeftWithProvider(ReadOnlySpan<byte> item) => JsonTop.Text(item, "type"u8) == "reasoning"
        && JsonTop.Text(item, "encrypted_content"u8) is null && JsonTop.Get(item, "content"u8) is not [(byte)'[', _, _, ..];
}

/// <summary>One kept turn of a conversation.</summary>
/// <param name="Input">What its request added, as an array of items.</param>
/// <param name="Answer">The answer, a <c>response</c> object.</param>
internal readonly record struct StoredTurn(byte[] Input, byte[] Answer);
