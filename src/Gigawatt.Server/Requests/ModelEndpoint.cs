using System.Collections.Concurrent;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Placement.Routing.Health;
using Gigawatt.Providers;

namespace Gigawatt.Server.Requests;

/// <summary>A provider that requests can be sent to, and what is known of it. Its models change when it is asked again.</summary>
internal sealed class ModelEndpoint
{
    private readonly IReadOnlyList<string> _patterns;
    private readonly ConcurrentDictionary<string, TargetState> _states = new(StringComparer.Ordinal);
    private volatile Offer _offer;

    /// <summary>An endpoint whose provider has not been asked yet: it serves what the patterns say.</summary>
    /// <param name="provider">Who answers.</param>
    /// <param name="patterns">The models it serves where it does not list them, such as <c>claude-*</c>; see <see cref="Tenants.ModelPattern"/>.</param>
    public ModelEndpoint(IModelProvider provider, IReadOnlyList<string> patterns)
    {
        Provider = provider;
        _patterns = patterns;
        _offer = new(new(provider.Name, provider.Dialects, ServedModels.Matching(patterns)), []);
    }

    /// <summary>Who answers.</summary>
    public IModelProvider Provider { get; }

    /// <summary>Where it runs, as the operator names regions, or null.</summary>
    public string? Region { get; init; }

    /// <summary>What routing knows of it now.</summary>
    public EndpointFacts Facts => _offer.Facts;

    /// <summary>The models it listed when it was last asked; empty when it does not list them.</summary>
    public IReadOnlyList<ProviderModel> Listed => _offer.Listed;

    /// <summary>Load and health of the calls that come without a configured route.</summary>
    public TargetState State { get; } = new();

    /// <summary>Load and health of a configured target: one for each model, as providers limit and break by model. It outlives a change of configuration.</summary>
    public TargetState StateOf(string model) => _states.GetOrAdd(model, static _ => new TargetState());

    /// <summary>Load and health of everything at it that calls went to, by model; the empty name is that of <see cref="State"/>.</summary>
    public IEnumerable<KeyValuePair<string, TargetState>> States => _states.Prepend(new("", State));

    /// <summary>Asks the provider which models it serves; what it does not tell stays as the patterns say.</summary>
    /// <exception cref="ProviderException">It could not be asked; what was known before stays.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ProviderModel>? models = await Provider.ListModelsAsync(cancellationToken);
        ServedModels served = models is null ? ServedModels.Matching(_patterns) : ServedModels.Listed(models.Select(m => m.Id));
        _offer = new(new(Provider.Name, Provider.Dialects, served), models ?? []);
    }

    // One reference, so that facts and list are always of the same answer.
    private sealed record Offer(EndpointFacts Facts, IReadOnlyList<ProviderModel> Listed);
}
