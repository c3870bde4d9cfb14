using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>A usage object as the provider wrote it: what it did not tell is null.</summary>
internal struct ReportedUsage
{
    // No answer has a trillion tokens; what claims to is garbage, and kept out of sums that must not overflow.
    private const long Most = 1_000_000_000_000;
    private const long MostSearches = 1_000_000;

    public long? Input;
    public long? CacheRead;
    public long? CacheWrite;
    public long? Output;
    private long? _writeFiveMinutes;
    private long? _writeHour;
    private long? _reasoning;
    private long? _webSearches;

    /// <summary>Reads the object on whose opening brace the reader stands. Fields already set are replaced, not added to.</summary>
    internal void Read(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("input_tokens"u8) || reader.Is("prompt_tokens"u8)) { ReadCount(ref reader, ref Input); }
            else if (reader.Is("output_tokens"u8) || reader.Is("completion_tokens"u8)) { ReadCount(ref reader, ref Output); }
            else if (reader.Is("cache_read_input_tokens"u8) || reader.Is("cached_tokens"u8)) { ReadCount(ref reader, ref CacheRead); }
            else if (reader.Is("cache_creation_input_tokens"u8) || reader.Is("cache_write_tokens"u8)) { ReadCount(ref reader, ref CacheWrite); }
            else if (HasParts(ref reader)) { ReadParts(ref reader); }
            else { reader.Skip(); }
        }
    }

    /// <summary>In the convention whose counts never overlap.</summary>
    internal readonly TokenUsage Normalised(CacheTokenConvention convention)
    {
        long input = Input ?? 0, read = CacheRead ?? 0, output = Output ?? 0;
        long hour = _writeHour ?? 0;
        // The parts count where the sum is left out or less.
        long write = Math.Max(CacheWrite ?? 0, (_writeFiveMinutes ?? 0) + hour);
        if (convention == CacheTokenConvention.InputIncludesCache)
        {
            read = Math.Min(read, input);
            write = Math.Min(write, input - read);
            input -= read + write;
        }

        return new(input, read, write, output)
        {
            CacheWriteHour = Math.Min(hour, write),
            Reasoning = Math.Min(_reasoning ?? 0, output),
            WebSearches = Math.Min(_webSearches ?? 0, MostSearches),
        };
    }

    // The objects in which the APIs put parts of the counts. Any other may use the same names for something else.
    private static bool HasParts(ref Utf8JsonReader reader) =>
        reader.Is("cache_creation"u8) || reader.Is("server_tool_use"u8)
        || reader.Is("prompt_tokens_details"u8) || reader.Is("input_tokens_details"u8)
        || reader.Is("completion_tokens_details"u8) || reader.Is("output_tokens_details"u8);

    private void ReadParts(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("cached_tokens"u8)) { ReadCount(ref reader, ref CacheRead); }
            else if (reader.Is("cache_write_tokens"u8)) { ReadCount(ref reader, ref CacheWrite); }
            else if (reader.Is("ephemeral_5m_input_tokens"u8)) { ReadCount(ref reader, ref _writeFiveMinutes); }
            else if (reader.Is("ephemeral_1h_input_tokens"u8)) { ReadCount(ref reader, ref _writeHour); }
            else if (reader.Is("thinking_tokens"u8) || reader.Is("reasoning_tokens"u8)) { ReadCount(ref reader, ref _reasoning); }
            else if (reader.Is("web_search_requests"u8)) { ReadCount(ref reader, ref _webSearches); }
            else { reader.Skip(); }
        }
    }

    private static void ReadCount(ref Utf8JsonReader reader, ref long? count)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value) && value is >= 0 and <= Most) { count = value; }
        reader.Skip();
    }
}
