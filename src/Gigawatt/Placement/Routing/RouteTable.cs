using System.Collections.Frozen;
using Gigawatt.Tenants;

namespace Gigawatt.Placement.Routing;

/// <summary>The routes that are configured, by model; never changed once made. A lookup allocates nothing.</summary>
public sealed class RouteTable
{
    private readonly FrozenDictionary<string, Route> _exact;
    private readonly Route[] _patterns; // longest first

    /// <summary>From routes whose names are all different; a name that ends in <c>*</c> is for every model that begins with the rest.</summary>
    public RouteTable(IReadOnlyList<Route> routes)
    {
        Routes = routes;
        _exact = routes.Where(static r => !r.Name.EndsWith('*')).ToFrozenDictionary(static r => r.Name, StringComparer.Ordinal);
        _patterns = [.. routes.Where(static r => r.Name.EndsWith('*')).OrderByDescending(static r => r.Name.Length)];
    }

    /// <summary>No routes.</summary>
    public static RouteTable Empty { get; } = new([]);

    /// <summary>The routes in the order given.</summary>
    public IReadOnlyList<Route> Routes { get; }

    /// <summary>The route of that name, else the one with the longest matching pattern, else null.</summary>
    public Route? Find(string model)
    {
        if (_exact.TryGetValue(model, out Route? route)) { return route; }
        for (int i = 0; i < _patterns.Length; i++)
        {
            if (ModelPattern.Matches(_patterns[i].Name, model)) { return _patterns[i]; }
        }

        return null;
    }
}
