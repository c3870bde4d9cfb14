using System.Globalization;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration.Migration;

/// <summary>Makes routes of LiteLLM's deployments and of what its router does with them.</summary>
internal sealed class LiteLlmRoutes(Draft draft, IReadOnlyList<LiteLlmDeployment> deployments)
{
    private readonly Dictionary<string, List<string>> _fallbacks = new(StringComparer.Ordinal);
    private readonly List<string> _anyFallbacks = [];
    private ForeignMap _router = null!;
    private string _strategy = "weighted";
    private int? _retries;
    private long? _timeoutMs;
    private long? _cacheSeconds;

    /// <summary>Reads the router's fields, and those of the settings that mean the same, and adds the routes.</summary>
    public void Read(ForeignMap router, ForeignMap settings)
    {
        _router = router;
        ReadStrategy();
        ReadFallbacks(router);
        ReadFallbacks(settings);
        // Both are read, so that neither is noted; the router's own holds.
        decimal? general = settings.Number("num_retries"), seconds = settings.Number("request_timeout");
        _retries = Retries(router.Number("num_retries") ?? general);
        _timeoutMs = Milliseconds(router.Number("timeout") ?? seconds);
        _cacheSeconds = CacheSeconds(settings);
        string[] groups = [.. deployments.Select(d => d.Group).Distinct(StringComparer.Ordinal)];
        foreach (string group in groups) { AddRoute(group, group); }
        ReadAliases(groups);
        NoteRates();
    }

    // LiteLLM keeps answers for ten minutes unless it is told otherwise (docs.litellm.ai, "Caching").
    private static long? CacheSeconds(ForeignMap settings)
    {
        bool on = settings.IsSet("cache");
        ForeignMap? parameters = settings.Map("cache_params");
        string type = parameters?.Text("type") ?? "local";
        bool always = parameters?.Text("mode") is null or "default_on";
        decimal seconds = parameters?.Number("ttl") ?? 600;
        if (!on) { return null; }
        if (!always || type.Contains("semantic", StringComparison.Ordinal) || seconds is < 1 or > 31_536_000)
        {
            settings.Note("cache", always ? "answers are given again to equal requests only, for a second to a year" : "a route keeps answers or it does not, so none does; add cache: to those that should");
            return null;
        }

        parameters?.DropRest("answers are kept in the server's memory");
        if (type != "local") { parameters!.Note("type", "answers are kept in the server's memory, each tenant's apart"); }
        return (long)seconds;
    }

    private void ReadStrategy()
    {
        string strategy = _router.Text("routing_strategy") ?? "simple-shuffle";
        _strategy = strategy switch
        {
            "least-busy" or "usage-based-routing" or "usage-based-routing-v2" => "least-loaded",
            "latency-based-routing" => "lowest-latency",
            "cost-based-routing" => "lowest-cost",
            _ => "weighted",
        };
        if (strategy.StartsWith("usage-based", StringComparison.Ordinal)) { _router.Note("routing_strategy", "least-loaded takes its place: fewest calls under way, not fewest tokens in a minute"); }
        else if (_strategy == "weighted" && strategy != "simple-shuffle") { _router.Note("routing_strategy", "there is no such strategy; weighted takes its place"); }
    }

    private void ReadFallbacks(ForeignMap map)
    {
        foreach (ForeignMap entry in map.Maps("fallbacks"))
        {
            foreach (string group in entry.Names)
            {
                List<string> to = [.. entry.Texts(group)];
                if (group == "*") { _anyFallbacks.AddRange(to); }
                else if (deployments.Any(d => d.Group == group)) { _fallbacks.TryAdd(group, to); }
                else { entry.Note(group, "no deployment of this name is carried over"); }
                foreach (string missing in to.Where(name => !deployments.Any(d => d.Group == name)))
                {
                    entry.Note(group, $"{Numbers.Quote(missing)} has no deployment that is carried over, so it is not failed over to");
                }
            }
        }

        _anyFallbacks.AddRange(map.Texts("default_fallbacks").Where(name => deployments.Any(d => d.Group == name)));
        map.Drop("context_window_fallbacks", "failover does not look at how long a prompt is; give targets max-input-tokens where that is meant");
        map.Drop("content_policy_fallbacks", "an answer that refuses is an answer, and is not asked for again elsewhere");
        map.Skip("max_fallbacks");
    }

