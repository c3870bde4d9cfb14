using Gigawatt.Models;

namespace Gigawatt.Providers.Simulated;

/// <summary>Answers without a model: text that says it is simulated, at the pace that the catalogue predicts.</summary>
public sealed class SimulatedProvider(IReadOnlyList<ModelFacts> models, TimeProvider time) : IModelProvider
{
    /// <inheritdoc/>
    public string Name => "simulated";

    /// <inheritdoc/>
    public IReadOnlyList<Dialect> Dialects { get; } = [Dialect.Anthropic, Dialect.OpenAI];

    /// <inheritdoc/>
    public Task<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken) => throw new NotImplementedException($"{models} {time}");

    /// <inheritdoc/>
    public Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
