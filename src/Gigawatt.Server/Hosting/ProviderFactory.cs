using System.Net.Security;
using Gigawatt.Configuration;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Anthropic;
using Gigawatt.Providers.Azure;
using Gigawatt.Providers.Bedrock;
using Gigawatt.Providers.OpenAI;
using Gigawatt.Providers.Simulated;
using Gigawatt.Providers.Vertex;

namespace Gigawatt.Server.Hosting;

/// <summary>Makes the provider that a configuration describes.</summary>
internal static class ProviderFactory
{
    /// <param name="config">The provider as configured.</param>
    /// <param name="catalog">The models that the simulation answers for.</param>
    /// <param name="time">The clock of timeouts and of simulated answers.</param>
    public static IModelProvider Create(ProviderConfig config, ModelCatalog catalog, TimeProvider time) => config.Kind switch
    {
        ProviderKind.Anthropic => new AnthropicProvider(config.Name, Options(config, AnthropicProvider.DefaultBaseUrl, time)),
        ProviderKind.OpenAI => new OpenAIProvider(config.Name, Options(config, OpenAIProvider.DefaultBaseUrl, time)),
        ProviderKind.Foundry => new FoundryProvider(config.Name, Options(config, null, time), config.TokenScope),
        ProviderKind.AzureOpenAI => new AzureOpenAIProvider(config.Name, Options(config, null, time), config.ApiVersion, config.TokenScope),
        ProviderKind.Bedrock => new BedrockProvider(config.Name, Region(config), Options(config, BedrockProvider.AddressOf(Region(config)), time), config.Profile),
        ProviderKind.Vertex => Vertex(config, config.Project ?? "", config.Location ?? "global", time),
        ProviderKind.Simulated => new SimulatedProvider(config.Name,
            [.. catalog.Entries.Where(static e => e.Name.StartsWith("sim-", StringComparison.Ordinal) && !e.Name.EndsWith('*'))], time),
        _ => throw new ArgumentOutOfRangeException(nameof(config), config.Kind, "No such kind of provider."),
    };

    private static string Region(ProviderConfig config) => config.Region ?? throw new ArgumentException($"{config.Name} has no region.", nameof(config));

    private static VertexProvider Vertex(ProviderConfig config, string project, string location, TimeProvider time) =>
        new(config.Name, project, location, Options(config, VertexProvider.AddressOf(location), time), config.KeyFile);

    private static HttpProviderOptions Options(ProviderConfig config, Uri? publicAddress, TimeProvider time)
    {
        var options = new HttpProviderOptions
        {
            BaseUrl = config.Url ?? publicAddress ?? throw new ArgumentException($"{config.Name} has no address.", nameof(config)),
            ApiKey = config.Key?.Reveal(),
            ApiKeyFile = config.Key is null ? null : config.KeyFile,
            Formats = config.Formats,
            ExactStreamUsage = config.ExactUsage,
            AllowPrivate = config.AllowPrivate,
            Time = time,
        };
        if (config.Tls is { } files)
        {
            if (!TlsMaterial.TryLoad(files, out TlsMaterial? material, out (TlsFile File, string Why) wrong)) { throw new ArgumentException($"{config.Name}: tls: {wrong.Why}", nameof(config)); }
            options = options with
            {
                Authorities = material.Authorities,
                ClientCertificate = material.Certificate is { } own ? SslStreamCertificateContext.Create(own, material.Chain, offline: true) : null,
            };
        }

        return options with
        {
            ConnectTimeout = config.ConnectTimeout?.ToTimeSpan() ?? options.ConnectTimeout,
            HeadTimeout = config.HeadTimeout?.ToTimeSpan() ?? options.HeadTimeout,
            IdleTimeout = config.IdleTimeout?.ToTimeSpan() ?? options.IdleTimeout,
        };
    }
}
