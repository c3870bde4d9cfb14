using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Gigawatt.Server.Hosting;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>TLS on both addresses of a real server.</summary>
public sealed class TlsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Model_calls_and_the_control_API_speak_TLS_apart_and_gw_knows_its_server()
    {
        using var folder = new TestFolder();
        using var authority = new TestCertificates("one");
        await File.WriteAllTextAsync(folder.At("server.pem"), authority.IssuePem("server", TestCertificates.Server), Token);
        await File.WriteAllTextAsync(folder.At("admin.pem"), authority.IssuePem("admin", TestCertificates.Server), Token);
        await File.WriteAllTextAsync(folder.At("gw.yaml"), "tls: {certificate: server.pem}\nadmin: {listen: 127.0.0.1:0, tls: {certificate: admin.pem, min-version: 1.3}}\n", Token);
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"), null, "--config", folder.At("gw.yaml"));
        Assert.StartsWith("https://", server.Url, StringComparison.Ordinal);
        ServerFile file = JsonSerializer.Deserialize<ServerFile>(await File.ReadAllTextAsync(folder.At("data/server.json"), Token))!;
        Assert.NotEqual(server.Url, file.Url);

        using HttpClient data = Client(server.Url, authority.Authorities, key: server.ApiKey), admin = Client(file.Url, authority.Authorities, key: file.OperatorToken);
        foreach (Version version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using HttpResponseMessage models = await data.SendAsync(request, Token);
            Assert.Equal((HttpStatusCode.OK, version), (models.StatusCode, models.Version));
        }

        // Who has the operator's token, or asks for the other address by its name, still finds each API at its own address only.
        data.DefaultRequestHeaders.Host = new Uri(file.Url).Authority;
        data.DefaultRequestHeaders.Authorization = admin.DefaultRequestHeaders.Authorization;
        foreach (string path in (string[])["/gigawatt/v1/keys", "/GigaWatt/v1/keys", "/gigawatt/v1/server", "/openapi/v1.json", "/metrics", "//gigawatt/v1/keys"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await data.GetAsync(new Uri(server.Url + path), Token)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync("/gigawatt/v1/keys", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("/v1/models", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync("/openai/deployments/x/chat/completions", Token)).StatusCode);
        Assert.Equal("ok\n", await data.GetStringAsync("/healthz", Token));
        Assert.Equal("ok\n", await admin.GetStringAsync("/healthz", Token));

        Assert.Equal(0, await GwAsync(folder.At("data"), "key", "list"));
        using HttpClient old = Client(file.Url, authority.Authorities, protocols: SslProtocols.Tls12);
        await Assert.ThrowsAsync<HttpRequestException>(() => old.GetAsync("/healthz", Token));
    }

    [Fact]
    public async Task Clients_must_show_a_certificate_of_the_authority_for_clients()
    {
        using var folder = new TestFolder();
        using TestCertificates authority = new("one"), stranger = new("other");
        await File.WriteAllTextAsync(folder.At("server.pem"), authority.IssuePem("server", TestCertificates.Server), Token);
        await File.WriteAllTextAsync(folder.At("ca.pem"), authority.AuthorityPem, Token);
        await File.WriteAllTextAsync(folder.At("gw.yaml"), "tls: {certificate: server.pem, client-ca: ca.pem}\nadmin: {listen: 127.0.0.1:0}\n", Token);
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"), null, "--config", folder.At("gw.yaml"));
        using X509Certificate2 own = authority.Issue("client", TestCertificates.Client), servers = authority.Issue("server", TestCertificates.Server), others = stranger.Issue("client", TestCertificates.Client);
        (X509Certificate2? Shown, bool LetIn)[] clients = [(own, true), (null, false), (servers, false), (others, false)];
        foreach ((X509Certificate2? shown, bool letIn) in clients)
        {
            using HttpClient client = Client(server.Url, authority.Authorities, shown, key: server.ApiKey);
            if (letIn) { Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/v1/models", Token)).StatusCode); }
            else { await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/v1/models", Token)); }
        }
    }

    [Fact]
    public async Task A_new_certificate_in_the_file_is_shown_to_the_next_connection_and_a_wrong_one_changes_nothing()
    {
        using var folder = new TestFolder();
        using TestCertificates first = new("first"), second = new("second");
        await File.WriteAllTextAsync(folder.At("server.pem"), first.IssuePem("server", TestCertificates.Server), Token);
        await File.WriteAllTextAsync(folder.At("gw.yaml"), "tls: {certificate: server.pem}\n", Token);
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"), null, "--config", folder.At("gw.yaml"));
        Assert.True(await TrustsAsync(server.Url, first));
        Assert.False(await TrustsAsync(server.Url, second));

        await ReplaceAsync(folder.At("server.pem"), "nothing of the kind");
        await Until.TrueAsync(() => server.Said.Contains("what was in force stays", StringComparison.Ordinal), "the wrong file is told");
        Assert.True(await TrustsAsync(server.Url, first));

        await ReplaceAsync(folder.At("server.pem"), second.IssuePem("server", TestCertificates.Server));
        await Until.TrueAsync(() => TrustsAsync(server.Url, second), "the new certificate is shown");
        Assert.False(await TrustsAsync(server.Url, first));
        Assert.Equal(0, await GwAsync(folder.At("data"), "key", "list"));
    }

    private static async Task<bool> TrustsAsync(string url, TestCertificates authority)
    {
        using HttpClient client = Client(url, authority.Authorities);
        try { return (await client.GetStringAsync("/healthz", Token)).Length > 0; }
        catch (HttpRequestException) { return false; }
    }

    private static HttpClient Client(string url, X509Certificate2Collection authorities, X509Certificate2? shown = null, SslProtocols protocols = SslProtocols.None, string? key = null)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        var tls = new SslClientAuthenticationOptions { CertificateChainPolicy = policy, EnabledSslProtocols = protocols };
        if (shown is not null) { tls.ClientCertificateContext = SslStreamCertificateContext.Create(shown, null, offline: true); }
        var client = new HttpClient(new SocketsHttpHandler { SslOptions = tls }) { BaseAddress = new Uri(url) };
        if (key is not null) { client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key); }
        return client;
    }

    private static async Task<int> GwAsync(string data, params string[] words)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in (string[])[typeof(Gigawatt.Cli.CommandLine).Assembly.Location, .. words, "--data", data]) { start.ArgumentList.Add(word); }
        using Process gw = Process.Start(start)!;
        Task<string> said = gw.StandardError.ReadToEndAsync(Token);
        await gw.StandardOutput.ReadToEndAsync(Token);
        await gw.WaitForExitAsync(Token);
        TestContext.Current.SendDiagnosticMessage(await said);
        return gw.ExitCode;
    }

    private static async Task ReplaceAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path + ".new", text, Token);
        File.Move(path + ".new", path, overwrite: true);
    }
}
