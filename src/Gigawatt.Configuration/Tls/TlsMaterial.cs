using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration;

/// <summary>What is in the files of one side of TLS.</summary>
/// <param name="Certificate">Its certificate with the private key; null where it shows none.</param>
/// <param name="Chain">The certificates between it and its authority.</param>
/// <param name="Authorities">The authorities whose certificates are taken from the other side; null where nothing is said of them.</param>
public sealed record TlsMaterial(X509Certificate2? Certificate, X509Certificate2Collection Chain, X509Certificate2Collection? Authorities)
{
    /// <summary>Reads the files.</summary>
    /// <param name="files">Their paths.</param>
    /// <param name="material">What is in them.</param>
    /// <param name="wrong">The file that is wrong, and why in words that hold nothing of it.</param>
    public static bool TryLoad(TlsFiles files, [NotNullWhen(true)] out TlsMaterial? material, out (TlsFile File, string Why) wrong)
    {
        material = null;
        X509Certificate2? certificate = null;
        var chain = new X509Certificate2Collection();
        if (files.Certificate is not null && !TryLoadCertificate(files, out certificate, chain, out wrong)) { return false; }
        X509Certificate2Collection? authorities = null;
        if (files.Authorities is { } path && !TryLoadAuthorities(path, out authorities, out wrong)) { return false; }
        (material, wrong) = (new(certificate, chain, authorities), default);
        return true;
    }

    private static bool TryLoadCertificate(TlsFiles files, out X509Certificate2? certificate, X509Certificate2Collection chain, out (TlsFile, string) wrong)
    {
        certificate = null;
        if (Bytes(files.Certificate!, TlsFile.Certificate, out wrong) is not { } bytes) { return false; }
        if (!bytes.AsSpan().StartsWith("-----BEGIN"u8) && bytes.AsSpan().IndexOf("\n-----BEGIN"u8) < 0) { return TryLoadPfx(bytes, files, out certificate, chain, out wrong); }
        string pem = Text(bytes), key = pem;
        if (files.Key is { } keyFile)
        {
            if (Bytes(keyFile, TlsFile.Key, out wrong) is not { } keyBytes) { return false; }
            key = Text(keyBytes);
        }

        if (!pem.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal)) { return Wrong(TlsFile.Certificate, "there is no certificate in this file; name a PEM or PFX file that has one", out wrong); }
        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal)) { return Wrong(files.Key is null ? TlsFile.Certificate : TlsFile.Key, "there is no private key in this file; name the PEM file that has it with key", out wrong); }
        bool encrypted = key.Contains("ENCRYPTED", StringComparison.Ordinal);
        if (encrypted && files.Password is null) { return Wrong(TlsFile.Password, "the private key is encrypted; add password-env or password-file", out wrong); }
        try
        {
            using X509Certificate2 loaded = encrypted ? X509Certificate2.CreateFromEncryptedPem(pem, key, files.Password!.Reveal()) : X509Certificate2.CreateFromPem(pem, key);
            // What was made of two texts is not taken by every system's TLS; what was read from PFX is.
            certificate = X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null);
            chain.ImportFromPem(pem);
            chain.RemoveAt(0);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return Wrong(TlsFile.Certificate, encrypted ? "the private key does not open with this password, or does not belong to the certificate" : "certificate and private key do not belong together, or are not what PEM has", out wrong);
        }
    }

    private static bool TryLoadPfx(byte[] bytes, TlsFiles files, out X509Certificate2? certificate, X509Certificate2Collection chain, out (TlsFile, string) wrong)
    {
        certificate = null;
        if (files.Key is not null) { return Wrong(TlsFile.Key, "a PFX file has its key in itself; remove key, or name a PEM file as the certificate", out wrong); }
        try
        {
            foreach (X509Certificate2 each in X509CertificateLoader.LoadPkcs12Collection(bytes, files.Password?.Reveal()))
            {
                if (each.HasPrivateKey && certificate is null) { certificate = each; }
                else { chain.Add(each); }
            }
        }
        catch (CryptographicException)
        {
            return Wrong(TlsFile.Certificate, files.Password is null ? "this is neither PEM nor a PFX file that opens without a password" : "this is neither PEM nor a PFX file that opens with this password", out wrong);
        }

        wrong = default;
        return certificate is not null || Wrong(TlsFile.Certificate, "there is no certificate with a private key in this file", out wrong);
    }

    private static bool TryLoadAuthorities(string path, out X509Certificate2Collection? authorities, out (TlsFile, string) wrong)
    {
        authorities = null;
        if (Bytes(path, TlsFile.Authorities, out wrong) is not { } bytes) { return false; }
        var all = new X509Certificate2Collection();
        try { all.ImportFromPem(Text(bytes)); }
        catch (CryptographicException) { return Wrong(TlsFile.Authorities, "a certificate in this file is damaged", out wrong); }
        if (all.Count == 0) { return Wrong(TlsFile.Authorities, "there is no certificate in this file; name a PEM file of authorities", out wrong); }
        authorities = all;
        return true;
    }

    private static byte[]? Bytes(string path, TlsFile file, out (TlsFile, string) wrong)
    {
        wrong = default;
        if (ConfigFile.ReadBytes(path, out string? why) is { } bytes) { return bytes; }
        wrong = (file, why!);
        return null;
    }

    private static string Text(byte[] bytes) => System.Text.Encoding.Latin1.GetString(bytes);

    private static bool Wrong(TlsFile file, string why, out (TlsFile, string) wrong)
    {
        wrong = (file, why);
        return false;
    }
}

/// <summary>Which file of one side of TLS.</summary>
public enum TlsFile
{
    /// <summary><see cref="TlsFiles.Certificate"/>.</summary>
    Certificate,

    /// <summary><see cref="TlsFiles.Key"/>.</summary>
    Key,

    /// <summary><see cref="TlsFiles.Password"/>.</summary>
    Password,

    /// <summary><see cref="TlsFiles.Authorities"/>.</summary>
    Authorities,
}
