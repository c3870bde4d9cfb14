using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>Puts a member <c>gigawatt</c> into the <c>usage</c> object of an answer; every other byte stays.</summary>
internal static class UsageSplice
{
    /// <summary>Finds where in a JSON answer, or in the data of a stream's event, the member goes.</summary>
    /// <param name="json">The object.</param>
    /// <param name="dialect">Its format.</param>
    /// <param name="isEvent">Whether it is an event's data; then only that of the event with the final usage counts.</param>
    /// <param name="at">Where the usage object's closing brace is.</param>
    /// <param name="isEmpty">Whether the object has no members yet.</param>
    /// <returns>False where there is no usage to put it into.</returns>
    public static bool TryFind(ReadOnlySpan<byte> json, Dialect dialect, bool isEvent, out int at, out bool isEmpty)
    {
        (at, isEmpty) = (0, false);
        if (json.IndexOf("\"usage\""u8) < 0) { return false; }
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return false; }
            // A stream's first event of Anthropic's format has usage too, which is not the final one.
            bool final = !isEvent || dialect is Dialect.OpenAI;
            bool found = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (isEvent && reader.Is("type"u8))
                {
                    reader.Read();
                    final |= IsFinal(ref reader, dialect);
                }
                else if (isEvent && dialect == Dialect.Responses && reader.Is("response"u8)) { found |= reader.Read() && TryFindIn(ref reader, out at, out isEmpty); }
                else if (!(isEvent && dialect == Dialect.Responses) && reader.Is("usage"u8)) { found |= reader.Read() && TryEnd(ref reader, out at, out isEmpty); }
                else { reader.Skip(); }
            }

            return found && final;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return false; }
    }

    /// <summary>The JSON with the member in it; the same where there is no usage object.</summary>
    public static ReadOnlyMemory<byte> IntoAnswer(ReadOnlyMemory<byte> json, Dialect dialect, ReadOnlySpan<byte> member)
    {
        if (!TryFind(json.Span, dialect, isEvent: false, out int at, out bool isEmpty)) { return json; }
        byte[] spliced = new byte[json.Length + member.Length + (isEmpty ? 0 : 1)];
        json.Span[..at].CopyTo(spliced);
        int next = at;
        if (!isEmpty) { spliced[next++] = (byte)','; }
        member.CopyTo(spliced.AsSpan(next));
        json.Span[at..].CopyTo(spliced.AsSpan(next + member.Length));
        return spliced;
    }

    private static bool IsFinal(ref Utf8JsonReader reader, Dialect dialect) => reader.TokenType == JsonTokenType.String && (dialect == Dialect.Anthropic
        ? reader.Is("message_delta"u8)
        : reader.Is("response.completed"u8) || reader.Is("response.incomplete"u8) || reader.Is("response.failed"u8));

    private static bool TryFindIn(ref Utf8JsonReader reader, out int at, out bool isEmpty)
    {
        (at, isEmpty) = (0, false);
        bool found = false;
        if (reader.TokenType != JsonTokenType.StartObject) { return false; }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("usage"u8)) { found |= reader.Read() && TryEnd(ref reader, out at, out isEmpty); }
            else { reader.Skip(); }
        }

        return found;
    }

    private static bool TryEnd(ref Utf8JsonReader reader, out int at, out bool isEmpty)
    {
        (at, isEmpty) = (0, false);
        if (reader.TokenType != JsonTokenType.StartObject) { return false; }
        int depth = reader.CurrentDepth;
        isEmpty = true;
        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == depth)) { isEmpty = false; }
        at = (int)reader.TokenStartIndex;
        return true;
    }
}
