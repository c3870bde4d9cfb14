using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Gigawatt.Models;

namespace Gigawatt.Wire.Translation.Answers;

/// <summary>Finds out what a provider's error means, and tells it in the client's format with the provider's words.</summary>
internal static class ErrorTranslator
{
    private const int LongestText = 500; // of an error that is no JSON, such as a proxy's page

    internal static (int Status, byte[] Body) Translate(int status, ReadOnlySpan<byte> body, Dialect from, Dialect to, string requestId)
    {
        bool readable = TryRead(body, status, out ApiError error);
        // OpenAI's two APIs have one form of error, and the provider's own says most.
        if (readable && from.IsAnthropic() == to.IsAnthropic()) { return (status, body.ToArray()); }
        int told = error.Kind is ApiErrorKind.Overloaded or ApiErrorKind.Billing ? ErrorWire.Status(error.Kind, to) : status;
        return (told, Body(error, to, requestId));
    }

    /// <summary>The body for the client. Programs of OpenAI's API look for one code: that the prompt was too long.</summary>
    internal static byte[] Body(ApiError error, Dialect to, string requestId)
    {
        if (to.IsAnthropic() || error.Kind != ApiErrorKind.InvalidRequest || !error.Message.StartsWith("prompt is too long", StringComparison.OrdinalIgnoreCase))
        {
            return ErrorWire.Body(error, to, requestId);
        }

        return JsonBytes.Write(error.Message, static (json, message) =>
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteString("message"u8, message);
            json.WriteString("type"u8, "invalid_request_error"u8);
            json.WriteString("param"u8, "messages"u8);
            json.WriteString("code"u8, "context_length_exceeded"u8);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    /// <summary>The error of a body, or of the data of an event.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="status">The HTTP status, or 0 inside a stream.</param>
    /// <param name="error">What it says; always set.</param>
    /// <returns>Whether the body is an error in the form of one of the APIs.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> body, int status, out ApiError error)
    {
        string? message = null, type = null, code = null, param = null;
        bool wellFormed = false;
        try
        {
            Utf8JsonReader reader = new(body);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            reader.Read(); // Throws where something follows: then it is not JSON, and cannot go on as it is.
            JsonElement root = document.RootElement;
            JsonElement detail = Get(root, "error");
            wellFormed = detail.ValueKind == JsonValueKind.Object;
            if (!wellFormed) { message = detail.ValueKind == JsonValueKind.String ? detail.GetString() : Word(root, "detail"); }
            JsonElement owner = wellFormed ? detail : root;
            message ??= Word(owner, "message");
            type = Word(owner, "type");
            code = Word(owner, "code") ?? Word(Get(owner, "details"), "error_code");
            param = Word(owner, "param");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            message = AsText(body);
        }

        if (string.IsNullOrWhiteSpace(message)) { message = status == 0 ? "The provider broke off with an error that it does not explain." : $"The provider answered with status {status} and does not say why."; }
        error = new(KindOf(status, type, code), message, param);
        return wellFormed;
    }

    private static string? AsText(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty || !Utf8.IsValid(body)) { return null; }
        string text = Encoding.UTF8.GetString(body).Trim();
        if (text.Length == 0 || text[0] == '<') { return null; } // A page for people.
        return text.Length > LongestText ? text[..LongestText] : text;
    }

    private static ApiErrorKind KindOf(int status, string? type, string? code) => (type, code) switch
    {
        ("billing_error", "enforced_spend_limit_reached") or ("insufficient_quota", _) or (_, "insufficient_quota") => ApiErrorKind.BudgetExceeded,
        ("billing_error", _) or (_, "billing_not_active") => ApiErrorKind.Billing,
        ("overloaded_error", _) or (_, "overloaded" or "server_is_overloaded") => ApiErrorKind.Overloaded,
        ("rate_limit_error", _) or (_, "rate_limit_exceeded") => ApiErrorKind.RateLimit,
        ("timeout_error", _) => ApiErrorKind.Timeout,
        _ when status != 0 => KindOf(status),
        ("invalid_request_error", "invalid_api_key") or ("authentication_error", _) => ApiErrorKind.Authentication,
        ("invalid_request_error", _) or (_, "invalid_prompt" or "context_length_exceeded") => ApiErrorKind.InvalidRequest,
        ("permission_error", _) => ApiErrorKind.Permission,
        ("not_found_error", _) => ApiErrorKind.NotFound,
        _ => ApiErrorKind.Api,
    };

    private static ApiErrorKind KindOf(int status) => status switch
    {
        401 => ApiErrorKind.Authentication,
        402 => ApiErrorKind.Billing,
        403 => ApiErrorKind.Permission,
        404 => ApiErrorKind.NotFound,
        405 => ApiErrorKind.MethodNotAllowed,
        413 => ApiErrorKind.TooLarge,
        415 => ApiErrorKind.UnsupportedMediaType,
        429 => ApiErrorKind.RateLimit,
        502 => ApiErrorKind.BadGateway,
        408 or 504 => ApiErrorKind.Timeout,
        503 or 529 => ApiErrorKind.Overloaded,
        < 500 => ApiErrorKind.InvalidRequest,
        _ => ApiErrorKind.Api,
    };

    private static JsonElement Get(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string? Word(JsonElement owner, string name) => Get(owner, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
