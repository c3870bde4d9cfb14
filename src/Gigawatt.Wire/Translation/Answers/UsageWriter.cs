using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire.Translation.Answers;

/// <summary>Writes token counts in each API's convention: the heart's counts never overlap, OpenAI's prompt includes the cached tokens.</summary>
internal static class UsageWriter
{
    internal static void Write(Utf8JsonWriter json, Dialect dialect, TokenUsage usage)
    {
        json.WriteStartObject();
        switch (dialect)
        {
            case Dialect.Anthropic: WriteAnthropic(json, usage); break;
            case Dialect.OpenAI: WriteOpenAI(json, usage, "prompt_tokens"u8, "prompt_tokens_details"u8, "completion_tokens"u8, "completion_tokens_details"u8); break;
            default: WriteOpenAI(json, usage, "input_tokens"u8, "input_tokens_details"u8, "output_tokens"u8, "output_tokens_details"u8); break;
        }

        json.WriteEndObject();
    }

    private static void WriteAnthropic(Utf8JsonWriter json, TokenUsage usage)
    {
        json.WriteNumber("input_tokens"u8, usage.Input);
        json.WriteNumber("cache_creation_input_tokens"u8, usage.CacheWrite);
        json.WriteNumber("cache_read_input_tokens"u8, usage.CacheRead);
        json.WriteNumber("output_tokens"u8, usage.Output);
        if (usage.Reasoning == 0) { return; }
        json.WriteStartObject("output_tokens_details"u8);
        json.WriteNumber("thinking_tokens"u8, usage.Reasoning);
        json.WriteEndObject();
    }

    private static void WriteOpenAI(Utf8JsonWriter json, TokenUsage usage, ReadOnlySpan<byte> input, ReadOnlySpan<byte> inputDetails, ReadOnlySpan<byte> output, ReadOnlySpan<byte> outputDetails)
    {
        json.WriteNumber(input, usage.TotalInput);
        json.WriteStartObject(inputDetails);
        json.WriteNumber("cached_tokens"u8, usage.CacheRead);
        if (usage.CacheWrite > 0) { json.WriteNumber("cache_write_tokens"u8, usage.CacheWrite); }
        json.WriteEndObject();
        json.WriteNumber(output, usage.Output);
        json.WriteStartObject(outputDetails);
        json.WriteNumber("reasoning_tokens"u8, usage.Reasoning);
        json.WriteEndObject();
        json.WriteNumber("total_tokens"u8, checked(usage.TotalInput + usage.Output));
    }
}
