namespace Gigawatt.Configuration;

/// <summary>The files of one side of TLS: who it is, and whom it trusts.</summary>
public sealed record TlsFiles
{
    /// <summary>Its certificate: PEM, with those between it and its authority behind it, or PFX. Null where it shows none.</summary>
    public string? Certificate { get; init; }

    /// <summary>The certificate's private key in PEM; null where it is in the file of the certificate.</summary>
    public string? Key { get; init; }

    /// <summary>What the key or the PFX file is encrypted with, or null.</summary>
    public Secret? Password { get; init; }

    /// <summary>PEM of the authorities whose certificates are taken from the other side; null where a server asks clients for none,
    /// and a client trusts those of the system.</summary>
    public string? Authorities { get; init; }
}

/// <summary>How an address speaks TLS.</summary>
/// <param name="Files">The server's files; its certificate is there, and with <see cref="TlsFiles.Authorities"/> clients must show one of theirs.</param>
/// <param name="Only13">Whether TLS 1.3 is the least, instead of 1.2.</param>
public sealed record TlsConfig(TlsFiles Files, bool Only13);

/// <summary>An address of its own for the control API.</summary>
/// <param name="Host">Address to listen on.</param>
/// <param name="Port">Port to listen on, 0 to 65535; 0 takes a free one.</param>
/// <param name="Tls">How it speaks TLS; null for plain HTTP.</param>
public sealed record AdminConfig(string Host, int Port, TlsConfig? Tls);
