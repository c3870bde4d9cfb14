using Gigawatt.Models;

namespace Gigawatt.Providers.Anthropic;

/// <summary>A provider that speaks the Anthropic dialect over HTTP.</summary>
public sealed class AnthropicProvider : IModelProvider, IDisposable
{
    /// <summary>The base URL where none is configured.</summary>
    public static readonly Uri DefaultBaseUrl = new("https://api.anthropic.com");

    /// <summary>With the name it goes by, and where it is.</summary>
    public AnthropicProvider(string name, HttpProviderOptions options) => throw new NotImplementedException();

    /// <inheritdoc/>
    public string Name => throw new NotImplementedException();

    /// <inheritdoc/>
    public IReadOnlyList<Dialect> Dialects { get; } = [Dialect.Anthropic];

    /// <inheritdoc/>
    public Task<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() { }
}
