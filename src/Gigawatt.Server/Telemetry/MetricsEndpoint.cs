using Gigawatt.Server.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Gigawatt.Server.Telemetry;

/// <summary><c>GET /metrics</c>, for Prometheus. It tells who spends what, so it is the operator's unless the config file says otherwise.</summary>
internal static class MetricsEndpoint
{
    public static void MapMetrics(this IEndpointRouteBuilder routes, ControlAccess access, bool isPublic)
    {
        RequestTelemetry telemetry = routes.ServiceProvider.GetRequiredService<RequestTelemetry>();
        routes.MapGet("/metrics", http => WriteAsync(http, telemetry, isPublic || access.Find(http.Request) is { IsOperator: true })).ExcludeFromDescription();
    }

    private static Task WriteAsync(HttpContext http, RequestTelemetry telemetry, bool allowed)
    {
        if (!allowed)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            http.Response.Headers.WWWAuthenticate = "Bearer";
            return http.Response.WriteAsync("Send the operator's token as Authorization: Bearer, or set metrics: public in the config file.\n");
        }

        http.Response.ContentType = PrometheusText.MediaType;
        return http.Response.WriteAsync(PrometheusText.Write(telemetry));
    }
}
