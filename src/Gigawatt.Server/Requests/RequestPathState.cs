using Gigawatt.Metering;
using Gigawatt.Models;

namespace Gigawatt.Server.Requests;

/// <summary>What configuration gives to the data path. Immutable: a change of configuration swaps the whole.</summary>
/// <param name="Endpoints">In the operator's order of preference, their names all different.</param>
/// <param name="Catalog">Prices, bounds and energy of models.</param>
/// <param name="Site">What a joule of IT energy means where the endpoints' accelerators are taken to stand.</param>
internal sealed record RequestPathState(IReadOnlyList<ModelEndpoint> Endpoints, ModelCatalog Catalog, SiteFactors Site)
{
    /// <summary>Largest body of a request in bytes; as Anthropic has it for messages where nothing is set.</summary>
    public long MaxBodyBytes { get; init; } = RequestBody.DefaultLengthMax;
}
