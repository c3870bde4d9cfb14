using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Admission;

/// <summary>Why a request is not admitted. The list is closed, so that it can be counted and alerted on.</summary>
public enum RequestRefusal
{
    /// <summary>It is admitted.</summary>
    None,

    /// <summary>There is no key.</summary>
    KeyMissing,

    /// <summary>The key is not one of ours.</summary>
    KeyUnknown,

    /// <summary>The key was revoked.</summary>
    KeyRevoked,

    /// <summary>The key's time is over.</summary>
    KeyExpired,

    /// <summary>The tenant is switched off.</summary>
    TenantDisabled,

    /// <summary>The key or its tenant may not use this model.</summary>
    ModelNotAllowed,

    /// <summary>The key's budget does not cover the most the request can cost.</summary>
    KeyBudgetExceeded,

    /// <summary>The tenant's budget does not cover the most the request can cost.</summary>
    TenantBudgetExceeded,
}

/// <summary>Who sends a request: a key, its tenant, and the accounts of both.</summary>
/// <param name="Key">The key.</param>
/// <param name="Tenant">The tenant it belongs to.</param>
/// <param name="KeyAccount">Charged with everything the key does.</param>
/// <param name="TenantAccount">Charged with everything the tenant's keys do.</param>
public sealed record Caller(KeyFacts Key, Tenant Tenant, BudgetAccount KeyAccount, BudgetAccount TenantAccount);

/// <summary>What an admitted request holds in its caller's accounts until it is settled.</summary>
/// <param name="Key">In the key's account.</param>
/// <param name="Tenant">In the tenant's account.</param>
public readonly record struct RequestHold(BudgetHold Key, BudgetHold Tenant)
{
    /// <summary>The most the request can cost.</summary>
    public Usd Bound => Tenant.Bound;

    /// <summary>Charges what the request did cost and gives back the rest. To be called exactly once.</summary>
    /// <returns>By how much the cost was above the bound; see <see cref="BudgetAccount.Settle"/>.</returns>
    public Usd Settle(Usd actual)
    {
        BudgetAccount.Settle(Key, actual);
        return BudgetAccount.Settle(Tenant, actual);
    }
}

/// <summary>Whether a request may run, as a function of who asks, for what, and what it can cost.</summary>
public static class RequestAdmission
{
    /// <summary>Whether the caller is one of ours and may use the model; reserves nothing.</summary>
    public static RequestRefusal Check(Caller caller, string model, Instant now)
    {
        RequestRefusal refusal = CheckKey(caller, now);
        if (refusal != RequestRefusal.None) { return refusal; }
        return Allows(caller.Key.Models, model) && Allows(caller.Tenant.Models, model) ? RequestRefusal.None : RequestRefusal.ModelNotAllowed;
    }

    /// <summary>Whether the caller's key is good now, whatever it asks for.</summary>
    public static RequestRefusal CheckKey(Caller caller, Instant now)
    {
        if (!caller.Key.Enabled) { return RequestRefusal.KeyRevoked; }
        if (now >= caller.Key.Expires) { return RequestRefusal.KeyExpired; }
        return caller.Tenant.Enabled ? RequestRefusal.None : RequestRefusal.TenantDisabled;
    }

    /// <summary>Reserves the most the request can cost in both accounts, or in neither.</summary>
    public static RequestRefusal Reserve(Caller caller, Usd bound, Instant now, out RequestHold hold)
    {
        hold = default;
        if (!caller.KeyAccount.TryReserve(bound, now, out BudgetHold key)) { return RequestRefusal.KeyBudgetExceeded; }
        if (!caller.TenantAccount.TryReserve(bound, now, out BudgetHold tenant))
        {
            BudgetAccount.Settle(key, Usd.Zero);
            return RequestRefusal.TenantBudgetExceeded;
        }

        hold = new(key, tenant);
        return RequestRefusal.None;
    }

    private static bool Allows(IReadOnlyList<string> patterns, string model) => patterns.Count == 0 || ModelPattern.MatchesAny(patterns, model);
}
