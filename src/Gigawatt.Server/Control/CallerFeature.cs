using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gigawatt.Server.Control;

/// <summary>Lets only known callers through, and tells the endpoints who calls.</summary>
internal static class CallerFeature
{
    /// <summary>The endpoint filter of everything that needs a credential.</summary>
    public static Func<EndpointFilterInvocationContext, EndpointFilterDelegate, ValueTask<object?>> Filter(ControlAccess access) =>
        async (context, next) =>
        {
            if (access.Find(context.HttpContext.Request) is not { } caller) { return ControlErrors.Unauthorized(); }
            context.HttpContext.Features.Set(caller);
            return await next(context);
        };

    /// <summary>Who calls; set by <see cref="Filter"/>.</summary>
    public static ControlCaller Caller(this HttpContext http) => http.Features.GetRequiredFeature<ControlCaller>();
}
