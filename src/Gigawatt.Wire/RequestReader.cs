using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>Reads from a request body what admission needs, without building a document of it.</summary>
/// <remarks>It checks only the fields it reads; the provider judges the rest, so that a field invented tomorrow passes today.
/// A field that decides something and is given twice is refused: two parsers might take different ones.</remarks>
public static partial class RequestReader
{
    /// <summary>Longest accepted model name, in characters.</summary>
    public const int ModelNameLimit = 256;

    /// <summary>What is added to the input bound when tools are given: the services put a prompt of their own before them,
    /// of at most about 800 tokens (platform.claude.com/docs, tool use pricing).</summary>
    public const int ToolPromptTokens = 1_024;

    private const int ChoicesLimit = 128; // as OpenAI's API reference gives it for "n"

    // Schemas of tools nest deeper than the reader's default of 64.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    private struct Fields
    {
        public Field Seen;
        public string? Model;
        public bool Stream;
        public int? MaxTokens;
        public int Choices;
        public long Correction;
        public long MediaTokens;
        public long? TokenCount;
        public long Searches;
        public bool SearchesOpen;
        public int? ToolCalls;
    }

    /// <summary>One pass over the body.</summary>
    /// <param name="body">The bytes as the client sent them.</param>
    /// <param name="dialect">The format they are in.</param>
    /// <param name="anthropicVersion">The <c>anthropic-version</c> header, or null where there was none.</param>
    /// <param name="facts">What was read; default when the request is refused.</param>
    /// <param name="error">What is wrong, naming the field and what was expected; null on success.</param>
    /// <returns>False when the request is to be refused with <paramref name="error"/>.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> body,
        Dialect dialect,
        string? anthropicVersion,
        out RequestFacts facts,
        [NotNullWhen(false)] out ApiError? error)
    {
        facts = default;
        Fields fields = new() { Choices = 1 };
        try
        {
            Utf8JsonReader reader = new(body, Options);
            error = ReadTop(ref reader, dialect, anthropicVersion, ref fields) ?? Missing(fields, dialect);
        }
        catch (JsonException e)
        {
            error = new(ApiErrorKind.InvalidRequest, $"The request body is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException)
        {
            // The reader leaves the inside of a string unchecked until it is asked for the text.
            error = new(ApiErrorKind.InvalidRequest, "The request body is not valid JSON: it has text that is not UTF-8.");
        }

        // These give no answer tokens, whatever the body says.
        if (dialect is Dialect.Embeddings or Dialect.CountTokens) { (fields.MaxTokens, fields.Stream) = (0, false); }
        long? output = fields.MaxTokens * (long)fields.Choices;
        if (error is null && output > int.MaxValue) { error = Wrong("n", $"times the answer tokens asked for to be at most {int.MaxValue}"); }
        if (error is not null) { return false; }
        facts = new(fields.Model!, fields.Stream, (int?)output, fields.TokenCount ?? body.Length + fields.Correction + Math.Min(fields.MediaTokens, MediaBounds.TokensPerDocument), fields.Choices);
        if (dialect != Dialect.CountTokens) { facts = WithSearches(facts, fields) with { HourWrites = MayWriteForAnHour(body) }; }
        return true;
    }

    private static ApiError? ReadTop(ref Utf8JsonReader reader, Dialect dialect, string? anthropicVersion, ref Fields fields)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) { return new(ApiErrorKind.InvalidRequest, "The request body must be a JSON object."); }
        bool strict = anthropicVersion == AnthropicVersion.V2026_10_21 && dialect.IsAnthropic();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            Field field = FieldOf(ref reader, dialect);
            if (field == Field.Other)
            {
                reader.Skip();
                continue;
            }

            string name = NameOf(ref reader, field);
            if (field == Field.Sampling)
            {
                if (strict) { return Wrong(name, $"to be absent under anthropic-version {anthropicVersion}"); }
                reader.Skip();
                continue;
            }

            if ((fields.Seen & field) != 0) { return Wrong(name, "to be given once"); }
            fields.Seen |= field;
            reader.Read();
            if (ReadField(ref reader, field, name, strict, ref fields) is { } error) { return error; }
        }

        reader.Read(); // Throws when anything but white space follows the object.
        return null;
    }

    private static ApiError? ReadField(ref Utf8JsonReader reader, Field field, string name, bool strict, ref Fields fields)
    {
        JsonTokenType token = reader.TokenType;
        switch (field)
        {
            case Field.Model:
                if (token != JsonTokenType.String) { return Wrong(name, "a string"); }
                fields.Model = reader.ValueIsEscaped ? reader.GetString() : ModelNames.Of(reader.ValueSpan);
                return string.IsNullOrWhiteSpace(fields.Model) || fields.Model.Length > ModelNameLimit
                    ? Wrong(name, $"a name of 1 to {ModelNameLimit} characters")
                    : null;
            case Field.Messages:
                return ReadMessages(ref reader, strict, ref fields);
            case Field.Stream:
                fields.Stream = token == JsonTokenType.True;
                return token is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null ? null : Wrong(name, "true or false");
            case Field.Tools:
                if (token != JsonTokenType.StartArray) { reader.Skip(); }
                else { ReadTools(ref reader, ref fields); }
                return null;
            case Field.WebSearch:
                fields.SearchesOpen |= token == JsonTokenType.StartObject;
                reader.Skip();
                return null;
            case Field.ToolCalls:
                if (token == JsonTokenType.Null) { return null; }
                if (!TryReadWhole(ref reader, int.MaxValue, out int calls)) { return Wrong(name, "a whole number of at least 1"); }
                fields.ToolCalls = calls;
                return null;
            case Field.Choices:
                if (token == JsonTokenType.Null) { return null; }
                return TryReadWhole(ref reader, ChoicesLimit, out fields.Choices) ? null : Wrong(name, $"a whole number from 1 to {ChoicesLimit}");
            case Field.MaxTokens or Field.MaxCompletionTokens or Field.MaxOutputTokens:
                if (token == JsonTokenType.Null) { return null; }
                if (!TryReadWhole(ref reader, int.MaxValue, out int tokens)) { return Wrong(name, "a whole number of at least 1"); }
                // Providers differ in which of the two names wins; the larger one bounds both.
                fields.MaxTokens = Math.Max(fields.MaxTokens ?? 0, tokens);
                return null;
            case Field.EmbeddingInput:
                return ReadEmbeddingInput(ref reader, ref fields);
            case Field.EncodingFormat:
                return token == JsonTokenType.Null || (token == JsonTokenType.String && (reader.Is("float"u8) || reader.Is("base64"u8)))
                    ? null
                    : Wrong(name, "float or base64");
            case Field.Dimensions:
                return token == JsonTokenType.Null || TryReadWhole(ref reader, int.MaxValue, out _) ? null : Wrong(name, "a whole number of at least 1");
            default:
                return ReadResponsesField(ref reader, field, name, ref fields);
        }
    }

    private static ApiError? ReadMessages(ref Utf8JsonReader reader, bool strict, ref Fields fields)
    {
        if (reader.TokenType != JsonTokenType.StartArray) { return Wrong("messages", "an array of messages"); }
        int index = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            if (reader.TokenType != JsonTokenType.StartObject) { return Wrong($"messages.{index}", "an object"); }
            MessageFindings found = default;
            fields.Correction += MediaBounds.OfMessage(ref reader, ref found);
            fields.MediaTokens += found.MediaTokens;
            if (strict && found.Against20261021(index) is { } error) { return error; }
        }

        return index == 0 ? Wrong("messages", "at least one message") : null;
    }

    private static bool TryReadWhole(ref Utf8JsonReader reader, int most, out int value)
    {
        value = 1;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out value) && value >= 1 && value <= most;
    }

    private static ApiError? Missing(in Fields fields, Dialect dialect)
    {
        if (fields.Model is null) { return Wrong("model", "the name of a model; it is missing"); }
        if (dialect == Dialect.Anthropic && fields.MaxTokens is null) { return Wrong("max_tokens", "a whole number of at least 1; it is missing"); }
        return dialect switch
        {
            Dialect.Embeddings when (fields.Seen & Field.EmbeddingInput) == 0 => Wrong("input", "a text, an array of texts, or arrays of tokens; it is missing"),
            Dialect.Responses when (fields.Seen & (Field.Input | Field.Prompt)) == 0 => Wrong("input", "a text or an array of items; it is missing"),
            Dialect.Embeddings or Dialect.Responses => null,
            _ => (fields.Seen & Field.Messages) == 0 ? Wrong("messages", "an array of messages; it is missing") : null,
        };
    }

    private static ApiError Wrong(string field, string expected) => new(ApiErrorKind.InvalidRequest, $"{field}: expected {expected}.", field);
}
