using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Control;

/// <summary>Errors of the control API, one table from what went wrong to status and code.</summary>
internal static class ControlErrors
{
    public static IResult BadRequest(string message) => Of(StatusCodes.Status400BadRequest, "invalid_request", message);

    public static IResult Refused(Admission.Refusal refusal) => Of(StatusCodes.Status422UnprocessableEntity, refusal.Kind switch
    {
        Admission.RefusalKind.Invalid => "invalid_job",
        Admission.RefusalKind.UnknownAcceleratorType => "unknown_accelerator_type",
        Admission.RefusalKind.NeverFits => "never_fits",
        Admission.RefusalKind.UnknownQueue => "unknown_queue",
        _ => "over_quota",
    }, refusal.Message);

    public static IResult Unauthorized() => Of(StatusCodes.Status401Unauthorized, "unauthorized",
        "Send 'Authorization: Bearer TOKEN' with an API key, or with the operator's token from server.json in the data folder.");

    public static IResult Forbidden(string message) => Of(StatusCodes.Status403Forbidden, "forbidden", message);

    public static IResult OperatorOnly(string what) =>
        Forbidden($"Only the operator can {what}: use the token from server.json in the data folder, not an API key.");

    public static IResult Conflict(string message) => Of(StatusCodes.Status409Conflict, "conflict", message);

    public static IResult NotFound(string message) => Of(StatusCodes.Status404NotFound, "not_found", message);

    public static IResult JoinAgain(string node) => Of(StatusCodes.Status409Conflict, "join_again",
        $"Node {node} is not known as joined. Join again.");

    public static IResult Of(int status, string code, string message) =>
        Results.Json(new ControlError(new ControlErrorBody(code, message)), ControlJson.Default.ControlError, statusCode: status);

    /// <summary>Reads a JSON body, or says what is wrong with it and where.</summary>
    public static async Task<(T? Body, IResult? Error)> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (!request.HasJsonContentType())
        {
            return (null, Of(StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type", "Send the body as application/json."));
        }

        try
        {
            T? body = await JsonSerializer.DeserializeAsync(request.Body, type, cancellationToken);
            return body is null ? (null, BadRequest("The body must be a JSON object; it is null.")) : (body, null);
        }
        catch (JsonException e)
        {
            string where = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1}{(e.Path is { Length: > 1 } path ? $", at {path}" : "")})" : "";
            string what = e.Message.Contains("could not be mapped", StringComparison.Ordinal)
                ? $"there is no field {e.Path?.TrimStart('$', '.')}"
                : e.Message.Split(" Path:", 2)[0].Split(" LineNumber:", 2)[0];
            return (null, BadRequest($"The body is not what is expected{where}: {what}"));
        }
        catch (BadHttpRequestException e)
        {
            return (null, Of(e.StatusCode, "invalid_request", e.Message));
        }
    }
}
