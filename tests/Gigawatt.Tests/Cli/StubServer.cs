using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Tests.Cli;

/// <summary>A server of the control API that answers as a test says and remembers what it was asked.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Asked> _asked = new();

    private StubServer(WebApplication app) => _app = app;

    /// <summary>A request as it came.</summary>
    public sealed record Asked(string Line, string? IdempotencyKey, string? Authorization, string Body);

    public string Url => _app.Urls.First();

    public IReadOnlyList<Asked> Requests => [.. _asked];

    /// <summary>Starts a server that gives every request to <paramref name="answer"/>, with the number of those before it.</summary>
    public static async Task<StubServer> StartAsync(Func<HttpContext, int, Task> answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var server = new StubServer(app);
        app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            string body = await reader.ReadToEndAsync(http.RequestAborted);
            int before = server._asked.Count;
            server._asked.Enqueue(new Asked(
                $"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}",
                http.Request.Headers["Idempotency-Key"].FirstOrDefault(),
                http.Request.Headers.Authorization.FirstOrDefault(),
                body));
            await answer(http, before);
        });
        await app.StartAsync();
        return server;
    }

    /// <summary>A server with one answer to everything, in the JSON of the control API.</summary>
    public static Task<StubServer> SayingAsync<T>(T value, JsonTypeInfo<T> type, int status = 200) =>
        StartAsync((http, _) => SayAsync(http, value, type, status));

    /// <summary>A server that refuses everything.</summary>
    public static Task<StubServer> RefusingAsync(int status, string message) =>
        SayingAsync(new ControlError(new ControlErrorBody("invalid_request", message)), ControlJson.Default.ControlError, status);

    public static Task SayAsync<T>(HttpContext http, T value, JsonTypeInfo<T> type, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(JsonSerializer.Serialize(value, type), http.RequestAborted);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
