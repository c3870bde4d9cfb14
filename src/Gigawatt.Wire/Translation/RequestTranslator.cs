using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Gigawatt.Models;
using Gigawatt.Wire.Translation.Requests;

namespace Gigawatt.Wire.Translation;

/// <summary>Rewrites a request of one API as a request of another.</summary>
/// <remarks>What the other API cannot say is never dropped silently: where the answer would mean something else without it,
/// the request is refused with the field's name; where not, the name is in <see cref="TranslatedRequest.NotCarried"/>.
/// docs/reference/translation.md has the whole table.</remarks>
public static class RequestTranslator
{
    private const int SpareBytes = 1024; // Formats differ in length by little.

    // As deep as admission reads. A field given twice is refused: two parsers might take different ones.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 512, AllowDuplicateProperties = false };

    /// <summary>Most names in <see cref="TranslatedRequest.NotCarried"/>; they travel in a header.</summary>
    public const int NotCarriedLimit = 64;

    /// <summary>Whether requests of one format can be sent to a provider of the other; false for two equal ones, whose bytes
    /// are relayed as they are.</summary>
    public static bool CanTranslate(Dialect from, Dialect to) => from != to && IsConversation(from) && IsConversation(to);

    /// <summary>Translates a request's body; never throws, whatever the bytes.</summary>
    /// <param name="body">The JSON document as the client sent it.</param>
    /// <param name="from">The client's format.</param>
    /// <param name="to">The provider's format.</param>
    /// <param name="target">The provider's name for the model, and its bound.</param>
    /// <param name="translated">The request to send; null when refused.</param>
    /// <param name="error">The field that cannot be carried over and what to do; null on success.</param>
    /// <returns>False when the request is to be refused with <paramref name="error"/>.</returns>
    public static bool TryTranslate(
        ReadOnlySpan<byte> body,
        Dialect from,
        Dialect to,
        TranslationTarget target,
        [NotNullWhen(true)] out TranslatedRequest? translated,
        [NotNullWhen(false)] out ApiError? error)
    {
        translated = null;
        error = CanTranslate(from, to)
            ? null
            : new(ApiErrorKind.InvalidRequest, $"A request to {from.Path()} cannot be sent to a model that is served on {to.Path()}.");
        if (error is not null) { return false; }
        if (!Utf8.IsValid(body))
        {
            error = new(ApiErrorKind.InvalidRequest, "The request body is not valid JSON: it has text that is not UTF-8.");
            return false;
        }

        byte[] copy = ArrayPool<byte>.Shared.Rent(body.Length); // The document needs memory that can be kept.
        try
        {
            body.CopyTo(copy);
            using JsonDocument document = JsonDocument.Parse(copy.AsMemory(0, body.Length), Options);
            translated = Translate(document.RootElement, body.Length, from, to, target, out error);
        }
        catch (JsonException e)
        {
            error = new(ApiErrorKind.InvalidRequest, $"The request body is not valid JSON, or names a field twice: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException)
        {
            error = new(ApiErrorKind.InvalidRequest, "The request body is not valid JSON: it has half of a surrogate pair.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }

        return translated is not null;
    }

    private static TranslatedRequest? Translate(JsonElement root, int length, Dialect from, Dialect to, TranslationTarget target, out ApiError? error)
    {
        Notes notes = new();
        ConversationReader reader = from switch
        {
            Dialect.Anthropic => new AnthropicRequestReader(notes),
            Dialect.OpenAI => new ChatRequestReader(notes),
            _ => new ResponsesRequestReader(notes),
        };
        Conversation conversation = reader.Read(root);
        error = notes.Error;
        if (error is not null) { return null; }

        ArrayBufferWriter<byte> output = new(length + SpareBytes);
        using (Utf8JsonWriter json = new(output, JsonBytes.Options))
        {
            ConversationWriter writer = to switch
            {
                Dialect.Anthropic => new AnthropicRequestWriter(json, conversation, notes),
                Dialect.OpenAI => new ChatRequestWriter(json, conversation, notes),
                _ => new ResponsesRequestWriter(json, conversation, notes),
            };
            writer.Write(target);
        }

        error = notes.Error;
        return error is null ? new(output.WrittenSpan.ToArray(), notes.NotCarried) : null;
    }

    private static bool IsConversation(Dialect dialect) => dialect is Dialect.Anthropic or Dialect.OpenAI or Dialect.Responses;
}
