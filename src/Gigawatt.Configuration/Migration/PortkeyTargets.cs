namespace Gigawatt.Configuration.Migration;

/// <summary>What a block of a Portkey config comes to: targets with shares and places in the order of failover.</summary>
/// <param name="Targets">The targets; none when nothing of it can be carried over.</param>
internal sealed record PortkeyGroup(IReadOnlyList<DraftTarget> Targets)
{
    public int? Retries { get; init; }

    public long? TimeoutMs { get; init; }

    public long? CacheSeconds { get; init; }
}

/// <summary>Reads a Portkey config's targets, which may have targets of their own, into one list.</summary>
internal sealed class PortkeyTargets(DraftProviders providers)
{
    private const int DepthMax = 8;

    /// <summary>Reads a block that either is a target or has targets.</summary>
    public PortkeyGroup Read(ForeignMap map, int depth)
    {
        ForeignMap? strategy = map.Map("strategy");
        PortkeyGroup group;
        if (!map.Has("targets")) { group = new(One(map)); }
        else if (depth > DepthMax)
        {
            map.Drop("targets", "targets within targets are carried over to a depth of eight");
            group = new([]);
        }
        else { group = Several(map, strategy, depth); }
        PortkeyGroup common = ReadCommon(map);
        strategy?.Skip("mode");
        strategy?.Drop("on_status_codes", "what another target is asked for is decided by what the answer means: connections that fail, 408, 429 and 5xx");
        strategy?.DropRest("our file has nothing of this kind");
        return group with
        {
            Retries = group.Retries ?? common.Retries,
            TimeoutMs = group.TimeoutMs ?? common.TimeoutMs,
            CacheSeconds = common.CacheSeconds ?? group.CacheSeconds,
        };
    }

    /// <summary>Reads what a target and a whole config have alike.</summary>
    public static PortkeyGroup ReadCommon(ForeignMap map)
    {
        int? retries = null;
        if (map.Map("retry") is { } retry)
        {
            retries = retry.Number("attempts") is { } attempts ? (int)Math.Min(10, attempts) : null;
            retry.Skip("use_retry_after_header");
            retry.Drop("on_status_codes", "what is tried again is decided by what the answer means: connections that fail, 408, 429 and 5xx");
            retry.DropRest("our file has nothing of this kind");
        }

        long? timeout = map.Number("request_timeout") is > 0 and < 100_000_000_000 and { } ms ? (long)ms : null;
        long? cache = CacheSeconds(map);
        foreach (string name in (ReadOnlySpan<string>)["input_guardrails", "output_guardrails", "default_input_guardrails", "default_output_guardrails", "before_request_hooks", "after_request_hooks"])
        {
            map.Drop(name, "Gigawatt has no guardrails");
        }

        map.Drop("integrations", "these are settings of the gateway itself; add a provider for each");
        map.Skip("name", "weight", "id", "description", "strict_open_ai_compliance", "version", "object");
        map.DropRest("our file has nothing of this kind");
        return new([]) { Retries = retries, TimeoutMs = timeout, CacheSeconds = cache };
    }

    // A week, unless told otherwise (portkey.ai/docs, "Cache (Simple & Semantic)").
    private static long? CacheSeconds(ForeignMap map)
    {
        if (map.Items("cache") is [Reading.TextNode { Text: "simple" }]) { return 604_800; }
        if (map.Items("cache") is not [Reading.MapNode] || map.Map("cache") is not { } cache)
        {
            if (map.IsSet("cache")) { map.Note("cache", "answers are given again to equal requests only; add cache: to the route if that is meant"); }
            return null;
        }

        decimal seconds = cache.Number("max_age") ?? 604_800;
        if (cache.Has("max_age")) { cache.Note("max_age", "this is taken for seconds, as Portkey's documentation has it"); }
        bool simple = cache.Text("mode") is null or "simple";
        if (!simple) { cache.Note("mode", "answers are given again to equal requests only; add cache: to the route if that is meant"); }
        cache.DropRest("our file has nothing of this kind");
        return simple && seconds is >= 1 and <= 31_536_000 ? (long)seconds : null;
    }

    private PortkeyGroup Several(ForeignMap map, ForeignMap? strategy, int depth)
    {
        string mode = strategy?.Text("mode") ?? "single";
        if (mode is not ("single" or "loadbalance" or "fallback"))
        {
            strategy?.Note("mode", mode == "conditional" ? "conditions within targets are not carried over; the targets share the requests" : "there is no such strategy; the targets share the requests");
        }

        List<DraftTarget> all = [];
        int? retries = null;
        long? timeout = null, cache = null;
        foreach (ForeignMap target in map.Maps("targets"))
        {
            decimal weight = target.Number("weight") ?? 1;
            PortkeyGroup inner = Read(target, depth + 1);
            retries = Max(retries, inner.Retries);
            timeout = Max(timeout, inner.TimeoutMs);
            cache = Min(cache, inner.CacheSeconds);
            if (inner.Targets.Count == 0) { continue; }
            if (mode == "fallback")
            {
                int last = all.Count == 0 ? 0 : all.Max(t => t.Order);
                all.AddRange(inner.Targets.Select(t => t with { Order = last + t.Order }));
                continue;
            }

            if (mode == "single" && all.Count > 0)
            {
                target.Note("", "the strategy is single, so only the first target is used");
                continue;
            }

            if (inner.Targets.Any(t => t.Order > 1)) { target.Note("strategy", "targets that share requests fail over to one another here, not each to its own order"); }
            decimal sum = inner.Targets.Where(t => t.Order == 1).Sum(t => t.Share);
            all.AddRange(inner.Targets.Select(t => t with { Share = t.Order == 1 && sum > 0 ? weight * t.Share / sum : 0, Order = 1 }));
        }

        return new(all) { Retries = retries, TimeoutMs = timeout, CacheSeconds = cache };
    }

