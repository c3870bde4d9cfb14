using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration;

/// <summary>Reads how addresses and providers speak TLS, and opens the files, so that a wrong one is found before the start.</summary>
internal sealed class TlsReader(string folder, IReadOnlyDictionary<string, string> environment, Problems problems)
{
    private static readonly Kind<bool> MinVersion = Kinds.OneOf(("1.2", false), ("1.3", true));

    /// <summary>The block <c>tls</c> of an address; null without one.</summary>
    public TlsConfig? Read(MapReader around)
    {
        if (around.Block("tls", "tls") is not { } map) { return null; }
        string certificate = map.Require("certificate", Kinds.Text with { Example = "server.pem" });
        TlsFiles files = Files(map, certificate, "client-ca", "clients.pem");
        bool only13 = map.Read("min-version", MinVersion, false);
        map.Close();
        Check(map, files, "client-ca");
        return new(files, only13);
    }

    /// <summary>The block <c>tls</c> of a provider, which is called with it; null without one.</summary>
    public TlsFiles? ReadClient(MapReader around)
    {
        if (around.Block("tls", "tls") is not { } map) { return null; }
        TlsFiles files = Files(map, map.ReadTextOrNull("certificate", Kinds.Text, "client.pem"), "ca", "ca.pem");
        if (files.Certificate is null && map.Has("key")) { map.Missing("certificate", "client.pem"); }
        if (files == new TlsFiles()) { problems.Add(map.At, "tls: it says nothing; add ca: ca.pem or certificate: client.pem, or remove it"); }
        map.Close();
        Check(map, files, "ca");
        return files;
    }

    /// <summary>The block <c>admin</c>; null without one.</summary>
    public AdminConfig? ReadAdmin(MapReader root, Kind<(string Host, int Port)> address)
    {
        if (root.Block("admin", "admin") is not { } map) { return null; }
        (string host, int port) = map.Require("listen", address with { Example = "127.0.0.1:8421" });
        TlsConfig? tls = Read(map);
        map.Close();
        return new(host ?? "", port, tls);
    }

    private TlsFiles Files(MapReader map, string? certificate, string authorities, string example) => new()
    {
        Certificate = PathOf(certificate),
        Key = PathOf(map.ReadTextOrNull("key", Kinds.Text, "server.key")),
        Password = Password(map),
        Authorities = PathOf(map.ReadTextOrNull(authorities, Kinds.Text, example)),
    };

    private string? PathOf(string? path) => path is null ? null : Path.Combine(folder, path);

    private Secret? Password(MapReader map)
    {
        TextNode? variable = map.Single("password-env", "TLS_PASSWORD"), file = map.Single("password-file", "tls.password");
        if (variable is not null && file is not null)
        {
            map.Wrong("password-file", "the password is given twice; keep one of password-env and password-file");
            return null;
        }

        if (variable is not null)
        {
            if (environment.TryGetValue(variable.Text, out string? value) && value.Length > 0) { return new Secret(value); }
            problems.Add(variable, "password-env: the environment variable named here is not set; set it, or name another");
        }
        else if (file is not null)
        {
            if (ConfigFile.ReadBytes(Path.Combine(folder, file.Text), out string? why) is { } bytes) { return new Secret(System.Text.Encoding.UTF8.GetString(bytes).TrimEnd('\r', '\n')); }
            problems.Add(file, $"password-file: {why}");
        }

        return null;
    }

    private static void Check(MapReader map, TlsFiles files, string authorities)
    {
        // A password that could not be had has been reported already.
        bool passwordMissing = files.Password is null && (map.Has("password-env") || map.Has("password-file"));
        if ((files.Certificate is null && files.Authorities is null) || passwordMissing || TlsMaterial.TryLoad(files, out _, out (TlsFile File, string Why) wrong)) { return; }
        string field = wrong.File switch
        {
            TlsFile.Key => "key",
            TlsFile.Authorities => authorities,
            _ => "certificate",
        };
        map.Wrong(field, wrong.Why);
    }
}
