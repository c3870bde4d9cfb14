using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary>The paths of Azure OpenAI, where the deployment in the path names the model.</summary>
internal static class AzurePaths
{
    private const string ApiVersion = "api-version";

    /// <summary>Whether a request came over one of them: its errors look like Azure's.</summary>
    public static bool Has(HttpRequest request) => request.Path.StartsWithSegments("/openai", StringComparison.Ordinal);

    /// <summary>The request without Azure's version of its API in the query, which is between this server's client and this server.</summary>
    public static HttpContext WithoutVersion(HttpContext http)
    {
        HttpRequest request = http.Request;
        if (request.Query.ContainsKey(ApiVersion))
        {
            request.QueryString = QueryString.Create(request.Query.Where(static q => !q.Key.Equals(ApiVersion, StringComparison.OrdinalIgnoreCase)));
        }

        return http;
    }

    /// <summary>Serves a call to a deployment: its name goes into the body, whatever model stood there.</summary>
    public static async Task ServeAsync(HttpContext http, RequestPath path, Dialect dialect, Func<HttpContext, PreparedCall, Task> serve)
    {
        (PreparedCall? prepared, ApiError? error) = await PrepareAsync(WithoutVersion(http), path);
        if (error is not null) { await AnswerHeaders.WriteErrorAsync(http, dialect, ModelCall.NewId(), error); }
        else { await serve(http, prepared!); }
    }

    private static async ValueTask<(PreparedCall?, ApiError?)> PrepareAsync(HttpContext http, RequestPath path)
    {
        if (path.Identify(http, out Caller? caller) is { } stranger) { return (null, stranger); }
        (byte[]? buffer, int length, ApiError? error) = await RequestBody.ReadAsync(http, path.State.MaxBodyBytes, http.RequestAborted);
        if (error is not null) { return (null, error); }
        try
        {
            ReadOnlyMemory<byte> model = JsonText.Quote((string)http.Request.RouteValues["deployment"]!);
            ReadOnlySpan<byte> body = buffer.AsSpan(0, length);
            byte[] named = JsonTop.Get(body, "model"u8).SequenceEqual(model.Span) ? body.ToArray() : JsonTop.With(body, ("model", model)) ?? body.ToArray();
            return (new PreparedCall { Caller = caller, Body = named }, null);
        }
        finally { System.Buffers.ArrayPool<byte>.Shared.Return(buffer!); }
    }
}
