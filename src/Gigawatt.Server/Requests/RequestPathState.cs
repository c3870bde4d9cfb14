using Gigawatt.Configuration;
using Gigawatt.Metering;
using Gigawatt.Models;

namespace Gigawatt.Server.Requests;

/// <summary>What configuration gives to the data path. Immutable: a change of configuration swaps the whole.</summary>
/// <param name="Endpoints">In the operator's order of preference, their names all different.</param>
/// <param name="Catalog">Prices, bounds and energy of models.</param>
/// <param name="Site">What a joule of IT energy means where nothing else is said of a target.</param>
/// <param name="RouteConfigs">The configured routes; null for none.</param>
/// <param name="ResidencyConfigs">Tenants whose data may go to some regions only; null for none.</param>
internal sealed record RequestPathState(
    IReadOnlyList<ModelEndpoint> Endpoints,
    ModelCatalog Catalog,
    SiteFactors Site,
    IReadOnlyList<RouteConfig>? RouteConfigs = null,
    IReadOnlyList<ResidencyConfig>? ResidencyConfigs = null)
{
    private readonly Dictionary<string, IReadOnlyList<string>> _residency =
        (ResidencyConfigs ?? []).ToDictionary(static r => r.Tenant, static r => r.Regions, StringComparer.Ordinal);

    /// <summary>Largest body of a request in bytes; as Anthropic has it for messages where nothing is set.</summary>
    public long MaxBodyBytes { get; init; } = RequestBody.DefaultLengthMax;

    /// <summary>Web searches that are reserved for a request that allows them without a number.</summary>
    public int WebSearches { get; init; } = ServerConfig.DefaultWebSearches;

    /// <summary>Where the requests for each model go.</summary>
    public ModelRoutes Routes { get; } = new(Endpoints, Catalog, Site, RouteConfigs ?? []);

    /// <summary>The regions that a tenant's data may go to; empty for all.</summary>
    public IReadOnlyList<string> ResidencyOf(string tenant) => _residency.TryGetValue(tenant, out IReadOnlyList<string>? regions) ? regions : [];
}
