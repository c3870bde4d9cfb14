using System.Globalization;
using System.Net;
using Gigawatt.Configuration.Reading;
using Gigawatt.Placement;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>Reads a server's config file.</summary>
internal static class ServerConfigReader
{
    private static readonly Kind<(string Host, int Port)> Address = new("127.0.0.1:8420", ReadAddress);
    private static readonly Kind<string> Policy = Kinds.OneOf(
        // A server knows nothing of the work to come, which some policies of simulations need.
        [.. PlacementPolicies.Names.Where(n => PlacementPolicies.Create(n, new PlacementOptions()) is not null).Select(n => (n, n))]);
    private static readonly Kind<bool> Metrics = Kinds.OneOf(("operator", false), ("public", true));
    private static readonly Kind<int> WebSearches = Kinds.Whole(0, 1_000, "10");
    private static readonly Kind<int> Tokens = Kinds.Whole(1, 10_000_000, "8192");

    public static Loaded<ServerConfig> Read(string text, string fileName, IReadOnlyDictionary<string, string> environment)
    {
        var problems = new Problems(fileName);
        if (ConfigFile.ReadRoot(text, "config", problems) is not { } root) { return problems.Result<ServerConfig>(() => null!); }
        string folder = Path.GetDirectoryName(fileName) ?? "";
        var defaults = new ServerConfig { Providers = [] };
        NoteUnread(root, problems, "providers", "tenants", "queues", "cohorts");
        var tls = new TlsReader(folder, environment, problems);
        (string host, int port) = root.Read("listen", Address, (defaults.ListenHost, defaults.ListenPort));
        ServerConfig config = defaults with
        {
            ListenHost = host,
            ListenPort = port,
            Tls = tls.Read(root),
            Admin = tls.ReadAdmin(root, Address),
            DataFolder = ReadPath(root, "data", ".gigawatt", folder),
            FleetFile = ReadPath(root, "fleet", "fleet.yaml", folder),
            PlacementPolicy = root.Read("policy", Policy, defaults.PlacementPolicy),
            RequestSite = root.ReadTextOrNull("site", Kinds.Name, "my-site"),
            Providers = ProviderReader.ReadAll(root, folder, tls, environment, problems),
            Tenants = TenantReader.ReadAll(root, problems),
            Budgets = TenantReader.Budgets(root, "budgets", problems, []),
            TrustedProxies = AddressRanges.Read(root, "trusted-proxies", problems),
            Models = ReadModels(root, problems),
            MetricsPublic = root.Read("metrics", Metrics, false),
        };
        config = config with { ProvidersAreDefault = !root.Has("providers") && config.Providers is [{ Kind: ProviderKind.Simulated }] };
        IEnumerable<string> tenants = TextsOf(root, "tenants", "name").Concat(config.Tenants.Select(static t => t.Name));
        config = config with { Queues = new QueueReader(root, problems).Read(config.Tenants, [.. tenants]) };
        var routes = new RouteReader(config.Providers, TextsOf(root, "providers", "name"), tenants, problems);
        routes.AddRegions(TextsOf(root, "providers", "region"));
        config = config with { Routes = routes.ReadRoutes(root), Residency = routes.ReadResidency(root) };
        config = StoreReader.Read(root, ReadLimits(root, ReadAgents(root, config, problems), problems));
        root.Close();
        return problems.Result(() => config);
    }

    // What refers to names in a list that could not be read is not wrong for that.
    private static void NoteUnread(MapReader root, Problems problems, params ReadOnlySpan<string> lists)
    {
        foreach (string list in lists)
        {
            if (root.Meant(list) is not null || (root.Has(list) && root.Where(list) is not (ListNode or TextNode { IsEmpty: true }))) { problems.Unread(list); }
        }
    }

