namespace Gigawatt.Providers.Credentials;

/// <summary>Keeps a bearer token for as long as it is good, so that calls do not wait for one, and fetches the next before it ends.</summary>
/// <param name="provider">Who it is for; messages begin with it.</param>
/// <param name="source">Where tokens come from.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenCache(string provider, ITokenSource source, TimeProvider time) : IDisposable
{
    // A token is not used in its last minutes: the clocks of two machines differ, and calls take their time to arrive.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(2);

    // From here on one call fetches the next token while the others go on with this one.
    private static readonly TimeSpan RefreshAhead = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _fetching = new(1);
    private volatile Held? _held;

    /// <summary>The header that carries a good token.</summary>
    /// <exception cref="ProviderException">None could be had.</exception>
    public ValueTask<KeyValuePair<string, string>> GetAsync(CancellationToken cancellationToken)
    {
        Held? held = _held;
        return held is not null && held.Expires - time.GetUtcNow() > RefreshAhead ? new(held.Header) : FetchAsync(cancellationToken);
    }

    /// <summary>Forgets the token that this header carried: the provider refused it.</summary>
    public void Forget(KeyValuePair<string, string> header)
    {
        if (_held is { } held && held.Header.Value == header.Value) { _held = null; }
    }

    /// <inheritdoc/>
    public void Dispose() => _fetching.Dispose();

    private async ValueTask<KeyValuePair<string, string>> FetchAsync(CancellationToken cancellationToken)
    {
        if (Good() is { } good && _fetching.CurrentCount == 0) { return good; }
        await _fetching.WaitAsync(cancellationToken);
        try
        {
            Held? held = _held;
            if (held is not null && held.Expires - time.GetUtcNow() > RefreshAhead) { return held.Header; }
            try
            {
                (string token, DateTimeOffset expires) = await source.FetchAsync(cancellationToken);
                _held = held = new(new("Authorization", $"Bearer {token}"), expires);
                return held.Header;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // The old one is good for some more minutes, in which the next call tries again.
                return Good() ?? throw new ProviderException($"{provider} is not called: no token could be had ({FirstLine(e.Message)})", timedOut: false, e);
            }
        }
        finally { _fetching.Release(); }
    }

    private KeyValuePair<string, string>? Good() => _held is { } held && held.Expires - time.GetUtcNow() > Margin ? held.Header : null;

    // The libraries explain themselves over many lines.
    private static string FirstLine(string message) => message.Split('\n')[0].Trim().TrimEnd('.');

    private sealed record Held(KeyValuePair<string, string> Header, DateTimeOffset Expires);
}
