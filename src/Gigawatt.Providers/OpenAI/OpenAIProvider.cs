using Gigawatt.Models;

namespace Gigawatt.Providers.OpenAI;

/// <summary>A provider that speaks the OpenAI dialect over HTTP.</summary>
public sealed class OpenAIProvider : IModelProvider, IDisposable
{
    /// <summary>The base URL where none is configured.</summary>
    public static readonly Uri DefaultBaseUrl = new("https://api.openai.com/v1");

    /// <summary>With the name it goes by, and where it is.</summary>
    public OpenAIProvider(string name, HttpProviderOptions options) => throw new NotImplementedException();

    /// <inheritdoc/>
    public string Name => throw new NotImplementedException();

    /// <inheritdoc/>
    public IReadOnlyList<Dialect> Dialects { get; } = [Dialect.OpenAI];

    /// <inheritdoc/>
    public Task<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() { }
}
