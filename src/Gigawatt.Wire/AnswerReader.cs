using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>Reads the token counts of an answer that came as one JSON document.</summary>
public static class AnswerReader
{
    private const int BytesPerToken = 4; // the floor that Anthropic's own gateway bills an answer without usage from

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>The answer's own usage, in the convention of <see cref="TokenUsage"/>.</summary>
    /// <returns>False when the body is not JSON or has no usage object with a count of answer tokens, or of prompt tokens for
    /// embeddings; true with nothing used for a count of tokens. Never throws.</returns>
    public static bool TryReadUsage(ReadOnlySpan<byte> jsonBody, Dialect dialect, out TokenUsage usage) =>
        TryReadUsage(jsonBody, dialect, dialect.CacheTokens(), out usage);

    /// <summary>As above, from a provider whose way to count cached tokens is known.</summary>
    public static bool TryReadUsage(ReadOnlySpan<byte> jsonBody, Dialect dialect, CacheTokenConvention convention, out TokenUsage usage)
    {
        if (dialect == Dialect.CountTokens)
        {
            // Counting is free of charge, whatever came back.
            usage = default;
            return true;
        }

        ReportedUsage reported = default;
        bool found = TryReadReported(jsonBody, dialect, ref reported) && (reported.Output is not null || (dialect == Dialect.Embeddings && reported.Input is not null));
        usage = found ? reported.Normalised(convention) : default;
        return found;
    }

    /// <summary>The tokens that <paramref name="textBytes"/> bytes of text count for when nobody says: one for every four bytes, rounded up.</summary>
    public static long EstimateOutputTokens(long textBytes) => textBytes <= 0 ? 0 : (textBytes - 1) / BytesPerToken + 1;

    /// <summary>Finds <c>usage</c> at the top, for Anthropic also in the <c>message</c> of a stream's first event, for Responses also in the <c>response</c> of its last.</summary>
    /// <returns>False when there is no usage object, or the bytes stop being JSON before its end.</returns>
    internal static bool TryReadReported(ReadOnlySpan<byte> json, Dialect dialect, ref ReportedUsage reported)
    {
        ReportedUsage candidate = reported;
        bool found = false;
        try
        {
            Utf8JsonReader reader = new(json, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return false; }
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName) { continue; }
                bool usage = reader.Is("usage"u8);
                bool message = dialect == Dialect.Anthropic ? reader.Is("message"u8) : dialect == Dialect.Responses && reader.Is("response"u8);
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject && message) { continue; } // Its properties are looked at like those of the top.
                if (reader.TokenType == JsonTokenType.StartObject && usage)
                {
                    candidate.Read(ref reader);
                    found = true;
                }
                else { reader.Skip(); }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }

        if (found) { reported = candidate; }
        return found;
    }
}
