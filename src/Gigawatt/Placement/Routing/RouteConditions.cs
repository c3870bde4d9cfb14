using Gigawatt.Models;

namespace Gigawatt.Placement.Routing;

/// <summary>Whether a target may take a request.</summary>
internal static class RouteConditions
{
    /// <summary>The first condition that does not hold, in the order of <see cref="RoutingRefusal"/>.</summary>
    public static RoutingRefusal Check(RouteTarget target, in RouteQuery query)
    {
        if (target.FormatFor(query.Dialect) is null) { return RoutingRefusal.OtherDialect; }
        if (target.Tenants.Count > 0 && !Contains(target.Tenants, query.Tenant)) { return RoutingRefusal.OtherTenants; }
        if (query.Residency.Count > 0 && (target.Region is null || !Contains(query.Residency, target.Region))) { return RoutingRefusal.Residency; }
        if (query.Region is { } region && target.Region != region) { return RoutingRefusal.OtherRegion; }
        return query.BodyBytes > target.BodyBytesMax || query.InputTokenBound > target.InputTokensMax ? RoutingRefusal.TooLarge : RoutingRefusal.None;
    }

    private static bool Contains(IReadOnlyList<string> names, string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (string.Equals(names[i], name, StringComparison.Ordinal)) { return true; }
        }

        return false;
    }
}
