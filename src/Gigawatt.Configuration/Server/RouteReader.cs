using Gigawatt.Configuration.Reading;
using Gigawatt.Placement.Routing;

namespace Gigawatt.Configuration;

/// <summary>Reads the routes, and where tenants' data may go.</summary>
/// <param name="providers">The providers that could be read.</param>
/// <param name="providerNames">Names of providers that are written, readable or not.</param>
/// <param name="tenantNames">Names of tenants, readable or not.</param>
/// <param name="problems">Where mistakes go.</param>
internal sealed class RouteReader(IReadOnlyList<ProviderConfig> providers, IEnumerable<string> providerNames, IEnumerable<string> tenantNames, Problems problems)
{
    private readonly List<string> _providers = [.. providerNames.Concat(providers.Select(static p => p.Name)).Where(static n => !string.IsNullOrEmpty(n)).Distinct()];
    private readonly List<string> _tenants = [.. tenantNames.Where(static n => !string.IsNullOrEmpty(n)).Distinct()];
    private static readonly Kind<RouteStrategy> Strategy = Kinds.OneOf(
        ("priority", RouteStrategy.Priority), ("weighted", RouteStrategy.Weighted), ("least-loaded", RouteStrategy.LeastLoaded),
        ("lowest-latency", RouteStrategy.LowestLatency), ("lowest-cost", RouteStrategy.LowestCost),
        ("lowest-carbon", RouteStrategy.LowestCarbon), ("prefix-affinity", RouteStrategy.PrefixAffinity));

    private static readonly Kind<int> Retries = Kinds.Whole(0, 10, "2");
    private static readonly Kind<int> Weight = Kinds.Whole(0, 1_000, "1");
    private static readonly Kind<int> Order = Kinds.Whole(1, 1_000, "1");
    private static readonly Kind<int> Tokens = Kinds.Whole(1, 100_000_000, "200000");
    private static readonly Kind<int> Share = new("5%", ReadShare);

    private static readonly Kind<AnswerCacheScope> CacheScope = Kinds.OneOf(
        ("tenant", AnswerCacheScope.Tenant), ("project", AnswerCacheScope.Project), ("key", AnswerCacheScope.Key));

    private readonly List<string> _regions = [];

    /// <summary>Regions that are written elsewhere.</summary>
    public void AddRegions(IEnumerable<string> regions) => _regions.AddRange(regions);

    /// <summary>The routes in the order of the file.</summary>
    public List<RouteConfig> ReadRoutes(MapReader root)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var routes = new List<RouteConfig>();
        foreach (MapReader map in root.Blocks("routes", "route"))
        {
            string model = map.Require("model", Kinds.ModelPattern);
            if (model is not null && !lines.TryAdd(model, map.Where("model").Line))
            {
                map.Wrong("model", $"{Numbers.Quote(model)} has a route already, on line {lines[model]}; put all its targets into one route");
            }

            routes.Add(ReadRoute(map, model ?? ""));
            map.Close();
        }

