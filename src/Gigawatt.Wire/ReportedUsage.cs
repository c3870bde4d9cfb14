using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>A usage object as the provider wrote it: what it did not tell is null.</summary>
internal struct ReportedUsage
{
    // No answer has a trillion tokens; what claims to is garbage, and kept out of sums that must not overflow.
    private const long Most = 1_000_000_000_000;

    public long? Input;
    public long? CacheRead;
    public long? CacheWrite;
    public long? Output;

    /// <summary>Reads the object on whose opening brace the reader stands. Fields already set are replaced, not added to.</summary>
    internal void Read(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("input_tokens"u8) || reader.ValueTextEquals("prompt_tokens"u8)) { ReadCount(ref reader, ref Input); }
            else if (reader.ValueTextEquals("output_tokens"u8) || reader.ValueTextEquals("completion_tokens"u8)) { ReadCount(ref reader, ref Output); }
            else if (reader.ValueTextEquals("cache_read_input_tokens"u8) || reader.ValueTextEquals("cached_tokens"u8)) { ReadCount(ref reader, ref CacheRead); }
            else if (reader.ValueTextEquals("cache_creation_input_tokens"u8) || reader.ValueTextEquals("cache_write_tokens"u8)) { ReadCount(ref reader, ref CacheWrite); }
            else if (reader.ValueTextEquals("prompt_tokens_details"u8)) { ReadDetails(ref reader); }
            else { reader.Skip(); }
        }
    }

    /// <summary>In the convention whose counts never overlap: OpenAI's prompt tokens include the cached ones, Anthropic's do not.</summary>
    internal readonly TokenUsage Normalised(Dialect dialect)
    {
        long input = Input ?? 0, read = CacheRead ?? 0, write = CacheWrite ?? 0;
        if (!dialect.IsAnthropic())
        {
            read = Math.Min(read, input);
            write = Math.Min(write, input - read);
            input -= read + write;
        }

        return new(input, read, write, Output ?? 0);
    }

    private void ReadDetails(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject) { Read(ref reader); }
    }

    private static void ReadCount(ref Utf8JsonReader reader, ref long? count)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) && value is >= 0 and <= Most) { count = value; }
        reader.Skip();
    }
}
