using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gigawatt.Server.Requests;

/// <summary>The paths that model clients use.</summary>
internal static class DataPathEndpoints
{
    /// <summary>Adds the data path. The stores are the host's: it opens them first and disposes of them last.</summary>
    public static IServiceCollection AddDataPath(this IServiceCollection services, RequestPathState state, Identities identities, UsageJournal journal)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(state);
        services.AddSingleton(identities);
        services.AddSingleton(journal);
        services.AddSingleton<RequestPath>();
        services.AddSingleton<EndpointDirectory>();
        services.AddHostedService(s => s.GetRequiredService<EndpointDirectory>());
        return services.AddHostedService<UsageFlusher>();
    }

    /// <summary>Maps <c>POST /v1/messages</c>, <c>POST /v1/chat/completions</c>, <c>GET /v1/models</c>, and <c>HEAD /</c>, by which clients see that the server is there.</summary>
    public static IEndpointRouteBuilder MapDataPath(this IEndpointRouteBuilder routes)
    {
        RequestPath path = routes.ServiceProvider.GetRequiredService<RequestPath>();
        EndpointDirectory directory = routes.ServiceProvider.GetRequiredService<EndpointDirectory>();
        routes.MapPost(Dialect.Anthropic.Path(), http => path.ServeAsync(http, Dialect.Anthropic));
        routes.MapPost(Dialect.OpenAI.Path(), http => path.ServeAsync(http, Dialect.OpenAI));
        routes.MapGet("/v1/models", http => ModelListing.ListAsync(http, path, directory));
        // A catch-all: names of models may hold slashes.
        routes.MapGet("/v1/models/{**id}", http => ModelListing.OneAsync(http, path, directory));
        routes.MapMethods("/", [HttpMethods.Head], http => Task.CompletedTask);
        routes.Map("/v1/{**path}", RefuseAsync);
        return routes;
    }

    /// <summary>The format to answer a path without a body in: only Anthropic's clients send a version.</summary>
    public static Dialect DialectOf(HttpRequest request) =>
        request.Headers.ContainsKey("anthropic-version") || request.Headers.ContainsKey("x-api-key") ? Dialect.Anthropic : Dialect.OpenAI;

    private static Task RefuseAsync(HttpContext http)
    {
        string path = http.Request.Path.Value ?? "";
        bool known = path is "/v1/messages" or "/v1/chat/completions" || path.StartsWith("/v1/models", StringComparison.Ordinal);
        Dialect dialect = path.StartsWith("/v1/messages", StringComparison.Ordinal) ? Dialect.Anthropic
            : path.StartsWith("/v1/chat", StringComparison.Ordinal) ? Dialect.OpenAI : DialectOf(http.Request);
        var error = known
            ? new ApiError(ApiErrorKind.MethodNotAllowed, $"{path} does not take {http.Request.Method}.")
            : new ApiError(ApiErrorKind.NotFound, $"There is no {path} here.");
        return AnswerHeaders.WriteErrorAsync(http, dialect, ModelCall.NewId(), error);
    }
}
