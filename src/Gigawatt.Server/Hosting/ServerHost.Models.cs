using Gigawatt.Configuration;
using Gigawatt.Server.Requests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Hosting;

/// <content>Models and who serves them, now and after a change of the config file.</content>
internal sealed partial class ServerHost
{
    private ConfiguredModels? _models;

    private RequestPathState BuildModels() =>
        (_models = Own(new ConfiguredModels(_time))).Build(_settings.Config, _settings.Fleet.Sites[_settings.RequestSite].Factors);

    private void WatchConfig()
    {
        if (_settings.ConfigPath is not { } path) { return; }
        var watch = new ConfigWatch(path, _time, App.Services.GetRequiredService<ILogger<ConfigWatch>>());
        Background(watch.RunAsync(_settings.Reload, Apply, _stopping.Token));
    }

    /// <summary>Brings a changed configuration into force, as far as that goes without a new start.</summary>
    private IReadOnlyList<string> Apply(ServerConfig config)
    {
        if (_settings.SiteOf(config, out int site) is { } wrong) { return [wrong]; }
        config = Discovery.AddTo(config, _settings.Discovered);
        EndpointDirectory directory = App.Services.GetRequiredService<EndpointDirectory>();
        try { directory.State = _models!.Build(config, _settings.Fleet.Sites[site].Factors); }
        catch (ArgumentException e) { return [e.Message]; }
        ConfiguredIdentities.Adopt(Identities, config);
        ConfiguredIdentities.Change(App.Services.GetRequiredService<AdmissionGate>(), config.Gate);
        // New providers are asked for their models; until they answer, their patterns say what they serve.
        Background(directory.RefreshAsync(_stopping.Token));
        return [];
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
