namespace Gigawatt.Providers;

/// <summary>Where a provider is and how long it may take.</summary>
public sealed record HttpProviderOptions
{
    /// <summary>The absolute <c>http</c> or <c>https</c> address that the provider's paths are appended to.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>The key that is sent instead of the client's; null or empty sends none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Longest wait for a connection; 10 s unless set.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the head of an answer, connecting included; 10 minutes unless set, as the official clients wait.
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The clock that <see cref="HeadTimeout"/> is measured with.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
