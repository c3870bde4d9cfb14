using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>Errors as each dialect writes them; one table from kind to status, type and code.</summary>
/// <remarks>Anthropic's statuses and types are those of its error documentation and SDK (platform.claude.com/docs, API errors);
/// OpenAI's types and codes are those that its own service answers with (platform.openai.com/docs, error codes).</remarks>
public static class ErrorWire
{
    private readonly record struct Row(int AnthropicStatus, string AnthropicType, int OpenAIStatus, string OpenAIType, string? OpenAICode);

    /// <summary>The HTTP status for an error of this kind.</summary>
    public static int Status(ApiErrorKind kind, Dialect dialect) =>
        dialect.IsAnthropic() ? RowOf(kind).AnthropicStatus : RowOf(kind).OpenAIStatus;

    /// <summary>The whole JSON body: <c>{"type":"error","error":{…},"request_id":…}</c> or <c>{"error":{…}}</c>.</summary>
    /// <remarks>OpenAI's body has no place for <paramref name="requestId"/>; there it travels in the <c>x-request-id</c> header only.</remarks>
    public static byte[] Body(ApiError error, Dialect dialect, string requestId) =>
        dialect.IsAnthropic()
            ? JsonBytes.Write((error, requestId), static (json, e) => WriteAnthropic(json, e.error, e.requestId))
            : JsonBytes.Write(error, static (json, e) => WriteOpenAI(json, e));

    /// <summary>The body as Azure writes it: OpenAI's, with a code in every case, of Azure's own where it has one.</summary>
    public static byte[] AzureBody(ApiError error) => JsonBytes.Write(error, static (json, e) => WriteOpenAI(json, e, AzureCode(e.Kind)));

    /// <summary>The error as a last event of a stream whose head was already sent as 200.</summary>
    /// <remarks>Where <see cref="StreamMeter.InsideEvent"/> holds, a line feed must be written first, to end what the provider left open.</remarks>
    public static byte[] StreamEvent(ApiError error, Dialect dialect, string requestId)
    {
        byte[] body = Body(error, dialect, requestId);
        if (dialect == Dialect.OpenAI) { return ChatEvent(body); }
        if (dialect != Dialect.Responses) { return [.. "event: error\ndata: "u8, .. body, .. "\n\n"u8]; }
        // The API documents the fields at the top, and some of its clients look for the object.
        Row row = RowOf(error.Kind);
        return
        [
            .. "event: error\ndata: {\"type\":\"error\",\"code\":"u8, .. Quoted(error.Code ?? row.OpenAICode), .. ",\"message\":"u8, .. Quoted(error.Message),
            .. ",\"param\":"u8, .. Quoted(error.Param), .. ","u8, .. body.AsSpan(1), .. "\n\n"u8,
        ];
    }

    /// <summary>The body of an error as an event of chat completions. OpenAI's client for .NET (2.15) overlooks <c>error</c> in a stream and
    /// takes what follows, nothing, for a whole answer; choices that are null are more than it bears, and no other client looks at them.</summary>
    internal static byte[] ChatEvent(ReadOnlySpan<byte> body) => [.. "data: "u8, .. body[..^1], .. ",\"choices\":null}\n\n"u8];

    private static byte[] Quoted(string? text) => JsonBytes.Write(text, static (json, value) => json.WriteStringValue(value));

    /// <summary>The value of the <c>x-should-retry</c> header, or null to leave the header out and the choice to the client.</summary>
    /// <remarks>The official clients retry every 409 and 429; money that is gone does not come back within their two retries, and
    /// none of this server's conflicts ends by itself so soon.</remarks>
    public static bool? ShouldRetry(ApiErrorKind kind) => kind is ApiErrorKind.BudgetExceeded or ApiErrorKind.Billing or ApiErrorKind.Conflict ? false : null;

    private static Row RowOf(ApiErrorKind kind) => kind switch
    {
        ApiErrorKind.InvalidRequest => new(400, "invalid_request_error", 400, "invalid_request_error", null),
        ApiErrorKind.Authentication => new(401, "authentication_error", 401, "invalid_request_error", "invalid_api_key"),
        ApiErrorKind.Billing => new(402, "billing_error", 429, "billing_not_active", "billing_not_active"),
        ApiErrorKind.Permission => new(403, "permission_error", 403, "permission_error", "permission_denied"),
        ApiErrorKind.NotFound => new(404, "not_found_error", 404, "invalid_request_error", "model_not_found"),
        ApiErrorKind.RequestTimeout => new(408, "timeout_error", 408, "invalid_request_error", "request_timeout"),
        ApiErrorKind.Conflict => new(409, "conflict_error", 409, "invalid_request_error", "conflict"),
        ApiErrorKind.TooLarge => new(413, "request_too_large", 413, "invalid_request_error", "request_too_large"),
        ApiErrorKind.UnsupportedMediaType => new(415, "invalid_request_error", 415, "invalid_request_error", "unsupported_media_type"),
        ApiErrorKind.RateLimit => new(429, "rate_limit_error", 429, "requests", "rate_limit_exceeded"),
        ApiErrorKind.BudgetExceeded => new(429, "billing_error", 429, "insufficient_quota", "insufficient_quota"),
        ApiErrorKind.Api => new(500, "api_error", 500, "server_error", null),
        ApiErrorKind.BadGateway => new(502, "api_error", 502, "server_error", "bad_gateway"),
        ApiErrorKind.Timeout => new(504, "timeout_error", 504, "server_error", "timeout"),
        ApiErrorKind.Overloaded => new(529, "overloaded_error", 503, "server_error", "overloaded"),
        ApiErrorKind.MethodNotAllowed => new(405, "invalid_request_error", 405, "invalid_request_error", "method_not_supported"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No row in the table of errors."),
    };

    private static void WriteAnthropic(Utf8JsonWriter json, ApiError error, string requestId)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, RowOf(error.Kind).AnthropicType);
        json.WriteString("message"u8, error.Message);
        if ((error.Detail ?? (error.Kind == ApiErrorKind.BudgetExceeded ? "enforced_spend_limit_reached" : null)) is { } detail)
        {
            json.WriteStartObject("details"u8);
            json.WriteString("error_code"u8, detail);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteString("request_id"u8, requestId);
        json.WriteEndObject();
    }

    // As Azure OpenAI answers them (learn.microsoft.com/azure/ai-services/openai, troubleshooting).
    private static string AzureCode(ApiErrorKind kind) => kind switch
    {
        ApiErrorKind.Authentication => "401",
        ApiErrorKind.NotFound => "DeploymentNotFound",
        ApiErrorKind.RateLimit => "429",
        _ => RowOf(kind).OpenAICode ?? RowOf(kind).OpenAIType,
    };

    private static void WriteOpenAI(Utf8JsonWriter json, ApiError error, string? code = null)
    {
        Row row = RowOf(error.Kind);
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("message"u8, error.Message);
        json.WriteString("type"u8, row.OpenAIType);
        json.WriteString("param"u8, error.Param);
        json.WriteString("code"u8, code ?? error.Code ?? row.OpenAICode);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
