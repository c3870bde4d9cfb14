using Gigawatt.Models;

namespace Gigawatt.Wire.Translation;

/// <summary>Rewrites a provider's answer, or its error, in the client's format.</summary>
public static class AnswerTranslator
{
    /// <summary>Translates an answer that came as one JSON document; never throws, whatever the bytes.</summary>
    /// <param name="json">The provider's body.</param>
    /// <param name="from">The provider's format.</param>
    /// <param name="to">The client's format.</param>
    /// <param name="requestedModel">The model's name as the client asked for it; the answer carries it.</param>
    /// <param name="body">The body for the client; empty on failure.</param>
    /// <param name="notCarried">Names of what was left out, such as <c>content.thinking</c>; as in <see cref="TranslatedRequest.NotCarried"/>.</param>
    /// <param name="error">Why the answer cannot be told in the client's format; null on success.</param>
    /// <returns>False when the client is to get <paramref name="error"/>.</returns>
    public static bool TryTranslate(
        ReadOnlySpan<byte> json,
        Dialect from,
        Dialect to,
        string requestedModel,
        out byte[] body,
        out IReadOnlyList<string> notCarried,
        out ApiError? error)
    {
        body = [];
        notCarried = [];
        error = new(ApiErrorKind.Api, $"An answer of {from.Path()} cannot be told in the format of {to.Path()}.");
        return false;
    }

    /// <summary>Translates an error body: the provider's wording as the message, and the status, type and code that the client's API uses for it.</summary>
    /// <param name="status">The provider's HTTP status.</param>
    /// <param name="body">The provider's body, JSON or not.</param>
    /// <param name="from">The provider's format.</param>
    /// <param name="to">The client's format.</param>
    /// <param name="requestId">This server's id of the request.</param>
    /// <returns>The HTTP status and body for the client; 529 becomes 503 for OpenAI's clients and the other way round for Anthropic's.</returns>
    public static (int Status, byte[] Body) TranslateError(int status, ReadOnlySpan<byte> body, Dialect from, Dialect to, string requestId) =>
        (status, ErrorWire.Body(new(ApiErrorKind.Api, $"The provider answered with status {status}."), to, requestId));
}
