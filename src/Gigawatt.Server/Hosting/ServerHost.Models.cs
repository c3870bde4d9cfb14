using Gigawatt.Configuration;
using Gigawatt.Models;
using Gigawatt.Server.Requests;
using Microsoft.Extensions.DependencyInjection;

namespace Gigawatt.Server.Hosting;

/// <content>Models: the catalogue with what the config sets over it, and the providers.</content>
internal sealed partial class ServerHost
{
    private RequestPathState BuildModels()
    {
        var catalog = new ModelCatalog(ModelOverride.Over(Catalog.Load().Models, _settings.Config.Models, ModelCatalog.Unknown));
        ModelEndpoint[] endpoints = [.. _settings.Config.Providers.Select(p => new ModelEndpoint(ProviderFactory.Create(p, catalog, _time), p.Models) { Region = p.Region })];
        foreach (ModelEndpoint endpoint in endpoints)
        {
            if (endpoint.Provider is IDisposable provider) { Own(provider); }
        }

        return new RequestPathState(endpoints, catalog, _settings.Fleet.Sites[_settings.RequestSite].Factors, _settings.Config.Routes, _settings.Config.Residency)
        {
            MaxBodyBytes = _settings.Config.MaxBodyBytes,
        };
    }

    private List<string> ListModels() =>
        [.. App.Services.GetRequiredService<EndpointDirectory>().State.Endpoints.SelectMany(static e => e.Listed).Select(static m => m.Id).Distinct()];

    private void AnnounceModels(TextWriter o)
    {
        foreach (ProviderConfig provider in _settings.Config.Providers)
        {
            o.WriteLine(provider.Kind == ProviderKind.Simulated
                ? "  models  sim-small, sim-medium, sim-large: simulated, answers are made up and say so"
                : $"  models  {string.Join(", ", provider.Models)} from {provider.Name} at {provider.Url?.ToString() ?? "its public address"}");
        }
    }

    private string ModelToTry()
    {
        if (_settings.Config.Providers.Any(static p => p.Kind == ProviderKind.Simulated)) { return "sim-small"; }
        return _settings.Config.Providers.SelectMany(static p => p.Models).FirstOrDefault(static m => !m.EndsWith('*')) ?? "claude-sonnet-4-5";
    }
}