    private void ReadAliases(string[] groups)
    {
        if (_router.Map("model_group_alias") is not { } aliases) { return; }
        foreach (string alias in aliases.Names)
        {
            string? group = aliases.Items(alias) is [TextNode text] ? text.Text : aliases.Map(alias)?.Text("model");
            if (group is null || !groups.Contains(group)) { aliases.Note(alias, "it stands for a model of which no deployment is carried over"); }
            else if (draft.Routes.Exists(r => r.Model == alias)) { aliases.Note(alias, "a model of this name is in the model list, and holds"); }
            else { AddRoute(alias, group); }
        }
    }

    private void AddRoute(string name, string group)
    {
        LiteLlmDeployment[] own = [.. deployments.Where(d => d.Group == group)];
        List<DraftTarget> targets = [.. Targets(own, name, firstOrder: 0)];
        bool ordered = own.Select(d => d.Order).Distinct().Count() > 1;
        foreach (string fallback in (_fallbacks.GetValueOrDefault(group) ?? _anyFallbacks).Where(f => f != group))
        {
            // A pattern's targets are asked for the name that the client wrote, which another group's know nothing of.
            LiteLlmDeployment[] others = [.. deployments.Where(d => d.Group == fallback && !d.Group.EndsWith('*'))];
            if (others.Length == 0) { continue; }
            targets.AddRange(Targets(others, name, targets.Max(t => t.Order)));
            ordered = true;
        }

        if (ordered && _strategy != "weighted")
        {
            _router.Note("routing_strategy", $"{Numbers.Quote(name)} fails over in an order, which is the strategy priority; targets of equal order share by weight there");
        }

        draft.Routes.Add(new DraftRoute(name, ordered ? "priority" : _strategy, DraftRoutes.Tidy(targets, message => _router.Note("fallbacks", $"{Numbers.Quote(name)}: {message}")))
        {
            Retries = Retries(own.Max(d => d.Retries)) ?? _retries,
            CacheSeconds = _cacheSeconds,
            AttemptTimeoutMs = Milliseconds(own.Max(d => d.TimeoutSeconds)) ?? _timeoutMs,
        });
    }

    private static IEnumerable<DraftTarget> Targets(LiteLlmDeployment[] group, string route, int firstOrder)
    {
        // As LiteLLM's simple-shuffle has it: by weight where there is one, else by requests or tokens a minute, else equally.
        Func<LiteLlmDeployment, decimal?> share = group.Any(d => d.Weight is not null) ? static d => d.Weight
            : group.Any(d => d.RequestsPerMinute is not null) ? static d => d.RequestsPerMinute
            : static d => d.TokensPerMinute;
        bool shared = group.Any(d => share(d) is not null);
        return group.Select(d =>
        {
            string? model = d.Model ?? (d.Group.EndsWith('*') ? null : d.Group);
            return new DraftTarget(d.Provider, model == route ? null : model, shared ? share(d) ?? 0 : 1, firstOrder + Math.Max(1, d.Order)) { Region = d.Region };
        });
    }

    private int? Retries(decimal? number)
    {
        if (number is null) { return null; }
        if (number > 10) { _router.Note("num_retries", "a route tries again at most 10 times"); }
        return (int)Math.Min(10, number.Value);
    }

    private static long? Milliseconds(decimal? seconds) => seconds is > 0 and < 100_000_000 ? (long)(seconds.Value * 1_000) : null;

    private void NoteRates()
    {
        if (deployments.Any(d => d.RequestsPerMinute is not null || d.TokensPerMinute is not null))
        {
            _router.Note("rpm, tpm", "rates of deployments are carried over as shares only; a provider's own 429 makes a request go elsewhere; for a limit write one such as 500 requests per minute for gpt-4o under limits: rates:, or at a tenant");
        }
    }
}
