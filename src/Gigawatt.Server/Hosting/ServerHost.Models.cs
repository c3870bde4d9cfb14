using Gigawatt.Configuration;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Anthropic;
using Gigawatt.Providers.OpenAI;
using Gigawatt.Providers.Simulated;
using Gigawatt.Server.Requests;
using Microsoft.Extensions.DependencyInjection;

namespace Gigawatt.Server.Hosting;

/// <content>Models: the catalogue with what the config sets over it, and the providers.</content>
internal sealed partial class ServerHost
{
    private RequestPathState BuildModels()
    {
        var catalog = new ModelCatalog(ModelOverride.Over(Catalog.Load().Models, _settings.Config.Models, ModelCatalog.Unknown));
        ModelEndpoint[] endpoints = [.. _settings.Config.Providers.Select(p => new ModelEndpoint(BuildProvider(p, catalog), p.Models))];
        foreach (ModelEndpoint endpoint in endpoints)
        {
            if (endpoint.Provider is IDisposable provider) { Own(provider); }
        }

        return new RequestPathState(endpoints, catalog, _settings.Fleet.Sites[_settings.RequestSite].Factors)
        {
            MaxBodyBytes = _settings.Config.MaxBodyBytes,
        };
    }

    private List<string> ListModels() =>
        [.. App.Services.GetRequiredService<EndpointDirectory>().State.Endpoints.SelectMany(static e => e.Listed).Select(static m => m.Id).Distinct()];

    private IModelProvider BuildProvider(ProviderConfig config, ModelCatalog catalog) => config.Kind switch
    {
        ProviderKind.Anthropic => new AnthropicProvider(config.Name, HttpOptions(config, "https://api.anthropic.com")),
        ProviderKind.OpenAI => new OpenAIProvider(config.Name, HttpOptions(config, "https://api.openai.com/v1")),
        _ => new SimulatedProvider(
            [.. catalog.Entries.Where(static e => e.Name.StartsWith("sim-", StringComparison.Ordinal) && !e.Name.EndsWith('*'))], _time),
    };

    private HttpProviderOptions HttpOptions(ProviderConfig config, string publicAddress) => new()
    {
        BaseUrl = config.Url ?? new Uri(publicAddress),
        ApiKey = config.Key?.Reveal(),
        Time = _time,
    };

    private void AnnounceModels(TextWriter o)
    {
        foreach (ProviderConfig provider in _settings.Config.Providers)
        {
            o.WriteLine(provider.Kind == ProviderKind.Simulated
                ? "  models  sim-small, sim-medium, sim-large: simulated, answers are made up and say so"
                : $"  models  {string.Join(", ", provider.Models)} from {provider.Name} at {provider.Url?.ToString() ?? "its public address"}");
        }
    }

    private string ModelToTry() => _settings.Config.Providers.Any(static p => p.Kind == ProviderKind.Simulated) ? "sim-small" : "claude-sonnet-4-5";
}
