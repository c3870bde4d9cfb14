using System.Text.Json;

namespace Gigawatt.Wire;

/// <content>Bodies of <c>/v1/responses</c> and <c>/v1/embeddings</c>.</content>
public static partial class RequestReader
{
    /// <summary>Most inputs of one embeddings call, as OpenAI's API reference gives it.</summary>
    public const int EmbeddingInputsLimit = 2_048;

    private static ApiError? ReadResponsesField(ref Utf8JsonReader reader, Field field, string name, ref Fields fields)
    {
        JsonTokenType token = reader.TokenType;
        switch (field)
        {
            case Field.Input:
                return ReadItems(ref reader, ref fields);
            case Field.PreviousResponse:
                return token is JsonTokenType.String or JsonTokenType.Null ? null : Wrong(name, "the id of a response");
            case Field.Store:
                return token is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null ? null : Wrong(name, "true or false");
            case Field.Background:
                return token is JsonTokenType.False or JsonTokenType.Null ? null : Wrong(name, "false; responses in the background are not offered here");
            case Field.Conversation:
                return token == JsonTokenType.Null ? null : Wrong(name, "to be absent; conversations are not kept here, use previous_response_id");
            default:
                // A prompt kept at the provider may be as long as a context.
                if (token != JsonTokenType.Null) { fields.Correction += MediaBounds.TokensPerDocument; }
                reader.Skip();
                return null;
        }
    }

    private static ApiError? ReadItems(ref Utf8JsonReader reader, ref Fields fields)
    {
        if (reader.TokenType == JsonTokenType.String) { return null; }
        if (reader.TokenType != JsonTokenType.StartArray) { return Wrong("input", "a text or an array of items"); }
        for (int index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType != JsonTokenType.StartObject) { return Wrong($"input[{index}]", "an object"); }
            MessageFindings found = default;
            fields.Correction += MediaBounds.OfItem(ref reader, ref found);
            fields.MediaTokens += found.MediaTokens;
        }

        return null;
    }

    /// <summary>A text, texts, tokens or arrays of tokens. Tokens are counted; texts are bounded by their bytes.</summary>
    private static ApiError? ReadEmbeddingInput(ref Utf8JsonReader reader, ref Fields fields)
    {
        const string Expected = "a text, an array of texts, an array of tokens, or an array of such arrays";
        if (reader.TokenType == JsonTokenType.String) { return null; }
        if (reader.TokenType != JsonTokenType.StartArray) { return Wrong("input", Expected); }
        JsonTokenType kind = JsonTokenType.None;
        long tokens = 0;
        int count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            kind = kind == JsonTokenType.None ? reader.TokenType : kind;
            if (reader.TokenType != kind) { return Wrong($"input[{count}]", "to be of one kind with the others"); }
            if (kind == JsonTokenType.String) { continue; }
            if (kind == JsonTokenType.StartArray)
            {
                long before = tokens;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (!IsToken(ref reader)) { return Wrong($"input[{count}]", "an array of tokens, which are whole numbers"); }
                    tokens++;
                }

                if (tokens == before) { return Wrong($"input[{count}]", "at least one token"); }
            }
            else if (IsToken(ref reader)) { tokens++; }
            else { return Wrong($"input[{count}]", "a text, a token or an array of tokens"); }
        }

        if (count == 0) { return Wrong("input", Expected + "; it is empty"); }
        // A single array of tokens is one input, however long.
        if (kind != JsonTokenType.Number && count > EmbeddingInputsLimit) { return Wrong("input", $"at most {EmbeddingInputsLimit} inputs; there are {count}"); }
        if (kind != JsonTokenType.String) { fields.TokenCount = tokens; }
        return null;
    }

    private static bool IsToken(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int token) && token >= 0;
}
