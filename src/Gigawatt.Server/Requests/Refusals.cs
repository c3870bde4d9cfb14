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

    /// <summary>Why no endpoint takes a request.</summary>
    public static ApiError OfRouting(RoutingRefusal refusal, string model, Dialect dialect)
    {
        // Clients that may not count fall back to an estimate; a made-up count would mislead them.
        if (refusal == RoutingRefusal.OtherDialect && dialect == Dialect.CountTokens)
        {
            return new(ApiErrorKind.NotFound, $"Counting tokens is not offered for {model} here.", "model");
        }

        Dialect other = dialect == Dialect.Anthropic ? Dialect.OpenAI : Dialect.Anthropic;
        return refusal == RoutingRefusal.OtherDialect
            ? new(ApiErrorKind.InvalidRequest,
                dialect == Dialect.Embeddings ? $"{model} gives no embeddings here." : $"{model} is not served in the {dialect.Name()} format; use POST {other.Path()}.", "model")
            : new(ApiErrorKind.NotFound, $"model: {model} is not served here; GET /v1/models lists the models that are.", "model");
    }

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
