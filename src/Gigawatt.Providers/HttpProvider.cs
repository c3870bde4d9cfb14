using Gigawatt.Models;

namespace Gigawatt.Providers;

/// <summary>What all providers behind HTTP have in common.</summary>
public abstract class HttpProvider : IModelProvider, IDisposable
{
    /// <summary>With its name and options, and all formats that its kind answers in.</summary>
    /// <exception cref="ArgumentException">The base URL cannot be used.</exception>
    private protected HttpProvider(string name, HttpProviderOptions options, params Dialect[] formats)
    {
        Name = name;
        Options = options;
        Relay = new(name, options);
        Dialects = options.Formats is { } some ? [.. formats.Where(some.Contains)] : formats;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Dialect> Dialects { get; }

    /// <inheritdoc/>
    public bool ExactStreamUsage => Options.ExactStreamUsage;

    /// <inheritdoc/>
    public virtual bool KeepsResponses => false;

    private protected HttpProviderOptions Options { get; }

    private protected HttpRelay Relay { get; }

    /// <inheritdoc/>
    public abstract ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken);

    /// <summary>Closes the connections.</summary>
    public virtual void Dispose()
    {
        Relay.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected ArgumentException NotAnswered(Dialect dialect) => new($"{Name} does not answer in the format {dialect.Name()}.", nameof(dialect));
}
