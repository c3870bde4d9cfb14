using System.Text;
using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire.Bedrock;

/// <summary>Bedrock's errors as Anthropic's: the names are those of the operations' API reference.</summary>
public static class BedrockErrors
{
    /// <summary>The error of an answer with a status of 400 or more.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="type">The header <c>x-amzn-errortype</c>: a name, perhaps with an address behind a colon; or null.</param>
    /// <param name="body">The body.</param>
    public static ApiError Read(int status, string? type, ReadOnlyMemory<byte> body)
    {
        string name = type?.Split(':')[0] ?? "";
        return new(KindOf(name) ?? CloudErrors.KindOf(status), CloudErrors.MessageOf(body) ?? (name.Length > 0 ? name : $"Bedrock answered with status {status}."));
    }

    /// <summary>The event that ends a stream in which this message came; a message that is no error gives none.</summary>
    /// <exception cref="FormatException">The message's headers are not well formed.</exception>
    public static byte[]? Event(EventStreamMessage message, string requestId)
    {
        ReadOnlySpan<byte> type = message.Header(":message-type"u8);
        ApiError error;
        if (type.SequenceEqual("exception"u8))
        {
            string name = Encoding.UTF8.GetString(message.Header(":exception-type"u8));
            error = new(KindOf(name) ?? ApiErrorKind.Api, CloudErrors.MessageOf(message.Payload.ToArray()) ?? name);
        }
        else if (type.SequenceEqual("error"u8))
        {
            string code = Encoding.UTF8.GetString(message.Header(":error-code"u8));
            string text = Encoding.UTF8.GetString(message.Header(":error-message"u8));
            error = new(KindOf(code) ?? ApiErrorKind.Api, text.Length > 0 ? text : code);
        }
        else { return null; }

        return ErrorWire.StreamEvent(error, Dialect.Anthropic, requestId);
    }

    /// <summary>The number of tokens in an answer of <c>count-tokens</c>, as <c>/v1/messages/count_tokens</c> tells it; null when it is none.</summary>
    public static byte[]? Count(ReadOnlySpan<byte> body) =>
        TopLevelSplice.TryFind(body, "inputTokens", out Utf8JsonReader count) && count.TokenType == JsonTokenType.Number && count.TryGetInt64(out long tokens)
            ? Encoding.ASCII.GetBytes($$"""{"input_tokens":{{tokens}}}""")
            : null;

    // In streams the names begin with a small letter.
    private static ApiErrorKind? KindOf(string name) => name.ToUpperInvariant() switch
    {
        "VALIDATIONEXCEPTION" => ApiErrorKind.InvalidRequest,
        "ACCESSDENIEDEXCEPTION" => ApiErrorKind.Permission,
        "UNRECOGNIZEDCLIENTEXCEPTION" or "EXPIREDTOKENEXCEPTION" or "INVALIDSIGNATUREEXCEPTION" or "MISSINGAUTHENTICATIONTOKENEXCEPTION" => ApiErrorKind.Authentication,
        "RESOURCENOTFOUNDEXCEPTION" => ApiErrorKind.NotFound,
        "THROTTLINGEXCEPTION" or "SERVICEQUOTAEXCEEDEDEXCEPTION" => ApiErrorKind.RateLimit,
        "MODELNOTREADYEXCEPTION" or "SERVICEUNAVAILABLEEXCEPTION" => ApiErrorKind.Overloaded,
        "MODELTIMEOUTEXCEPTION" => ApiErrorKind.Timeout,
        "MODELERROREXCEPTION" or "MODELSTREAMERROREXCEPTION" or "INTERNALSERVEREXCEPTION" => ApiErrorKind.Api,
        _ => null,
    };
}
