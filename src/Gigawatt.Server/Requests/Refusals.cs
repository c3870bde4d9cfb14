using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Tenants;
using Gigawatt.Units;
using Gigawatt.Wire;

namespace Gigawatt.Server.Requests;

/// <summary>Refusals of the heart in the caller's words.</summary>
internal static class Refusals
{
    /// <summary>Why a key is not let in.</summary>
    public static ApiError OfKey(RequestRefusal refusal) => refusal switch
    {
        RequestRefusal.KeyMissing => new(ApiErrorKind.Authentication, "Send an API key in the x-api-key header or as Authorization: Bearer."),
        RequestRefusal.KeyUnknown => new(ApiErrorKind.Authentication, "The API key is not known here."),
        RequestRefusal.KeyRevoked => new(ApiErrorKind.Authentication, "The API key was revoked."),
        RequestRefusal.KeyExpired => new(ApiErrorKind.Authentication, "The API key has expired."),
        RequestRefusal.TenantDisabled => new(ApiErrorKind.Permission, "The tenant of this API key is disabled."),
        RequestRefusal.ProjectDisabled => new(ApiErrorKind.Permission, "The project of this API key is disabled."),
        RequestRefusal.AddressNotAllowed => new(ApiErrorKind.Permission, "This API key may not be used from this address."),
        RequestRefusal.RouteNotAllowed => new(ApiErrorKind.Permission, "This API key may not call this path."),
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, null),
    };

    /// <summary>Why an authenticated caller's request is not admitted.</summary>
    public static ApiError OfRequest(RequestRefusal refusal, string model, in Shortage shortage, Instant now) => refusal switch
    {
        RequestRefusal.ModelNotAllowed => new(ApiErrorKind.Permission, $"This API key may not use the model {model}.", "model"),
        RequestRefusal.BudgetExceeded => OverBudget(shortage, now),
        RequestRefusal.RateLimited => OverRate(shortage, now),
        _ => OfKey(refusal),
    };

    /// <summary>Why no target takes a request.</summary>
    public static ApiError OfRouting(RoutingRefusal refusal, string model, Dialect dialect) => refusal switch
    {
        // Clients that may not count fall back to an estimate; a made-up count would mislead them.
        RoutingRefusal.OtherDialect when dialect == Dialect.CountTokens => new(ApiErrorKind.NotFound, $"Counting tokens is not offered for {model} here.", "model"),
        RoutingRefusal.OtherDialect when dialect == Dialect.Embeddings => new(ApiErrorKind.InvalidRequest, $"{model} gives no embeddings here.", "model"),
        RoutingRefusal.OtherDialect => new(ApiErrorKind.InvalidRequest, $"{model} is not served in the {dialect.Name()} format, nor in one that a request to {dialect.Path()} can be translated to.", "model"),
        RoutingRefusal.OtherTenants => new(ApiErrorKind.Permission, $"{model} is served for other tenants only.", "model"),
        RoutingRefusal.Residency => new(ApiErrorKind.Permission, $"{model} is not served in a region that this tenant's data may go to.", "model"),
        RoutingRefusal.OtherRegion => new(ApiErrorKind.InvalidRequest, $"{model} is not served in the region that the header x-gigawatt-region names.", "x-gigawatt-region"),
        RoutingRefusal.TooLarge => new(ApiErrorKind.TooLarge, $"The request is larger than any target of {model} takes."),
        _ => new(ApiErrorKind.NotFound, $"model: {model} is not served here; GET /v1/models lists the models that are.", "model"),
    };

    private static ApiError OverBudget(in Shortage shortage, Instant now)
    {
        BudgetEntry entry = shortage.Budget!;
        BudgetLimit limit = entry.Account.Limit;
        string Text(long amount) => BudgetLimit.Text(limit.Unit, amount);
        string until = limit.Period == BudgetPeriod.Total ? "It does not start afresh" : $"It starts afresh at {shortage.Until}";
        return new(ApiErrorKind.BudgetExceeded,
            $"The budget of {Whose(entry.Scope, entry.Name)} is {limit}; {Text(shortage.Used)} of it is spent or reserved, and this request can take up to {Text(shortage.Asked)}. "
            + $"{until}. Lower max_tokens, or ask for a higher budget.")
        {
            // That no client sleeps until the next month, x-should-retry says no beside it.
            RetryAfter = limit.Period == BudgetPeriod.Total ? null : shortage.Until - now,
        };
    }

    private static ApiError OverRate(in Shortage shortage, Instant now)
    {
        RateEntry entry = shortage.Rate!;
        RateLimit limit = entry.Account.Limit;
        if (limit.Kind == RateKind.Concurrent)
        {
            return new(ApiErrorKind.RateLimit, $"The limit of {Whose(entry.Scope, entry.Name)} is {limit}, and as many requests are under way. Wait until one has ended.")
            {
                RetryAfter = Duration.FromSeconds(1),
            };
        }

        Duration wait = shortage.Until - now;
        string asked = limit.Kind == RateKind.Requests ? "" : $", and this request can use up to {shortage.Asked}";
        return new(ApiErrorKind.RateLimit, $"The limit of {Whose(entry.Scope, entry.Name)} is {limit}{asked}. There is enough again in {wait}.") { RetryAfter = wait };
    }

    private static string Whose(AccountScope scope, string name) => scope switch
    {
        AccountScope.Key => "this API key",
        AccountScope.Project => $"project {name}",
        AccountScope.Tenant => $"tenant {name}",
        _ => "this server",
    };
}
