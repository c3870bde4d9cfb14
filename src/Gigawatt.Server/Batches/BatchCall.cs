using System.Globalization;
using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Server.Requests;
using Gigawatt.Wire;
using Gigawatt.Wire.Batches;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Batches;

/// <summary>What came of sending a request of a batch.</summary>
/// <param name="Outcome">How it ended; null when it was refused for now and is to be sent again.</param>
/// <param name="Body">The answer, or the error's body.</param>
/// <param name="Wait">How long the refusal asks to wait; null where it does not say.</param>
internal readonly record struct BatchAnswer(BatchOutcome? Outcome, ReadOnlyMemory<byte> Body, TimeSpan? Wait);

/// <summary>Sends one request of a batch through the data path, as if its caller had sent it by HTTP.</summary>
internal static class BatchCall
{
    /// <summary>Sends it and waits for the whole answer.</summary>
    /// <exception cref="OperationCanceledException">The server stops; nobody knows what became of it.</exception>
    public static async Task<BatchAnswer> SendAsync(RequestPath path, BatchFacts batch, Caller caller, byte[] parameters, CancellationToken stopping)
    {
        using var answer = new MemoryStream();
        var http = new DefaultHttpContext { RequestAborted = stopping };
        http.Request.Method = HttpMethods.Post;
        http.Request.Path = Dialect.Anthropic.Path();
        http.Request.ContentLength = parameters.Length;
        foreach ((string name, string value) in batch.Headers) { http.Request.Headers.Append(name, value); }
        http.Request.ContentType = "application/json";
        http.Response.Body = answer;
        await path.ServeAsync(http, Dialect.Anthropic, new PreparedCall { Caller = caller, Body = parameters });
        stopping.ThrowIfCancellationRequested();
        return Read(http.Response, answer.GetBuffer().AsMemory(0, (int)answer.Length));
    }

    /// <summary>An error of this server as an item's result.</summary>
    public static byte[] Error(ApiErrorKind kind, string message) => ErrorWire.Body(new(kind, message), Dialect.Anthropic, ModelCall.NewId());

    private static BatchAnswer Read(HttpResponse response, ReadOnlyMemory<byte> body)
    {
        if (response.StatusCode < 300 && BatchBody.IsObject(body.Span)) { return new(BatchOutcome.Succeeded, body, null); }
        if (IsForNow(response)) { return new(null, default, WaitOf(response.Headers)); }
        if (BatchBody.IsError(body.Span)) { return new(BatchOutcome.Errored, body, null); }
        return new(BatchOutcome.Errored, Error(ApiErrorKind.Api, $"The provider answered with status {response.StatusCode} and a body that is not one of the API."), null);
    }

    // Nothing was begun, and trying again helps. A budget that is spent says that it does not.
    private static bool IsForNow(HttpResponse response) =>
        response.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable or 529
        && response.Headers["x-should-retry"] != "false";

    private static TimeSpan? WaitOf(IHeaderDictionary headers)
    {
        if (double.TryParse(headers["retry-after-ms"], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double ms)) { return Bounded(ms / 1000); }
        return double.TryParse(headers.RetryAfter, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) ? Bounded(seconds) : null;
    }

    private static TimeSpan Bounded(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0.05, 3600));
}
