using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Gigawatt.Models;
using Gigawatt.Units;
using Gigawatt.Wire.Translation.Answers;

namespace Gigawatt.Wire.Translation;

/// <summary>Rewrites a provider's answer, or its error, in the client's format.</summary>
public static class AnswerTranslator
{
    private const int SpareBytes = 1024; // Formats differ in length by little.

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 512 };

    /// <summary>Translates an answer that came as one JSON document; never throws, whatever the bytes.</summary>
    /// <param name="json">The provider's body.</param>
    /// <param name="from">The provider's format.</param>
    /// <param name="to">The client's format.</param>
    /// <param name="requestedModel">The model's name as the client asked for it; the answer carries it.</param>
    /// <param name="body">The body for the client; empty on failure.</param>
    /// <param name="notCarried">Names of what was left out, such as <c>content.thinking</c>; as in <see cref="TranslatedRequest.NotCarried"/>.</param>
    /// <param name="error">Why the answer cannot be told in the client's format; null on success.</param>
    /// <param name="convention">How the provider counts cached tokens; null for its API's own way.</param>
    /// <param name="now">When the answer was made, for where the provider does not tell and the client's format has it; null for the system's time.</param>
    /// <returns>False when the client is to get <paramref name="error"/>.</returns>
    public static bool TryTranslate(
        ReadOnlySpan<byte> json,
        Dialect from,
        Dialect to,
        string requestedModel,
        out byte[] body,
        out IReadOnlyList<string> notCarried,
        out ApiError? error,
        CacheTokenConvention? convention = null,
        Instant? now = null)
    {
        body = [];
        notCarried = [];
        error = RequestTranslator.CanTranslate(to, from)
            ? null
            : new(ApiErrorKind.Api, $"An answer of {from.Path()} cannot be told in the format of {to.Path()}.");
        if (error is not null) { return false; }
        Notes notes = new();
        byte[] copy = ArrayPool<byte>.Shared.Rent(json.Length); // The document needs memory that can be kept.
        try
        {
            json.CopyTo(copy);
            if (!Utf8.IsValid(json)) { throw new JsonException(); }
            using JsonDocument document = JsonDocument.Parse(copy.AsMemory(0, json.Length), Options);
            body = Translate(document.RootElement, json, from, to, requestedModel, convention ?? from.CacheTokens(), now, notes);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            notes.Fail(new(ApiErrorKind.BadGateway, "The provider's answer cannot be read: it is not valid JSON."));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }

        error = notes.Error;
        if (error is not null) { body = []; }
        else { notCarried = notes.NotCarried; }
        return error is null;
    }

    private static byte[] Translate(JsonElement root, ReadOnlySpan<byte> source, Dialect from, Dialect to, string model, CacheTokenConvention convention, Instant? now, Notes notes)
    {
        JsonAnswerReader reader = from switch
        {
            Dialect.Anthropic => new AnthropicAnswerReader(notes, convention),
            Dialect.OpenAI => new ChatAnswerReader(notes, convention),
            _ => new ResponsesAnswerReader(notes, convention),
        };
        Answer answer = reader.Read(root);
        if (notes.Error is not null) { return []; }
        string stem = AnswerIds.Stem(answer.Id, source);
        long seconds = now is { } told ? told.ToDateTimeOffset().ToUnixTimeSeconds() : DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        if (answer.StopSequence is not null && to != Dialect.Anthropic) { notes.LeaveOut("stop_sequence"); }
        ArrayBufferWriter<byte> output = new(source.Length + SpareBytes);
        using (Utf8JsonWriter json = new(output, JsonBytes.Options))
        {
            switch (to)
            {
                case Dialect.Anthropic: JsonAnswerWriter.WriteAnthropic(json, answer, stem, model, notes); break;
                case Dialect.OpenAI: JsonAnswerWriter.WriteChat(json, answer, stem, model, seconds); break;
                default: JsonAnswerWriter.WriteResponses(json, answer, stem, model, seconds); break;
            }
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Translates an error body: the provider's wording as the message, and the status, type and code that the client's API uses for it.</summary>
    /// <param name="status">The provider's HTTP status.</param>
    /// <param name="body">The provider's body, JSON or not.</param>
    /// <param name="from">The provider's format.</param>
    /// <param name="to">The client's format.</param>
    /// <param name="requestId">This server's id of the request.</param>
    /// <returns>The HTTP status and body for the client; 529 becomes 503 for OpenAI's clients and the other way round for Anthropic's.</returns>
    public static (int Status, byte[] Body) TranslateError(int status, ReadOnlySpan<byte> body, Dialect from, Dialect to, string requestId) =>
        ErrorTranslator.Translate(status, body, from, to, requestId);
}
