using System.Security.Cryptography.X509Certificates;
using Gigawatt.Configuration;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Configuration;

public sealed class TlsConfigTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gw-tls-").FullName;
    private readonly TestCertificates _authority = new("test authority");

    public TlsConfigTests()
    {
        using X509Certificate2 server = _authority.Issue("server", TestCertificates.Server), other = _authority.Issue("other", TestCertificates.Server);
        Write("server.pem", server.ExportCertificatePem());
        Write("server.key", TestCertificates.KeyPem(server));
        Write("locked.key", TestCertificates.KeyPem(server, "right"));
        Write("other.key", TestCertificates.KeyPem(other));
        Write("both.pem", server.ExportCertificatePem() + "\n" + TestCertificates.KeyPem(server) + "\n" + _authority.AuthorityPem);
        Write("ca.pem", _authority.AuthorityPem);
        Write("empty.pem", "");
        Write("right.password", "right\n");
        Write("text.pem", "-----BEGIN SECRET-----\n");
        File.WriteAllBytes(Path.Combine(_folder, "server.pfx"), server.Export(X509ContentType.Pkcs12, "right"));
        File.WriteAllBytes(Path.Combine(_folder, "open.pfx"), server.Export(X509ContentType.Pkcs12));
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("tls: {certificate: both.pem}")]
    [InlineData("tls: {certificate: server.pem, key: server.key, client-ca: ca.pem, min-version: 1.3}")]
    [InlineData("tls: {certificate: server.pem, key: locked.key, password-file: right.password}")]
    [InlineData("tls: {certificate: server.pem, key: locked.key, password-env: RIGHT}")]
    [InlineData("tls: {certificate: server.pfx, password-env: RIGHT}")]
    [InlineData("tls: {certificate: open.pfx}")]
    [InlineData("admin: {listen: 127.0.0.1:8421, tls: {certificate: both.pem, client-ca: ca.pem}}")]
    [InlineData("providers: [{name: a, kind: anthropic, tls: {ca: ca.pem, certificate: both.pem}}]")]
    [InlineData("providers: [{name: a, kind: anthropic, tls: {ca: ca.pem}}]")]
    public void Good_files_are_taken(string text) => Assert.Empty(Problems(text));

    [Theory]
    [InlineData("tls: {}", "1:6: the tls has no certificate; add a line such as certificate: server.pem")]
    [InlineData("tls: {certificate: gone.pem}", "1:20: certificate: there is no such file; check the path")]
    [InlineData("tls: {certificate: .}", "1:20: certificate: this is a folder; name a file")]
    [InlineData("tls: {certificate: server.pem}", "1:20: certificate: there is no private key in this file; name the PEM file that has it with key")]
    [InlineData("tls: {certificate: server.pem, key: ca.pem}", "1:37: key: there is no private key in this file; name the PEM file that has it with key")]
    [InlineData("tls: {certificate: server.pem, key: other.key}", "1:20: certificate: certificate and private key do not belong together, or are not what PEM has")]
    [InlineData("tls: {certificate: server.pem, key: locked.key}", "1:20: certificate: the private key is encrypted; add password-env or password-file")]
    [InlineData("tls: {certificate: server.pem, key: locked.key, password-env: WRONG}", "1:20: certificate: the private key does not open with this password, or does not belong to the certificate")]
    [InlineData("tls: {certificate: server.pem, key: locked.key, password-env: UNSET}", "1:63: password-env: the environment variable named here is not set; set it, or name another")]
    [InlineData("tls: {certificate: both.pem, password-env: RIGHT, password-file: right.password}", "1:66: password-file: the password is given twice; keep one of password-env and password-file")]
    [InlineData("tls: {certificate: server.pfx}", "1:20: certificate: this is neither PEM nor a PFX file that opens without a password")]
    [InlineData("tls: {certificate: server.pfx, password-env: WRONG}", "1:20: certificate: this is neither PEM nor a PFX file that opens with this password")]
    [InlineData("tls: {certificate: open.pfx, key: server.key}", "1:35: key: a PFX file has its key in itself; remove key, or name a PEM file as the certificate")]
    [InlineData("tls: {certificate: empty.pem}", "1:20: certificate: this is neither PEM nor a PFX file that opens without a password")]
    [InlineData("tls: {certificate: text.pem}", "1:20: certificate: there is no certificate in this file; name a PEM or PFX file that has one")]
    [InlineData("tls: {certificate: both.pem, client-ca: text.pem}", "1:41: client-ca: there is no certificate in this file; name a PEM file of authorities")]
    [InlineData("tls: {certificate: both.pem, min-version: old}", "1:43: min-version: \"old\" is unknown; write one of 1.2, 1.3")]
    [InlineData("tls: {certificate: both.pem, ca: ca.pem}", "1:30: unknown field \"ca\"; the fields of a tls are certificate, key, password-env, password-file, client-ca, min-version")]
    [InlineData("admin: {}", "1:8: the admin has no listen; add a line such as listen: 127.0.0.1:8421")]
    [InlineData("providers: [{name: a, kind: anthropic, tls: {}}]", "1:45: tls: it says nothing; add ca: ca.pem or certificate: client.pem, or remove it")]
    [InlineData("providers: [{name: a, kind: anthropic, tls: {ca: gone.pem}}]", "1:50: ca: there is no such file; check the path")]
    [InlineData("providers: [{name: a, kind: simulated, tls: {ca: ca.pem}}]", "1:45: tls: a simulated provider calls nobody; remove the field")]
    public void A_wrong_file_is_reported_before_the_start(string text, string expected) => Assert.Equal([expected], Problems(text));

    private string[] Problems(string text)
    {
        var environment = new Dictionary<string, string> { ["RIGHT"] = "right", ["WRONG"] = "wrong" };
        string path = Path.Combine(_folder, "gw.yaml");
        return [.. ServerConfig.Parse(text, path, environment).Problems.Select(p => p.ToString()[(path.Length + 1)..])];
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