    // As they are written, whatever else is wrong with the items: what refers to one of them means it.
    private static IEnumerable<string> TextsOf(MapReader root, string list, string field)
    {
        foreach (Node item in (root.Where(list) as ListNode)?.Items ?? [])
        {
            Node? text = item is MapNode map
                ? map.Fields.Find(f => f.Name.Text == field).Value ?? map.Fields.Find(f => NearestName.Of(f.Name.Text, [field]) is not null).Value
                : item;
            if (text is TextNode found) { yield return found.Text; }
        }
    }

    private static string? ReadPath(MapReader map, string field, string example, string folder) =>
        map.ReadTextOrNull(field, Kinds.Text, example) is { } path ? Path.Combine(folder, path) : null;

    private static List<ModelOverride> ReadModels(MapReader root, Problems problems)
    {
        var names = new NameTable("model", "models", problems);
        var models = new List<ModelOverride>();
        foreach (MapReader map in root.Blocks("models", "model"))
        {
            string name = map.Require("name", Kinds.ModelPattern);
            names.Add(map.Where("name"), name);
            models.Add(new ModelOverride(name)
            {
                InputPerMillion = map.ReadOrNull("input-per-million", Kinds.Dollars),
                OutputPerMillion = map.ReadOrNull("output-per-million", Kinds.Dollars),
                CacheReadPerMillion = map.ReadOrNull("cache-read-per-million", Kinds.Dollars),
                CacheWritePerMillion = map.ReadOrNull("cache-write-per-million", Kinds.Dollars),
                CacheWriteHourPerMillion = map.ReadOrNull("cache-write-1h-per-million", Kinds.Dollars),
                WebSearchPerThousand = map.ReadOrNull("web-search-per-thousand", Kinds.Dollars),
                MaxOutputTokens = map.ReadOrNull("max-output-tokens", Tokens),
                MicrojoulesPerInputToken = map.ReadOrNull("energy-per-input-token", Kinds.Microjoules),
                MicrojoulesPerOutputToken = map.ReadOrNull("energy-per-output-token", Kinds.Microjoules),
            });
            map.Close();
        }

        return models;
    }

    private static ServerConfig ReadLimits(MapReader root, ServerConfig config, Problems problems)
    {
        if (root.Block("limits", "limit") is not { } map) { return config; }
        config = config with
        {
            MaxBodyBytes = map.Read("max-body", Kinds.Bytes with { Example = "32MiB" }, config.MaxBodyBytes),
            WebSearches = map.Read("web-searches", WebSearches, config.WebSearches),
            Limits = TenantReader.Limits(map, "rates", problems),
            Gate = GateReader.Read(map, config.Gate),
        };
        map.Close();
        return config;
    }

    private static ServerConfig ReadAgents(MapReader root, ServerConfig config, Problems problems)
    {
        if (root.Block("agents", "agent") is not { } map) { return config; }
        int before = problems.Count;
        config = config with
        {
            AgentLostAfter = map.Read("lost-after", Kinds.Time with { Example = "30s" }, config.AgentLostAfter),
            AgentLease = map.Read("lease", Kinds.Time with { Example = "15s" }, config.AgentLease),
        };
        if (problems.Count == before && config.AgentLostAfter <= config.AgentLease)
        {
            // Else a job could start elsewhere while its old agent still runs it.
            map.Wrong(map.Has("lost-after") ? "lost-after" : "lease",
                $"an agent is lost after {config.AgentLostAfter} and runs its jobs for {config.AgentLease} without the server; make lost-after longer than lease, or a job may run twice at once");
        }

        map.Close();
        return config;
    }

    private static string? ReadAddress(string text, out (string Host, int Port) value)
    {
        int colon = text.LastIndexOf(':');
        value = (colon < 0 ? "" : text[..colon].TrimStart('[').TrimEnd(']'), 0);
        bool isHost = value.Host == "localhost" || IPAddress.TryParse(value.Host, out _);
        bool isPort = ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port);
        value.Port = port;
        return isHost && isPort ? null : $"{Numbers.Quote(text)} is not an address to listen on; write an IP address and a port such as 127.0.0.1:8420";
    }
}
