using System.Globalization;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary>The headers of answers: the provider's, and what this server adds.</summary>
internal static class AnswerHeaders
{
    /// <summary>Status and headers as the provider gave them, the request's id, and where it went and why.</summary>
    public static void Write(ModelCall call, ProviderAnswer answer)
    {
        HttpResponse response = call.Http.Response;
        response.StatusCode = answer.Status;
        bool ownLimits = call.Caller.Accounts.Rates.Count > 0;
        for (int i = 0; i < answer.Headers.Count; i++)
        {
            (string name, string value) = answer.Headers[i];
            // What is left of the provider's limits is not this caller's business where the caller has limits here.
            if (!ownLimits || !RateHeaders.IsOne(name)) { response.Headers.Append(name, value); }
        }

        WriteId(response, call.Dialect, call.Id);
        response.Headers["x-gigawatt-endpoint"] = call.Endpoint.Provider.Name;
        response.Headers["x-gigawatt-reason"] = call.Reason;
    }

    /// <summary>What could not be told in the other format.</summary>
    public static void WriteNotCarried(ModelCall call, IReadOnlyList<string> names)
    {
        if (names.Count > 0) { call.Http.Response.Headers["x-gigawatt-not-carried"] = string.Join(", ", names); }
    }

    /// <summary>What the request used and cost.</summary>
    public static void WriteUsage(HttpContext http, in TokenUsage tokens, in RequestImpact impact)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers["x-gigawatt-input-tokens"] = FixedPoint.Text(tokens.TotalInput);
        headers["x-gigawatt-output-tokens"] = FixedPoint.Text(tokens.Output);
        headers["x-gigawatt-cached-tokens"] = FixedPoint.Text(tokens.CacheRead);
        headers["x-gigawatt-usd"] = FixedPoint.Text(impact.Cost.Micros, 6);
        headers["x-gigawatt-joules"] = FixedPoint.Text(impact.Energy.Millijoules, 3);
        headers["x-gigawatt-energy-method"] = "modelled";
        headers["x-gigawatt-gco2e"] = FixedPoint.Text(impact.Carbon.Micrograms, 6);
        headers["x-gigawatt-litres"] = FixedPoint.Text(impact.Water.Microlitres, 6);
    }

    /// <summary>The request's id. The provider's own, which its support asks for, stays where clients look for one.</summary>
    public static void WriteId(HttpResponse response, Dialect dialect, string id)
    {
        string name = dialect.IsAnthropic() ? "request-id" : "x-request-id";
        if (!response.Headers.ContainsKey(name)) { response.Headers[name] = id; }
        response.Headers["x-gigawatt-request-id"] = id;
    }

    /// <summary>Answers with a JSON document of this server.</summary>
    public static Task WriteJsonAsync(HttpContext http, Dialect dialect, byte[] body)
    {
        WriteId(http.Response, dialect, ModelCall.NewId());
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, 0, body.Length, http.RequestAborted);
    }

    /// <summary>Answers with an error of this server in the caller's format.</summary>
    public static Task WriteErrorAsync(HttpContext http, Dialect dialect, string id, ApiError error)
    {
        HttpResponse response = http.Response;
        byte[] body = AzurePaths.Has(http.Request) && !dialect.IsAnthropic() ? ErrorWire.AzureBody(error) : ErrorWire.Body(error, dialect, id);
        response.StatusCode = ErrorWire.Status(error.Kind, dialect);
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        WriteId(response, dialect, id);
        if (error.RetryAfter is { } wait)
        {
            long ms = Math.Max(1, (wait.Nanoseconds + 999_999) / 1_000_000);
            response.Headers.RetryAfter = ((ms + 999) / 1_000).ToString(CultureInfo.InvariantCulture);
            response.Headers["retry-after-ms"] = ms.ToString(CultureInfo.InvariantCulture);
        }

        if (ErrorWire.ShouldRetry(error.Kind) is { } retry) { response.Headers["x-should-retry"] = retry ? "true" : "false"; }
        return response.Body.WriteAsync(body, 0, body.Length, http.RequestAborted);
    }
}
