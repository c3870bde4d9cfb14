using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Server.Batches;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Server.Responses;
using Gigawatt.Server.Telemetry;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Gigawatt.Server.Requests;

/// <summary>The paths that model clients use: Anthropic's, OpenAI's, and both as Azure has them.</summary>
internal static class DataPathEndpoints
{
    /// <summary>Adds the data path. The stores are the host's: it opens them first and disposes of them last.</summary>
    public static IServiceCollection AddDataPath(this IServiceCollection services, RequestPathState state, Identities identities, UsageJournal journal, AdmissionGate? gate = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(state);
        services.AddSingleton(identities);
        services.AddSingleton(journal);
        services.AddSingleton(gate ?? AdmissionGate.Open);
        services.AddSingleton<RequestPath>();
        services.AddSingleton<RequestTelemetry>();
        services.AddSingleton<EndpointDirectory>();
        services.AddSingleton<Shadows>();
        services.AddHostedService(s => s.GetRequiredService<Shadows>());
        services.AddHostedService(s => s.GetRequiredService<EndpointDirectory>());
        return services.AddHostedService<UsageFlusher>();
    }

    /// <summary>Adds batches. The store is the host's, as those of the path are.</summary>
    public static IServiceCollection AddBatches(this IServiceCollection services, BatchStore store, BatchOptions options)
    {
        services.AddSingleton(store);
        services.AddSingleton(options);
        services.AddSingleton<BatchRunner>();
        services.AddSingleton<BatchEndpoints>();
        return services.AddHostedService(static s => s.GetRequiredService<BatchRunner>());
    }

    /// <summary>Adds kept responses. The store is the host's, as those of the path are.</summary>
    public static IServiceCollection AddResponses(this IServiceCollection services, ResponseStore store, ResponseOptions options)
    {
        services.AddSingleton(store);
        services.AddSingleton(options);
        services.AddSingleton<ResponseState>();
        services.AddSingleton<ResponseEndpoints>();
        return services.AddHostedService<ResponseSweeper>();
    }

    /// <summary>Maps both APIs under <c>/v1</c>, Anthropic's under <c>/anthropic/v1</c>, OpenAI's under <c>/openai/v1</c> and
    /// <c>/openai/deployments/NAME</c>, and <c>HEAD /</c>, by which clients see that the server is there.</summary>
    public static IEndpointRouteBuilder MapDataPath(this IEndpointRouteBuilder routes)
    {
        RequestPath path = routes.ServiceProvider.GetRequiredService<RequestPath>();
        EndpointDirectory directory = routes.ServiceProvider.GetRequiredService<EndpointDirectory>();
        ServerGauges.Add(routes.ServiceProvider.GetRequiredService<RequestTelemetry>(), directory, routes.ServiceProvider.GetRequiredService<UsageJournal>(), routes.ServiceProvider.GetRequiredService<TimeProvider>());
        var models = new ModelListing(path, directory);
        BatchEndpoints batches = routes.ServiceProvider.GetRequiredService<BatchEndpoints>();
        foreach (string root in (string[])["", "/anthropic"])
        {
            MapAnthropic(routes, path, root);
            batches.Map(routes, root);
        }

        ResponseState state = routes.ServiceProvider.GetRequiredService<ResponseState>();
        ResponseEndpoints responses = routes.ServiceProvider.GetRequiredService<ResponseEndpoints>();
        MapOpenAI(routes, path, state, "/v1", static http => http);
        MapOpenAI(routes, path, state, "/openai/v1", AzurePaths.WithoutVersion);
        MapDeployments(routes, path, state);
        // Azure has the responses of its dated versions beside its deployments.
        routes.MapPost("/openai/responses", http => state.ServeAsync(AzurePaths.WithoutVersion(http), prepared: null));
        foreach (string root in (string[])["/v1", "/openai/v1", "/openai"]) { responses.Map(routes, root); }
        foreach (string root in (string[])["/v1", "/anthropic/v1", "/openai/v1"])
        {
            routes.MapGet(root + "/models", models.ListAsync);
            // A catch-all: names of models may hold slashes.
            routes.MapGet(root + "/models/{**id}", models.OneAsync);
        }

        routes.MapMethods("/", [HttpMethods.Head], static http => Task.CompletedTask);
        return routes;
    }

