using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <content>Which fields of which format are looked at.</content>
public static partial class RequestReader
{
    [Flags]
    private enum Field
    {
        Other = 0,
        Model = 1,
        Messages = 2,
        MaxTokens = 4,
        MaxCompletionTokens = 8,
        Stream = 16,
        Choices = 32,
        Tools = 64,
        Sampling = 128,
        MaxOutputTokens = 256,
        Input = 512,
        EmbeddingInput = 1024,
        EncodingFormat = 2048,
        Dimensions = 4096,
        PreviousResponse = 8192,
        Background = 16384,
        Conversation = 32768,
        Prompt = 65536,
        Store = 131072,
        WebSearch = 262144,
        ToolCalls = 524288,
    }

    private static Field FieldOf(ref Utf8JsonReader reader, Dialect dialect)
    {
        if (reader.Is("model"u8)) { return Field.Model; }
        if (dialect == Dialect.Embeddings) { return EmbeddingsField(ref reader); }
        if (reader.Is("stream"u8)) { return Field.Stream; }
        if (reader.Is("tools"u8)) { return Field.Tools; }
        if (dialect == Dialect.Responses) { return ResponsesField(ref reader); }
        if (reader.Is("messages"u8)) { return Field.Messages; }
        if (reader.Is("max_tokens"u8)) { return dialect == Dialect.CountTokens ? Field.Other : Field.MaxTokens; }
        if (dialect == Dialect.OpenAI)
        {
            if (reader.Is("max_completion_tokens"u8)) { return Field.MaxCompletionTokens; }
            return reader.Is("n"u8) ? Field.Choices : reader.Is("web_search_options"u8) ? Field.WebSearch : Field.Other;
        }

        return reader.Is("temperature"u8) || reader.Is("top_p"u8) || reader.Is("top_k"u8)
            ? Field.Sampling
            : Field.Other;
    }

    private static Field EmbeddingsField(ref Utf8JsonReader reader) =>
        reader.Is("input"u8) ? Field.EmbeddingInput
        : reader.Is("encoding_format"u8) ? Field.EncodingFormat
        : reader.Is("dimensions"u8) ? Field.Dimensions
        : Field.Other;

    private static Field ResponsesField(ref Utf8JsonReader reader) =>
        reader.Is("input"u8) ? Field.Input
        : reader.Is("max_output_tokens"u8) ? Field.MaxOutputTokens
        : reader.Is("previous_response_id"u8) ? Field.PreviousResponse
        : reader.Is("store"u8) ? Field.Store
        : reader.Is("background"u8) ? Field.Background
        : reader.Is("conversation"u8) ? Field.Conversation
        : reader.Is("prompt"u8) ? Field.Prompt
        : reader.Is("max_tool_calls"u8) ? Field.ToolCalls
        : Field.Other;

    // Constants: the name is needed for errors only and must not cost an allocation.
    private static string NameOf(ref Utf8JsonReader reader, Field field) => field switch
    {
        Field.Model => "model",
        Field.Messages => "messages",
        Field.MaxTokens => "max_tokens",
        Field.MaxCompletionTokens => "max_completion_tokens",
        Field.MaxOutputTokens => "max_output_tokens",
        Field.Stream => "stream",
        Field.Choices => "n",
        Field.Tools => "tools",
        Field.Input or Field.EmbeddingInput => "input",
        Field.EncodingFormat => "encoding_format",
        Field.Dimensions => "dimensions",
        Field.PreviousResponse => "previous_response_id",
        Field.Store => "store",
        Field.WebSearch => "web_search_options",
        Field.ToolCalls => "max_tool_calls",
        Field.Background => "background",
        Field.Conversation => "conversation",
        Field.Prompt => "prompt",
        _ => reader.Is("temperature"u8) ? "temperature" : reader.Is("top_p"u8) ? "top_p" : "top_k",
    };
}