    private List<DraftTarget> One(ForeignMap map)
    {
        if (VendorOf(map) is not { } vendor) { return []; }
        var provider = new DraftProvider(vendor);
        switch (vendor.Kind)
        {
            case "bedrock":
                provider = provider with { Region = providers.Plain(map, "aws_region") };
                foreach (string name in (ReadOnlySpan<string>)["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_role_arn", "aws_external_id", "aws_auth_type"])
                {
                    map.Drop(name, "credentials are those of the machine: AWS's own environment variables, profile or role");
                }

                break;
            case "vertex":
                provider = provider with { Project = providers.Plain(map, "vertex_project_id"), Location = providers.Plain(map, "vertex_region") };
                map.Drop("vertex_service_account_json", "the service account is not copied; save it to a file and name that with key-file");
                break;
            case "azure-openai" or "foundry":
                if (Azure(map, provider) is not { } azure) { return []; }
                provider = azure;
                break;
        }

        string? deployment = map.Text("deployment_id") ?? map.Text("azure_deployment_name");
        if (vendor.Kind is not ("bedrock" or "vertex")) { provider = provider with { KeyVariable = KeyOf(map, vendor) }; }
        if (vendor.Kind is not ("azure-openai" or "foundry"))
        {
            if (providers.At(provider, map, "custom_host") is not { } placed) { return []; }
            provider = placed;
        }

        foreach (string name in (ReadOnlySpan<string>)["openai_organization", "openai_project"]) { map.Drop(name, "the organisation's header is not sent; use a key of that organisation"); }
        return [new(providers.NameOf(provider), ModelOf(map) ?? deployment, 1, 1)];
    }

    private static Vendor? VendorOf(ForeignMap map)
    {
        if (map.Text("provider") is { } named)
        {
            if (Vendor.Find(named) is { } vendor) { return vendor; }
            if (named.StartsWith('@') && Vendor.GuessFrom(named) is { } meant)
            {
                map.Note("provider", $"what is behind this name is kept by Portkey; from the name it is taken to be {meant.Name}");
                return meant;
            }

            if (map.Has("custom_host")) { return Vendor.Find("own"); }
            map.Note("provider", "this is not a provider that Gigawatt can call; if it speaks OpenAI's API, add it by hand as kind: openai with its url");
            return null;
        }

        if (map.Text("virtual_key") is { } key && Vendor.GuessFrom(key) is { } guessed)
        {
            map.Note("virtual_key", $"what is behind a virtual key is kept by Portkey; from its name it is taken to be {guessed.Name}");
            return guessed;
        }

        map.Note(map.Has("virtual_key") ? "virtual_key" : "provider", "which provider this is cannot be told; add it by hand");
        map.Skip("api_key", "override_params", "virtual_key");
        return null;
    }

    private string? KeyOf(ForeignMap map, Vendor vendor)
    {
        bool kept = map.Has("virtual_key") || map.Text("provider")?.StartsWith('@') == true;
        if (!map.Has("api_key") && kept)
        {
            string field = map.Has("virtual_key") ? "virtual_key" : "provider";
            string variable = providers.VariableOfLiteral(vendor, map.Text(field)!);
            map.Note(field, $"the key is in Portkey's vault; put it into the environment variable {variable}");
            return variable;
        }

        map.Skip("virtual_key");
        if (!map.Has("api_key") && map.Has("custom_host"))
        {
            map.Note("custom_host", "Portkey passes the clients' own keys on to this address; here it is called without a key unless key-env names one");
            return null;
        }

        return providers.KeyVariable(map, "api_key", vendor);
    }

    private DraftProvider? Azure(ForeignMap map, DraftProvider provider)
    {
        string? version = providers.Plain(map, "api_version") ?? providers.Plain(map, "azure_api_version");
        if (provider.Vendor.Kind == "azure-openai") { provider = provider with { ApiVersion = version is null or "latest" or "preview" or "v1" ? null : version }; }
        foreach (string name in (ReadOnlySpan<string>)["azure_auth_mode", "azure_entra_client_id", "azure_entra_client_secret", "azure_entra_tenant_id", "azure_managed_client_id", "azure_ad_token", "ad_auth"])
        {
            map.Drop(name, "without key-env the provider asks Entra ID with the machine's own credentials");
        }

        map.Skip("azure_model_name");
        if (map.Text("resource_name") is { Length: > 0 } resource) { return provider with { Resource = resource }; }
        string field = map.Has("azure_foundry_url") ? "azure_foundry_url" : "custom_host";
        if (map.Has(field)) { return providers.At(provider, map, field); }
        map.Note("resource_name", "the resource's name is kept by Portkey; write it into the new file as resource");
        return provider with { Url = $"https://{provider.Vendor.Name}.invalid" };
    }

    private static string? ModelOf(ForeignMap map)
    {
        if (map.Map("override_params") is not { } parameters) { return null; }
        string? model = parameters.Text("model");
        parameters.DropRest("the gateway sets no parameters of requests; let the clients send it");
        if (model?.StartsWith('@') == true && model.IndexOf('/', StringComparison.Ordinal) is var slash and > 0) { model = model[(slash + 1)..]; }
        if (model is null || (model.Length > 0 && !model.Any(static c => c is <= ' ' or > '~'))) { return model; }
        parameters.Note("model", "a model's name here has no spaces; write it into the new file by hand");
        return null;
    }

    private static long? Min(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);

    private static T? Max<T>(T? a, T? b) where T : struct, IComparable<T> =>
        a is null ? b : b is null ? a : a.Value.CompareTo(b.Value) >= 0 ? a : b;
}
