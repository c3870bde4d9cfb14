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
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, null),
    };

    /// <summary>Why an authenticated caller's request is not admitted.</summary>
    public static ApiError OfRequest(RequestRefusal refusal, Caller caller, string model, Usd bound) => refusal switch
    {
        RequestRefusal.ModelNotAllowed => new(ApiErrorKind.Permission, $"This API key may not use the model {model}.", "model"),
        RequestRefusal.KeyBudgetExceeded => OverBudget("this API key", caller.Key.Budget, caller.KeyAccount.Committed, bound),
        RequestRefusal.TenantBudgetExceeded => OverBudget($"tenant {caller.Tenant.Name}", caller.Tenant.Budget, caller.TenantAccount.Committed, bound),
        _ => OfKey(refusal),
    };

    /// <summary>Why no target takes a request.</summary>
    public static ApiError OfRouting(RoutingRefusal refusal, string model, Dialect dialect) => refusal switch
    {
        // Clients that may not count fall back to an estimate; a made-up count would mislead them.
        RoutingRefusal.OtherDialect when dialect == Dialect.CountTokens => new(ApiErrorKind.NotFound, $"Counting tokens is not offered for {model} here.", "model"),
        RoutingRefusal.OtherDialect when dialect == Dialect.Embeddings => new(ApiErrorKind.InvalidRequest, $"{model} gives no embeddings here.", "model"),
        RoutingRefusal.OtherDialect => new(ApiErrorKind.InvalidRequest, $"{model} is not served in the {dialect.Name()} format, nor in one that a request to {dialect.Path()} can be translated to.", "model"),
        RoutingRefusal.OtherEndpoint => new(ApiErrorKind.NotFound, $"model: {model} is not served by the provider that keeps what this request goes on from.", "model"),
        RoutingRefusal.OtherTenants => new(ApiErrorKind.Permission, $"{model} is served for other tenants only.", "model"),
        RoutingRefusal.Residency => new(ApiErrorKind.Permission, $"{model} is not served in a region that this tenant's data may go to.", "model"),
        RoutingRefusal.OtherRegion => new(ApiErrorKind.InvalidRequest, $"{model} is not served in the region that the header x-gigawatt-region names.", "x-gigawatt-region"),
        RoutingRefusal.TooLarge => new(ApiErrorKind.TooLarge, $"The request is larger than any target of {model} takes."),
        _ => new(ApiErrorKind.NotFound, $"model: {model} is not served here; GET /v1/models lists the models that are.", "model"),
    };

    private static ApiError OverBudget(string whose, BudgetLimit budget, Usd committed, Usd bound)
    {
        string period = budget.Period switch
        {
            BudgetPeriod.Day => "a day",
            BudgetPeriod.Week => "a week",
            BudgetPeriod.Month => "a month",
            _ => "in total",
        };
        return new(ApiErrorKind.BudgetExceeded,
            $"The budget of {whose} is {budget.Limit} {period}; {committed} of it is spent or reserved, and this request can cost up to {bound}. "
            + "Lower max_tokens, wait for the next period, or ask for a higher budget.");
    }
}
