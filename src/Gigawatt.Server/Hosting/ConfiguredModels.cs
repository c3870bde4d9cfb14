using Gigawatt.Configuration;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Server.Requests;

namespace Gigawatt.Server.Hosting;

/// <summary>Makes the data path's state of a configuration, and the next one of the next: a provider that stays the same keeps its connections and its health.</summary>
/// <remarks>A provider that is no longer configured is not disposed of while calls to it may be under way; without calls, its
/// connections close by themselves.</remarks>
internal sealed class ConfiguredModels(TimeProvider time) : IDisposable
{
    private IReadOnlyList<(ProviderConfig Config, ModelEndpoint Endpoint)> _current = [];

    /// <summary>The state of a configuration.</summary>
    /// <exception cref="ArgumentException">A provider cannot be made; the one before stays.</exception>
    public RequestPathState Build(ServerConfig config, SiteFactors site)
    {
        var catalog = new ModelCatalog(ModelOverride.Over(Catalog.Load().Models, config.Models, ModelCatalog.Unknown));
        List<(ProviderConfig, ModelEndpoint Endpoint)> next = [.. config.Providers.Select(p => (p, EndpointOf(p, catalog)))];
        var state = new RequestPathState([.. next.Select(static n => n.Endpoint)], catalog, site, config.Routes, config.Residency) { MaxBodyBytes = config.MaxBodyBytes, WebSearches = config.WebSearches };
        _current = next;
        return state;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, ModelEndpoint endpoint) in _current) { (endpoint.Provider as IDisposable)?.Dispose(); }
    }

    private ModelEndpoint EndpointOf(ProviderConfig config, ModelCatalog catalog)
    {
        foreach ((ProviderConfig before, ModelEndpoint endpoint) in _current)
        {
            if (!IsSameProvider(before, config)) { continue; }
            return before.Models.SequenceEqual(config.Models) && before.Region == config.Region ? endpoint : Serving(endpoint.Provider, config);
        }

        return Serving(ProviderFactory.Create(config, catalog, time), config);
    }

    private static ModelEndpoint Serving(IModelProvider provider, ProviderConfig config) => new(provider, config.Models) { Region = config.Region };

    // The simulation has no connections, and answers for the models of the catalogue that it was made with.
    private static bool IsSameProvider(ProviderConfig one, ProviderConfig other) =>
        one.Kind != ProviderKind.Simulated && Plain(one) == Plain(other)
        && one.Key?.Reveal() == other.Key?.Reveal()
        && (one.Formats ?? []).SequenceEqual(other.Formats ?? []);

    private static ProviderConfig Plain(ProviderConfig config) => config with { Key = null, Formats = null, Models = Array.Empty<string>(), Region = config.Kind == ProviderKind.Bedrock ? config.Region : null };
}
