using Gigawatt.Configuration;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Server.Hosting;
using Gigawatt.Tests.EndToEnd;
using Gigawatt.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>A provider with an authority of its own, which wants to see a certificate.</summary>
public sealed class ProviderTlsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{ca: ca.pem, certificate: client.pem}", true)]
    [InlineData("{ca: ca.pem}", false)]
    [InlineData("{certificate: client.pem}", false)]
    [InlineData("{ca: others.pem, certificate: client.pem}", false)]
    public async Task It_is_called_with_the_certificate_and_the_authority_that_are_configured(string tls, bool answered)
    {
        using var folder = new TestFolder();
        using TestCertificates authority = new("its own"), others = new("another");
        await File.WriteAllTextAsync(folder.At("ca.pem"), authority.AuthorityPem, Token);
        await File.WriteAllTextAsync(folder.At("others.pem"), others.AuthorityPem, Token);
        await File.WriteAllTextAsync(folder.At("client.pem"), authority.IssuePem("client", TestCertificates.Client), Token);
        await using WebApplication upstream = await StartAsync(authority);
        string url = upstream.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        Loaded<ServerConfig> config = ServerConfig.Parse($"providers: [{{name: own, kind: openai, url: \"{url}/v1\", tls: {tls}}}]", folder.At("gw.yaml"), new Dictionary<string, string>());
        Assert.True(config.IsValid, string.Join('\n', config.Problems));
        IModelProvider provider = ProviderFactory.Create(config.Value.Providers[0], new ModelCatalog([]), TimeProvider.System);
        using var owned = (IDisposable)provider;
        if (answered) { Assert.Equal("m", Assert.Single((await provider.ListModelsAsync(Token))!).Id); }
        else { await Assert.ThrowsAsync<ProviderException>(() => provider.ListModelsAsync(Token)); }
    }

    private static async Task<WebApplication> StartAsync(TestCertificates authority)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = authority.Issue("upstream", TestCertificates.Server);
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = static (certificate, _, _) => certificate.Subject == "CN=client";
        })));
        WebApplication app = builder.Build();
        app.MapGet("/v1/models", static () => Results.Text("""{"object":"list","data":[{"id":"m","object":"model"}]}""", "application/json"));
        await app.StartAsync(Token);
        return app;
    }
}
