using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Providers;

namespace Gigawatt.Server.Requests;

/// <summary>A provider that requests can be sent to, and what is known of it. Its models change when it is asked again; the calls under way are counted.</summary>
internal sealed class ModelEndpoint
{
    private readonly IReadOnlyList<string> _patterns;
    private volatile Offer _offer;
    private int _inFlight;

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

    /// <summary>What routing knows of it now.</summary>
    public EndpointFacts Facts => _offer.Facts;

    /// <summary>The models it listed when it was last asked; empty when it does not list them.</summary>
    public IReadOnlyList<ProviderModel> Listed => _offer.Listed;

    /// <summary>Calls under way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Counts a call until <see cref="End"/>.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>Ends a call.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);

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
