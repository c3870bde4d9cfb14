using System.Collections.Concurrent;
using Gigawatt.Configuration;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Placement.Routing.Health;
using Gigawatt.Server.Requests.Caching;

namespace Gigawatt.Server.Requests;

/// <summary>The route of each model: the configured one, else all endpoints that serve it.</summary>
internal sealed class ModelRoutes
{
    // Clients choose the names, so what is kept of them is bounded.
    private const int KeptMax = 4_096;

    private readonly ConcurrentDictionary<string, Route> _kept = new(StringComparer.Ordinal);
    private readonly RetryBudget _retries = new(); // of all models without a route of their own
    private readonly IReadOnlyList<ModelEndpoint> _endpoints;
    private readonly ModelCatalog _catalog;
    private readonly SiteFactors _site;
    private readonly Dictionary<string, RouteConfig> _configured;
    private readonly RouteTable _table;
    private readonly Dictionary<string, AnswerCache> _caches;

    /// <summary>With the routes of the configuration, whose providers are all among the endpoints.</summary>
    public ModelRoutes(IReadOnlyList<ModelEndpoint> endpoints, ModelCatalog catalog, SiteFactors site, IReadOnlyList<RouteConfig> configured)
    {
        (_endpoints, _catalog, _site) = (endpoints, catalog, site);
        _configured = configured.ToDictionary(static r => r.Model, StringComparer.Ordinal);
        _caches = configured.Where(static r => r.Cache is not null).ToDictionary(static r => r.Model, static r => new AnswerCache(r.Cache!), StringComparer.Ordinal);
        _table = new RouteTable([.. configured.Select(r => Build(r, r.Model))]);
    }

    /// <summary>The configured routes.</summary>
    public IReadOnlyList<Route> Configured => _table.Routes;

    /// <summary>The route of a model; null when nobody serves it.</summary>
    public Route? Find(string model)
    {
        if (_kept.TryGetValue(model, out Route? kept)) { return kept; }
        // The name goes into a header, and no model has one that cannot.
        if (model.AsSpan().ContainsAnyExceptInRange('!', '~')) { return null; }
        Route? route = _table.Find(model) is { } found ? Of(found, model) : Serving(model);
        if (route is null) { return null; }
        if (_kept.Count >= KeptMax) { _kept.Clear(); }
        _kept[model] = route;
        return route;
    }

    /// <summary>The kept answers of a route that has <see cref="Route.Cache"/>. A new configuration begins with none, as it may send requests elsewhere.</summary>
    public AnswerCache CacheOf(Route route) => _caches[route.Name];

    /// <summary>Looks again which endpoints serve a model, the next time it is asked for: they may have told.</summary>
    public void Forget() => _kept.Clear();

    // A pattern's targets have the prices of the model that is asked for.
    private Route Of(Route found, string model) => found.Name == model || found.Targets.All(static t => t.Model is not null)
        ? found
        : new Route(found.Name, found.Strategy, [.. found.Targets.Select(t => t.Model is null ? t with { Facts = _catalog.Find(model) } : t)])
        {
            Retries = found.Retries,
            RepeatsTargets = found.RepeatsTargets,
            Deadline = found.Deadline,
            AttemptTimeout = found.AttemptTimeout,
            HedgeAfter = found.HedgeAfter,
            AffinityBytes = found.AffinityBytes,
            Cache = found.Cache,
            RetryBudget = found.RetryBudget,
        };

    private Route? Serving(string model)
    {
        List<RouteTarget> targets = [];
        for (int i = 0; i < _endpoints.Count && targets.Count < Route.TargetsMax; i++)
        {
            EndpointFacts facts = _endpoints[i].Facts;
            if (!facts.Models.Serves(model)) { continue; }
            targets.Add(new RouteTarget
            {
                Endpoint = facts.Name,
                EndpointIndex = i,
                Facts = _catalog.Find(model),
                Site = _site,
                Formats = facts.Dialects,
                State = _endpoints[i].State,
                Order = i,
                Region = _endpoints[i].Region,
            });
        }

        if (targets.Count == 0) { return null; }
        // A provider's own clients retry by themselves; another provider is what they cannot try.
        return new Route(model, RouteStrategy.LeastLoaded, targets) { OwnFormatFirst = true, Retries = targets.Count - 1, RetryBudget = _retries };
    }

    private Route Build(RouteConfig config, string model) => new(config.Model, config.Strategy, [.. config.Targets.Select(t => Build(config, t, model))])
    {
        Retries = config.Retries,
        RepeatsTargets = true,
        Deadline = config.Deadline,
        AttemptTimeout = config.AttemptTimeout,
        HedgeAfter = config.HedgeAfter,
        AffinityBytes = config.AffinityBytes,
        Cache = config.Cache,
    };

    private RouteTarget Build(RouteConfig route, RouteTargetConfig config, string model)
    {
        int index = 0;
        while (_endpoints[index].Provider.Name != config.Provider) { index++; }
        return new RouteTarget
        {
            Endpoint = config.Provider,
            EndpointIndex = index,
            Model = config.Model,
            Facts = _catalog.Find(config.Model ?? model),
            Site = config.Grid is { } grid ? On(grid) : _site,
            Formats = _endpoints[index].Provider.Dialects,
            State = _endpoints[index].StateOf(config.Model ?? route.Model),
            Weight = config.Weight,
            Order = config.Order,
            Tenants = config.Tenants,
            Region = config.Region,
            BodyBytesMax = config.BodyBytesMax,
            InputTokensMax = config.InputTokensMax,
            CanaryBasisPoints = config.CanaryBasisPoints,
            ShadowBasisPoints = config.ShadowBasisPoints,
        };
    }

    private SiteFactors On(Grid grid) => _site with
    {
        GridGramsPerMegawattHour = grid.GramsPerMegawattHour,
        GridMillilitresPerMegawattHour = grid.MillilitresPerMegawattHour,
        Source = $"grid: {grid.Source}; PUE and WUE: {_site.Source}",
    };
}
