using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Server.Requests;

/// <summary>Looks at the first event of a stream before anything is told to the client: an error there can still become a status, or another attempt.</summary>
internal static class FirstEvent
{
    /// <summary>Whether the bytes hold a whole event.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\n\n"u8) >= 0 || bytes.IndexOf("\n\r\n"u8) >= 0;

    /// <summary>The data of the first event if that is an error, and the HTTP status that says the same.</summary>
    public static bool TryReadError(ReadOnlySpan<byte> bytes, Dialect format, out int status, out byte[] body)
    {
        (status, body) = (0, []);
        bool named = false;
        foreach (Range range in bytes.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = bytes[range].TrimEnd((byte)'\r');
            if (line.IsEmpty) { return false; }
            if (line.StartsWith("event:"u8)) { named = line["event:"u8.Length..].Trim((byte)' ').SequenceEqual("error"u8); }
            if (!line.StartsWith("data:"u8)) { continue; }
            ReadOnlySpan<byte> data = line["data:"u8.Length..].Trim((byte)' ');
            if (!TryReadStatus(data, named, format, out status)) { return false; }
            body = data.ToArray();
            return true;
        }

        return false;
    }

    private static bool TryReadStatus(ReadOnlySpan<byte> data, bool named, Dialect format, out int status)
    {
        status = 500;
        try
        {
            Utf8JsonReader reader = new(data);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            bool holds = root.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object;
            if (!holds && !named) { return false; }
            // OpenAI's responses write the fields of the error at the top.
            JsonElement fields = holds ? error : root;
            status = StatusOf(fields, format.IsAnthropic());
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return named; }
    }

    private static int StatusOf(JsonElement error, bool anthropic)
    {
        if (error.TryGetProperty("code", out JsonElement code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out int number) && number is >= 400 and < 600) { return number; }
        string type = Text(error, "type"), name = Text(error, "code");
        return type switch
        {
            "overloaded_error" => anthropic ? 529 : 503,
            "rate_limit_error" or "requests" or "tokens" or "rate_limit_exceeded" => 429,
            "invalid_request_error" => 400,
            "authentication_error" => 401,
            "billing_error" => 402,
            "permission_error" => 403,
            "not_found_error" => 404,
            "request_too_large" => 413,
            "timeout_error" => 504,
            "insufficient_quota" => 429,
            _ when name is "rate_limit_exceeded" => 429,
            _ when name.Contains("overloaded", StringComparison.Ordinal) => 503,
            _ => 500,
        };
    }

    private static string Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