        return routes;
    }

    /// <summary>Where tenants' data may go; read behind the routes, whose regions it names.</summary>
    public List<ResidencyConfig> ReadResidency(MapReader root)
    {
        var all = new List<ResidencyConfig>();
        if (root.Block("residency", "residency") is not { } map) { return all; }
        foreach (TextNode name in map.Names.ToArray())
        {
            int before = problems.Count;
            IReadOnlyList<string> regions = map.Texts(name.Text, Kinds.Text with { Example = "eu" }, []);
            if (IsDangling(name.Text, "tenants", _tenants)) { map.WrongName(name, $"residency: {Unknown(name.Text, "tenants", _tenants)}"); }
            if (regions.Count == 0 && problems.Count == before) { map.Wrong(name.Text, "name at least one region, or remove the line"); }
            foreach (string region in regions.Where(r => !problems.IsUnread("routes") && !problems.IsUnread("providers") && !_regions.Contains(r) && !providers.Any(p => p.Region == r)))
            {
                map.Wrong(name.Text, $"no provider and no target of a route has the region {Numbers.Quote(region)}; write region: {region} at one, or remove it here");
            }

            all.Add(new(name.Text, regions));
        }

        map.Close();
        return all;
    }

    private RouteConfig ReadRoute(MapReader map, string model)
    {
        var read = new List<(MapReader Map, RouteTargetConfig Target)>();
        foreach (MapReader target in map.RequireBlocks("targets", "target")) { read.Add((target, ReadTarget(target, read.Count + 1, model))); }
        CheckTargets(map, read);
        // Whoever gives weights and no order wants shares: with an order from the list the weights would mean nothing.
        bool shares = read.Exists(static r => r.Map.Has("weight")) && !read.Exists(static r => r.Map.Has("order"));
        RouteStrategy strategy = map.Read("strategy", Strategy, shares ? RouteStrategy.Weighted : RouteStrategy.Priority);
        var defaults = new RouteConfig(model, strategy, [.. read.Select(r => r.Target)]);
        RouteConfig route = defaults with
        {
            Retries = map.Read("retries", Retries, defaults.Retries),
            Deadline = map.ReadOrNull("deadline", Kinds.Time with { Example = "10m" }),
            AttemptTimeout = map.ReadOrNull("attempt-timeout", Kinds.Time with { Example = "60s" }),
            HedgeAfter = map.ReadOrNull("hedge-after", Kinds.Time with { Example = "2s" }),
            AffinityBytes = (int)Math.Min(1 << 20, map.Read("affinity-prefix", Kinds.Bytes with { Example = "8KiB" }, defaults.AffinityBytes)),
            Cache = ReadCache(map),
        };
        CheckTimes(map, route);
        if (map.Has("affinity-prefix") && strategy != RouteStrategy.PrefixAffinity) { map.Wrong("affinity-prefix", "only strategy: prefix-affinity looks at the prompt; remove the field, or set that strategy"); }
        return route;
    }

    private static AnswerCachePolicy? ReadCache(MapReader route)
    {
        if (route.Block("cache", "cache") is not { } map) { return null; }
        var cache = new AnswerCachePolicy(
            map.Require("ttl", Kinds.Time with { Example = "10m" }),
            map.Read("max-bytes", Kinds.Bytes with { Example = "64MiB" }, 64L << 20),
            map.Read("scope", CacheScope, AnswerCacheScope.Tenant));
        if (cache.BytesMax is < 1 << 20 or > 64L << 30) { map.Wrong("max-bytes", "write a size from 1MiB to 64GiB"); }
        map.Close();
        return cache;
    }

    private RouteTargetConfig ReadTarget(MapReader map, int place, string model)
    {
        // Any text: what is declared decides, and says by itself what is wrong with its name.
        string provider = map.Require("provider", Kinds.Text with { Example = "my-provider" });
        if (provider is not null && IsDangling(provider, "providers", _providers)) { map.Wrong("provider", Unknown(provider, "providers", _providers)); }
        var target = new RouteTargetConfig(provider ?? "", map.ReadTextOrNull("model", Kinds.Text, "claude-sonnet-4-5"))
        {
            Weight = map.Read("weight", Weight, 1),
            Order = map.Read("order", Order, place),
            Tenants = map.Texts("tenants", Kinds.Text with { Example = "my-tenant" }, []),
            Region = map.ReadTextOrNull("region", Kinds.Name, "eu") ?? providers.FirstOrDefault(p => p.Name == provider)?.Region,
            Grid = ReadGrid(map),
            BodyBytesMax = map.Read("max-body", Kinds.Bytes with { Example = "1MiB" }, long.MaxValue),
            InputTokensMax = map.ReadOrNull("max-input-tokens", Tokens) ?? long.MaxValue,
            CanaryBasisPoints = map.Read("canary", Share, 0),
            ShadowBasisPoints = map.Read("shadow", Share, 0),
        };
        if (target.Model is { } name && name.Any(static c => c is <= ' ' or > '~')) { map.Wrong("model", $"{Numbers.Quote(name)} is not the name of a model; write it without spaces, in ASCII"); }
        foreach (string tenant in target.Tenants.Where(t => IsDangling(t, "tenants", _tenants))) { map.Wrong("tenants", Unknown(tenant, "tenants", _tenants)); }
        if (target.CanaryBasisPoints > 0 && target.ShadowBasisPoints > 0) { map.Wrong("shadow", "a target is a canary or a shadow, not both; keep one of the two"); }
        // As it is written: a region that is no name is one mistake, here.
        if (target.Region is { } region) { _regions.Add(region); }
        else if (map.Find("region") is TextNode wrong) { _regions.Add(wrong.Text); }
        map.Close();
        return target with { Model = target.Model == model ? null : target.Model };
    }

    private void CheckTargets(MapReader route, List<(MapReader Map, RouteTargetConfig Target)> read)
    {
        if (read.Count > Route.TargetsMax) { route.Wrong("targets", $"a route has at most {Route.TargetsMax} targets; this one has {read.Count}"); }
        var normal = read.Where(r => r.Target is { ShadowBasisPoints: 0, CanaryBasisPoints: 0 }).ToList();
        if (read.Count > 0 && normal.Count == 0) { route.Wrong("targets", "all targets are canaries or shadows; add one for the rest of the requests"); }
        if (normal.Count > 0 && normal.TrueForAll(r => r.Target.Weight == 0)) { route.Wrong("targets", "every target has the weight 0, so none would get a request; give at least one a weight of 1 or more"); }
        if (read.Sum(r => r.Target.CanaryBasisPoints) > 10_000) { route.Wrong("targets", "the canaries' shares add up to more than 100%; lower them"); }
        for (int i = 0; i < read.Count; i++)
        {
            (MapReader map, RouteTargetConfig target) = read[i];
            if (target.Provider.Length == 0) { continue; }
            int before = read.FindIndex(r => r.Target.Provider == target.Provider && r.Target.Model == target.Model
                && (r.Target.Tenants.SequenceEqual(target.Tenants) || r.Target.ShadowBasisPoints + target.ShadowBasisPoints > 0));
            if (before == i) { continue; }
            problems.Add(map.At, target.ShadowBasisPoints > 0 || read[before].Target.ShadowBasisPoints > 0
                ? $"shadow: {Numbers.Quote(target.Provider)} would get a copy of what it answers itself (line {read[before].Map.At.Line}); name another provider or model"
                : $"this target is the same as the one on line {read[before].Map.At.Line}; remove one, or change its provider, model or tenants");
        }
    }

    private static void CheckTimes(MapReader map, RouteConfig route)
    {
        int reachable = route.Targets.Count(t => t.ShadowBasisPoints == 0);
        if (route.HedgeAfter is not null && reachable < 2 && route.Targets.Count > 0) { map.Wrong("hedge-after", "a second target is asked when the first is silent, and the route has one; add a target, or remove the field"); }
        if (route.AttemptTimeout >= route.Deadline) { map.Wrong("attempt-timeout", $"{route.AttemptTimeout} is not shorter than the deadline of {route.Deadline} for the whole request"); }
        if (route.HedgeAfter >= (route.AttemptTimeout ?? route.Deadline)) { map.Wrong("hedge-after", $"after {route.HedgeAfter} the attempt is over already; make it shorter than attempt-timeout and deadline"); }
    }

    private static Grid? ReadGrid(MapReader map)
    {
        if (map.Single("grid", "pjm") is not { } name) { return null; }
        if (Catalog.Load().FindGrid(name.Text) is { } known) { return known; }
        map.Wrong("grid", Kinds.Unknown(name.Text, Catalog.Load().Grids.Select(g => g.Name)));
        return null;
    }

    private bool IsDangling(string name, string list, List<string> names) => !problems.IsUnread(list) && !names.Contains(name);

    private static string Unknown(string name, string list, IEnumerable<string> names) =>
        $"{Numbers.Quote(name)} is not declared under {list}; " + (NearestName.Of(name, names) is { } near ? $"did you mean {Numbers.Quote(near)}?" : $"write one of {string.Join(", ", names)}");

    private static string? ReadShare(string text, out int value)
    {
        value = 0;
        string trimmed = text.Trim();
        if (!trimmed.EndsWith('%') || !Numbers.TryRead(trimmed[..^1].TrimEnd(), out decimal percent)) { return $"{Numbers.Quote(text)} is not a share; write one such as 5%"; }
        if (percent is <= 0 or > 100) { return $"{Numbers.Quote(text)} is out of range; write a share of more than 0% and at most 100%"; }
        if (percent * 100 % 1 != 0) { return $"{Numbers.Quote(text)} has more than two decimals; write a share such as 0.05%"; }
        value = (int)(percent * 100);
        return null;
    }
}
