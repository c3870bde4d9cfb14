using System.Text.Json;

namespace Gigawatt.Wire;

/// <summary>Errors that a cloud itself answers, in a form that is neither Anthropic's nor OpenAI's.</summary>
public static class CloudErrors
{
    /// <summary>What an HTTP status says when nothing else does.</summary>
    public static ApiErrorKind KindOf(int status) => status switch
    {
        400 or 422 => ApiErrorKind.InvalidRequest,
        401 => ApiErrorKind.Authentication,
        402 => ApiErrorKind.Billing,
        403 => ApiErrorKind.Permission,
        404 => ApiErrorKind.NotFound,
        405 => ApiErrorKind.MethodNotAllowed,
        408 or 504 => ApiErrorKind.Timeout,
        413 => ApiErrorKind.TooLarge,
        415 => ApiErrorKind.UnsupportedMediaType,
        429 => ApiErrorKind.RateLimit,
        502 => ApiErrorKind.BadGateway,
        503 or 529 => ApiErrorKind.Overloaded,
        < 500 => ApiErrorKind.InvalidRequest,
        _ => ApiErrorKind.Api,
    };

    /// <summary>Whether a body is an error as Anthropic writes them: then it goes on as it is.</summary>
    public static bool IsAnthropic(ReadOnlySpan<byte> body)
    {
        if (!TopLevelSplice.TryFind(body, "type", out Utf8JsonReader type) || type.TokenType != JsonTokenType.String) { return false; }
        return type.Is("error"u8) && TopLevelSplice.TryFind(body, "error", out Utf8JsonReader error) && error.TokenType == JsonTokenType.StartObject;
    }

    /// <summary>The sentence in an error's body: <c>message</c>, in whatever case, at the top or within <c>error</c>; in a list the first one's.
    /// Null where there is none.</summary>
    public static string? MessageOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new() { MaxDepth = 512 });
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0) { root = root[0]; }
            if (root.ValueKind != JsonValueKind.Object) { return null; }
            return Message(root) ?? (root.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object ? Message(error) : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Message(JsonElement element)
    {
        foreach (string name in (ReadOnlySpan<string>)["message", "Message"])
        {
            if (element.TryGetProperty(name, out JsonElement message) && message.ValueKind == JsonValueKind.String) { return message.GetString(); }
        }

        return null;
    }
}
