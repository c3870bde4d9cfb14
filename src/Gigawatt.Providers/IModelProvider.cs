using Gigawatt.Models;

namespace Gigawatt.Providers;

/// <summary>Something that answers model calls: a cloud, a server of one's own, or the simulation.</summary>
/// <remarks>An implementation relays: it adds its own credentials and leaves the body's bytes alone in both directions, but for
/// what a cloud writes differently, such as the place of the model's name.</remarks>
public interface IModelProvider
{
    /// <summary>The name by which configuration, usage records and explanations call it.</summary>
    string Name { get; }

    /// <summary>The wire formats it answers in.</summary>
    IReadOnlyList<Dialect> Dialects { get; }

    /// <summary>Whether it can be asked for the usage at the end of a stream by OpenAI's <c>stream_options.include_usage</c>. Some
    /// servers that speak OpenAI's format refuse the field; their streams are metered by the text that went by.</summary>
    bool ExactStreamUsage => true;

    /// <summary>Whether chat completions are bounded by <c>max_tokens</c>, the older name. OpenAI's newer models refuse it in favour of
    /// <c>max_completion_tokens</c>, which some servers of the format ignore and then answer without a bound (github.com/ollama/ollama/issues/7125).</summary>
    bool OlderBound => false;

    /// <summary>Whether an answer of <see cref="Dialect.Responses"/> that says <c>store: true</c> can be gone on from by its id at this
    /// provider. Servers that only speak the format may say so and keep nothing.</summary>
    bool KeepsResponses => false;

    /// <summary>Sends one call and returns when the answer's head is there; the body streams.</summary>
    /// <exception cref="ProviderException">No answer could be had: connection refused, timed out, broken.</exception>
    ValueTask<ProviderAnswer> SendAsync(ProviderCall call, CancellationToken cancellationToken);

    /// <summary>The models it says it serves, or null when it does not tell.</summary>
    Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken);
}

/// <summary>A model that a provider says it serves.</summary>
/// <param name="Id">The name to ask for.</param>
/// <param name="DisplayName">A name for people; the id where there is none.</param>
/// <param name="Created">When it was published, or null when not told.</param>
public sealed record ProviderModel(string Id, string DisplayName, DateTimeOffset? Created)
{
    /// <summary>Whose it is, as OpenAI's format tells it: servers of one's own write their own name there. Null when not told.</summary>
    public string? OwnedBy { get; init; }
}

/// <summary>One call, as it goes out.</summary>
/// <param name="Dialect">The format of <paramref name="Body"/>.</param>
/// <param name="Model">The model's name as the provider knows it.</param>
/// <param name="Stream">Whether the body asks for a stream of events.</param>
/// <param name="Body">The client's bytes, unchanged.</param>
/// <param name="Headers">The client's headers that may be forwarded, credentials and hop-by-hop headers already taken out.</param>
/// <param name="Query">The query string with its question mark, or empty.</param>
public sealed record ProviderCall(
    Dialect Dialect,
    string Model,
    bool Stream,
    ReadOnlyMemory<byte> Body,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    string Query = "");

/// <summary>The head of an answer, and its body as it arrives.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">The provider's headers that may be relayed, hop-by-hop headers already taken out; <c>Content-Type</c> is among them.</param>
/// <param name="Body">The bytes as they arrive. A read that throws <see cref="IOException"/> means that the provider broke off.</param>
public sealed record ProviderAnswer(
    int Status,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    Stream Body) : IAsyncDisposable
{
    /// <summary>Gives the connection back, or closes it when the body was not read to its end.</summary>
    public ValueTask DisposeAsync() => Body.DisposeAsync();
}

/// <summary>A call that got no answer.</summary>
public sealed class ProviderException : Exception
{
    /// <summary>With a message that names the provider and says what happened.</summary>
    public ProviderException(string message, bool timedOut, Exception? inner = null) : base(message, inner) => TimedOut = timedOut;

    /// <summary>True when time ran out rather than the connection failing.</summary>
    public bool TimedOut { get; }
}
