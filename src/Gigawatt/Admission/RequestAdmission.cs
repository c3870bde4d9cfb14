using System.Net;
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

    /// <summary>The project is switched off.</summary>
    ProjectDisabled,

    /// <summary>The key may not be used from the caller's address.</summary>
    AddressNotAllowed,

    /// <summary>The key may not call this path.</summary>
    RouteNotAllowed,

    /// <summary>The key, its project or its tenant may not use this model.</summary>
    ModelNotAllowed,

    /// <summary>A budget does not cover the most that the request can take.</summary>
    BudgetExceeded,

    /// <summary>A rate limit has not enough left for now.</summary>
    RateLimited,
}

/// <summary>Whether a request may run, as a function of who asks, from where, and for what. What it may take is <see cref="CallerAccounts"/>' part.</summary>
public static class RequestAdmission
{
    /// <summary>Whether the caller is one of ours and may use the model; reserves nothing.</summary>
    public static RequestRefusal Check(Caller caller, string model, Instant now)
    {
        RequestRefusal refusal = CheckKey(caller, now);
        return refusal == RequestRefusal.None && !MayUse(caller, model) ? RequestRefusal.ModelNotAllowed : refusal;
    }

    /// <summary>Whether the caller's key is good now, whatever it asks for.</summary>
    public static RequestRefusal CheckKey(Caller caller, Instant now)
    {
        if (!caller.Key.Enabled) { return RequestRefusal.KeyRevoked; }
        if (now >= caller.Expires || now >= caller.Key.Expires) { return RequestRefusal.KeyExpired; }
        if (!caller.Tenant.Enabled) { return RequestRefusal.TenantDisabled; }
        return caller.Project is { Enabled: false } ? RequestRefusal.ProjectDisabled : RequestRefusal.None;
    }

    /// <summary>Whether the key may be used from an address and for a path.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="path">The request's path, such as <c>/v1/messages</c>.</param>
    /// <param name="address">The client's address, or null where it is not known; then only a key without ranges passes.</param>
    public static RequestRefusal CheckOrigin(Caller caller, string path, IPAddress? address)
    {
        if (caller.Key.Networks.Count > 0 && !IsIn(caller.Key.Networks, address)) { return RequestRefusal.AddressNotAllowed; }
        return Allows(caller.Key.Routes, path) ? RequestRefusal.None : RequestRefusal.RouteNotAllowed;
    }

    /// <summary>Whether the key, its project and its tenant all allow the model.</summary>
    public static bool MayUse(Caller caller, string model) =>
        Allows(caller.Key.Models, model) && Allows(caller.Tenant.Models, model) && (caller.Project is null || Allows(caller.Project.Models, model));

    /// <summary>Whether one of the networks holds the address. An IPv4 address counts the same when it is written as IPv6.</summary>
    public static bool IsIn(IReadOnlyList<IPNetwork> networks, IPAddress? address)
    {
        if (address is null) { return false; }
        if (address.IsIPv4MappedToIPv6) { address = address.MapToIPv4(); }
        for (int i = 0; i < networks.Count; i++)
        {
            if (networks[i].Contains(address)) { return true; }
        }

        return false;
    }

    private static bool Allows(IReadOnlyList<string> patterns, string name) => patterns.Count == 0 || ModelPattern.MatchesAny(patterns, name);
}
