using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Gigawatt.Models;

namespace Gigawatt.Providers;

/// <summary>Where a provider is, what it is called with, and how long it may take.</summary>
public sealed record HttpProviderOptions
{
    /// <summary>The absolute <c>http</c> or <c>https</c> address that the provider's paths are appended to.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>The key that is sent instead of the client's; null or empty sends none, unless <see cref="ApiKeyFile"/> is given.</summary>
    public string? ApiKey { get; init; }

    /// <summary>File that holds the key; a new one in it is used within a second. Null where there is none.</summary>
    public string? ApiKeyFile { get; init; }

    /// <summary>Those of the provider's formats that it is used for; null is all of them.</summary>
    public IReadOnlyList<Dialect>? Formats { get; init; }

    /// <summary>See <see cref="IModelProvider.ExactStreamUsage"/>.</summary>
    public bool ExactStreamUsage { get; init; } = true;

    /// <summary>Whether the provider may be at an address that is not of the internet. A literal loopback address, and
    /// <c>localhost</c>, need no permission.</summary>
    public bool AllowPrivate { get; init; }

    /// <summary>The certificate that is shown to the provider; null for none.</summary>
    public SslStreamCertificateContext? ClientCertificate { get; init; }

    /// <summary>The authorities whose certificates are taken from the provider; null for those that the system trusts.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>Longest wait for a connection; 10 s unless set.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait for the head of an answer, connecting included; 10 minutes unless set, as the official clients wait.
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest silence within an answer, after which it counts as broken off; 5 minutes unless set.
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The clock that timeouts, except <see cref="ConnectTimeout"/>, are measured with.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How names become addresses; tests put their own in.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>Connects to this port instead of the URL's: tests call a cloud by its name and reach a server of their own.</summary>
    internal int? ConnectPort { get; init; }
}
