using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gigawatt.Configuration;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Hosting;

/// <summary>TLS of one address. Its files may be replaced while it runs: connections that come from then on get the new ones, and files that are wrong change nothing.</summary>
internal sealed partial class ServerTls
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // RFC 5280 section 4.2.1.12: a certificate with which a client shows who it is.
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly TlsConfig _config;
    private volatile InForce _inForce;

    /// <summary>Reads the files.</summary>
    /// <exception cref="SettingsException">One of them is wrong.</exception>
    public ServerTls(TlsConfig config)
    {
        _config = config;
        _inForce = TryLoad(out string why) ?? throw new SettingsException([$"tls: {why}"]);
    }

    /// <summary>The SHA-256 of the certificate, by which who reads the server's own files knows it.</summary>
    public string CertificateHash => _inForce.Context.TargetCertificate.GetCertHashString(HashAlgorithmName.SHA256);

    /// <summary>For people: whose certificate it is, and how long it is good.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture, $"{_inForce.Context.TargetCertificate.Subject}, good until {_inForce.Context.TargetCertificate.NotAfter.ToUniversalTime():yyyy-MM-dd}")
        + (_inForce.Clients is null ? "" : "; clients must show a certificate");

    /// <summary>What the next connection is made with.</summary>
    public SslServerAuthenticationOptions NextConnection()
    {
        InForce now = _inForce;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = now.Context,
            EnabledSslProtocols = _config.Only13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
        if (now.Clients is null) { return options; }
        options.ClientCertificateRequired = true;
        // A policy of its own for each connection: the certificates that the client sends along are put into it.
        options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        options.CertificateChainPolicy.ApplicationPolicy.Add(ClientAuthentication);
        options.CertificateChainPolicy.CustomTrustStore.AddRange(now.Clients);
        return options;
    }

    /// <summary>Looks at the files once a second until cancelled.</summary>
    public async Task WatchAsync(Action changed, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        (DateTime, long)[] inForce = Stamps(), before = inForce;
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            (DateTime, long)[] now = Stamps();
            // Only when they have stopped changing: certificate and key are replaced one after the other.
            if (!now.SequenceEqual(inForce) && now.SequenceEqual(before))
            {
                inForce = now;
                if (TryLoad(out string why) is { } loaded)
                {
                    _inForce = loaded;
                    changed();
                    LogInForce(logger, Describe());
                }
                else { LogKept(logger, why); }
            }

            before = now;
        }
    }

    private InForce? TryLoad(out string why)
    {
        why = "";
        if (TlsMaterial.TryLoad(_config.Files, out TlsMaterial? material, out (TlsFile File, string Why) wrong))
        {
            return new(SslStreamCertificateContext.Create(material.Certificate!, material.Chain, offline: true), material.Authorities);
        }

        why = $"{(wrong.File == TlsFile.Key ? _config.Files.Key : wrong.File == TlsFile.Authorities ? _config.Files.Authorities : _config.Files.Certificate)}: {wrong.Why}";
        return null;
    }

    private (DateTime, long)[] Stamps() =>
        [.. ((string?[])[_config.Files.Certificate, _config.Files.Key, _config.Files.Authorities]).Select(static path => path is null ? default : FileStamp.Of(path))];

    private sealed record InForce(SslStreamCertificateContext Context, X509Certificate2Collection? Clients);

    [LoggerMessage(EventId = 2211, Level = LogLevel.Information, Message = "The files of TLS have changed and are in force: {Certificate}")]
    private static partial void LogInForce(ILogger logger, string certificate);

    [LoggerMessage(EventId = 2212, Level = LogLevel.Error, Message = "The files of TLS have changed and are wrong, what was in force stays: {Reason}")]
    private static partial void LogKept(ILogger logger, string reason);
}
