using System.Net;
using Gigawatt.Admission.Queues;
using Gigawatt.Configuration.Reading;
using Gigawatt.Placement;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>How a server runs, from its config file and the environment. The format is described in <c>docs/reference/config-file.md</c>.</summary>
public sealed record ServerConfig
{
    /// <summary>Address to listen on; 127.0.0.1 unless set.</summary>
    public string ListenHost { get; init; } = "127.0.0.1";

    /// <summary>Port to listen on, 0 to 65535; 8420 unless set, 0 takes a free one.</summary>
    public int ListenPort { get; init; } = 8420;

    /// <summary>How <see cref="ListenHost"/> speaks TLS; null for plain HTTP.</summary>
    public TlsConfig? Tls { get; init; }

    /// <summary>The address of the control API; null serves it where model calls are served.</summary>
    public AdminConfig? Admin { get; init; }

    /// <summary>Folder of journal, ledger and keys; null is the command line's default.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The fleet file; null is <see cref="FleetFile.LoadDefault"/>.</summary>
    public string? FleetFile { get; init; }

    /// <summary>Who answers model calls, in the order of the file, those of the environment last. Never empty.</summary>
    public required IReadOnlyList<ProviderConfig> Providers { get; init; }

    /// <summary>Whether nobody named a provider, so that <see cref="Providers"/> is the simulated one.</summary>
    public bool ProvidersAreDefault { get; init; }

    /// <summary>Tenants in the order of the file. Never empty.</summary>
    public IReadOnlyList<TenantConfig> Tenants { get; init; } = [TenantConfig.Default];

    /// <summary>Queues and cohorts; none unless set. Whether the fleet has their accelerator types is checked by who loads both.</summary>
    public QueueModel Queues { get; init; } = QueueModel.None;

    /// <summary>Budgets of the whole server, which all tenants share.</summary>
    public IReadOnlyList<BudgetLimit> Budgets { get; init; } = [];

    /// <summary>Rate limits of the whole server, which all tenants share.</summary>
    public IReadOnlyList<RateLimit> Limits { get; init; } = [];

    /// <summary>How many requests run at once, and who waits how long.</summary>
    public GateConfig Gate { get; init; } = new();

    /// <summary>Proxies whose word about a client's address is taken; none unless set.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>What is set of models over the catalogue.</summary>
    public IReadOnlyList<ModelOverride> Models { get; init; } = [];

    /// <summary>Where requests go, by model, in the order of the file; a model without a route goes to any provider that serves it.</summary>
    public IReadOnlyList<RouteConfig> Routes { get; init; } = [];

    /// <summary>Tenants whose data may go to some regions only.</summary>
    public IReadOnlyList<ResidencyConfig> Residency { get; init; } = [];

    /// <summary>Largest request body in bytes; 32 MiB unless set, as the Anthropic API has it.</summary>
    public long MaxBodyBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Most requests of batches under way at once, 1 to 1,000; 8 unless set.</summary>
    public int BatchConcurrency { get; init; } = 8;

    /// <summary>Most bytes that the requests of all kept batches may take; 16 GiB unless set.</summary>
    public long BatchLengthMax { get; init; } = 16L << 30;

    /// <summary>How long a stored response is kept after it was last used; 30 days unless set.</summary>
    public Duration ResponsesKept { get; init; } = Duration.FromSeconds(30 * 24 * 3600);

    /// <summary>Most bytes that stored responses may take; the ones unused for longest go first. 1 GiB unless set.</summary>
    public long ResponsesLengthMax { get; init; } = 1L << 30;

    /// <summary>Web searches that are reserved for a request that allows them without a number, where nothing is set.</summary>
    public const int DefaultWebSearches = 10;

    /// <summary>Web searches that are reserved for a request that allows them without a number, 0 to 1,000.</summary>
    public int WebSearches { get; init; } = DefaultWebSearches;

    /// <summary>Name of the placement policy, one of <see cref="PlacementPolicies.Names"/>.</summary>
    public string PlacementPolicy { get; init; } = PlacementPolicies.Default;

    /// <summary>Silence after which an agent counts as lost and its jobs start again elsewhere; 30 s unless set. Longer than <see cref="AgentLease"/>.</summary>
    public Duration AgentLostAfter { get; init; } = Duration.FromSeconds(30);

    /// <summary>How long an agent that cannot reach the server lets its jobs run on; 15 s unless set.</summary>
    public Duration AgentLease { get; init; } = Duration.FromSeconds(15);

    /// <summary>Name of the site whose factors apply to requests; null is the fleet's first. Whether the fleet has it is checked by who loads both.</summary>
    public string? RequestSite { get; init; }

    /// <summary>Whether <c>/metrics</c> needs no credential; it takes the operator's token unless set.</summary>
    public bool MetricsPublic { get; init; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; paths in it are relative to its folder.</param>
    /// <param name="environment">Environment variables, for keys and for the providers that they name.</param>
    public static Loaded<ServerConfig> Load(string path, IReadOnlyDictionary<string, string> environment)
    {
        var problems = new Problems(path);
        return ConfigFile.ReadText(path, problems) is { } text ? Parse(text, path, environment) : problems.Result<ServerConfig>(() => null!);
    }

    /// <summary>Reads the text of a file. An empty text is valid: everything has a default.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="fileName">What problems call it, and the folder that paths in it are relative to.</param>
    /// <param name="environment">Environment variables, for keys and for the providers that they name.</param>
    public static Loaded<ServerConfig> Parse(string text, string fileName, IReadOnlyDictionary<string, string> environment) =>
        ServerConfigReader.Read(text, fileName, environment);

    /// <summary>The configuration without a file: defaults, and the providers that the environment names.</summary>
    public static Loaded<ServerConfig> FromEnvironment(IReadOnlyDictionary<string, string> environment) => Parse("", "environment", environment);
}
