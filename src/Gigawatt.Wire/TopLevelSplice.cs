using System.Buffers;
using System.Text.Json;

namespace Gigawatt.Wire;

/// <summary>Takes members out of a JSON object and puts others in front, and leaves every other byte as it is.</summary>
/// <remarks>Clouds put the model's name and the version elsewhere than Anthropic does. A body that were read and written anew
/// could change in numbers, escapes or order, and with it what a prompt cache or a signature was made of.</remarks>
public static class TopLevelSplice
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>The body without the members of these names and with others in front.</summary>
    /// <param name="body">A JSON object; what is none comes back as it is, for the cloud to refuse.</param>
    /// <param name="first">Members to put in front, without braces, such as <c>"a":1,"b":2</c>; or empty.</param>
    /// <param name="removed">Names of members to take out, as often as they are there.</param>
    public static byte[] Apply(ReadOnlySpan<byte> body, ReadOnlySpan<byte> first, ReadOnlySpan<string> removed)
    {
        ArrayBufferWriter<byte> result = new(body.Length + first.Length + 2);
        try
        {
            Utf8JsonReader reader = new(body, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return body.ToArray(); }
            int from = (int)reader.BytesConsumed; // behind the brace or comma before a member
            result.Write(body[..from]);
            result.Write(first);
            bool any = first.Length > 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool remove = IsOneOf(ref reader, removed);
                reader.Skip();
                int end = DelimiterFrom(body, (int)reader.BytesConsumed);
                if (!remove)
                {
                    if (any) { result.Write(","u8); }
                    result.Write(body[from..end]);
                    any = true;
                }

                from = body[end] == (byte)',' ? end + 1 : end;
            }

            // An object without members has only its white space before the brace.
            result.Write(body[from..]);
            while (reader.Read()) { }
            return result.WrittenSpan.ToArray();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return body.ToArray();
        }
    }

    /// <summary>Goes to the value of a member of the top object.</summary>
    /// <returns>False when there is no such member or no such object.</returns>
    public static bool TryFind(ReadOnlySpan<byte> body, string name, out Utf8JsonReader reader)
    {
        reader = new(body, Options);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return false; }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.Is(name)) { return reader.Read(); }
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON: nothing is found in it.
        }

        return false;
    }

    private static bool IsOneOf(ref Utf8JsonReader reader, ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (reader.Is(name)) { return true; }
        }

        return false;
    }

    // Only white space can stand between a value and the comma or brace behind it.
    private static int DelimiterFrom(ReadOnlySpan<byte> body, int at)
    {
        int delimiter = body[at..].IndexOfAny((byte)',', (byte)'}');
        return delimiter < 0 ? throw new JsonException() : at + delimiter;
    }
}