    /// <summary>Answers what is asked of these APIs and is not there in their own form. Not an endpoint that catches all: the
    /// router would weigh it, and keep the path's text for it, at every request.</summary>
    public static IApplicationBuilder UseDataPathErrors(this IApplicationBuilder app) => app.Use(static (http, next) =>
        // The router's own endpoint for a wrong method is not one with a path.
        http.GetEndpoint() is RouteEndpoint || !IsOfDataPath(http.Request.Path) ? next(http) : RefuseAsync(http));

    // Also what is outside of both APIs' paths: most likely it was meant for one of them.
    private static bool IsOfDataPath(PathString path) => !path.StartsWithSegments("/gigawatt", StringComparison.Ordinal);

    private static async Task RefuseAsync(HttpContext http)
    {
        string path = http.Request.Path.Value ?? "";
        ApiError error = new(ApiErrorKind.NotFound, $"There is no {path} here; the APIs are under /v1.") { Code = "not_found" };
        if (http.GetEndpoint()?.RequestDelegate is { } wrongMethod)
        {
            // It tells the methods there are.
            await wrongMethod(http);
            error = new(ApiErrorKind.MethodNotAllowed, $"{path} does not take {http.Request.Method}, but {http.Response.Headers.Allow}.");
        }

        await AnswerHeaders.WriteErrorAsync(http, DialectOf(http.Request), ModelCall.NewId(), error);
    }

    /// <summary>The format to answer a path without a body in: only Anthropic's clients send a version, and only its lists have pages.</summary>
    public static Dialect DialectOf(HttpRequest request)
    {
        if (request.Path.StartsWithSegments("/anthropic", StringComparison.Ordinal) || request.Path.StartsWithSegments("/v1/messages", StringComparison.Ordinal)) { return Dialect.Anthropic; }
        if (AzurePaths.Has(request) || OpenAIPaths.Any(p => request.Path.StartsWithSegments("/v1" + p, StringComparison.Ordinal))) { return Dialect.OpenAI; }
        return request.Headers.ContainsKey("anthropic-version") || request.Headers.ContainsKey("x-api-key") || request.Query.ContainsKey("limit") ? Dialect.Anthropic : Dialect.OpenAI;
    }

    private static readonly string[] OpenAIPaths = ["/chat/completions", "/responses", "/embeddings"];

    private static void MapAnthropic(IEndpointRouteBuilder routes, RequestPath path, string root)
    {
        routes.MapPost(root + Dialect.Anthropic.Path(), http => path.ServeAsync(http, Dialect.Anthropic));
        routes.MapPost(root + Dialect.CountTokens.Path(), http => path.ServeAsync(http, Dialect.CountTokens));
    }

    private static void MapOpenAI(IEndpointRouteBuilder routes, RequestPath path, ResponseState state, string root, Func<HttpContext, HttpContext> prepare)
    {
        routes.MapPost(root + "/chat/completions", http => path.ServeAsync(prepare(http), Dialect.OpenAI));
        routes.MapPost(root + "/embeddings", http => path.ServeAsync(prepare(http), Dialect.Embeddings));
        routes.MapPost(root + "/responses", http => state.ServeAsync(prepare(http), prepared: null));
    }

    private static void MapDeployments(IEndpointRouteBuilder routes, RequestPath path, ResponseState state)
    {
        const string Root = "/openai/deployments/{deployment}";
        routes.MapPost(Root + "/chat/completions", http => AzurePaths.ServeAsync(http, path, Dialect.OpenAI, (h, call) => path.ServeAsync(h, Dialect.OpenAI, call)));
        routes.MapPost(Root + "/embeddings", http => AzurePaths.ServeAsync(http, path, Dialect.Embeddings, (h, call) => path.ServeAsync(h, Dialect.Embeddings, call)));
        routes.MapPost(Root + "/responses", http => AzurePaths.ServeAsync(http, path, Dialect.Responses, state.ServeAsync));
    }
}
