using Gigawatt.Configuration;
using Gigawatt.Providers.Discovery;

namespace Gigawatt.Server.Hosting;

/// <summary><c>gw up --discover</c>: servers of models that run on this machine become providers.</summary>
internal static class Discovery
{
    /// <summary>Looks for them and says what was found.</summary>
    /// <param name="settings">What the server runs with so far; its own port and those of its providers are not asked.</param>
    /// <param name="ports">The ports to ask.</param>
    /// <param name="output">Gets what was found.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static async Task<Settings> RunAsync(Settings settings, IReadOnlyList<int> ports, TextWriter output, CancellationToken cancellationToken)
    {
        int[] taken = [settings.Port, .. settings.Config.Providers.Where(static p => p.Url?.IsLoopback == true).Select(static p => p.Url!.Port)];
        IReadOnlyList<LocalServer> found = await LocalServers.FindAsync(ports.Except(taken), cancellationToken);
        if (found.Count == 0) { await output.WriteLineAsync($"No server of models answers on the ports {string.Join(", ", ports)} of this machine."); }
        List<ProviderConfig> providers = [];
        foreach (LocalServer server in found)
        {
            string name = NameOf(server, [.. settings.Config.Providers, .. providers]);
            providers.Add(new ProviderConfig(name, ProviderKind.OpenAI, server.BaseUrl, null, server.Models) { Formats = LocalServers.Formats });
            await output.WriteLineAsync($"Found {name} at {server.BaseUrl} with {Listed(server.Models)}.");
        }

        return settings with { Discovered = providers, Config = AddTo(settings.Config, providers) };
    }

    /// <summary>A config with what was found, but for what it names itself. The simulated provider, which is there only for want of
    /// another, makes room.</summary>
    public static ServerConfig AddTo(ServerConfig config, IReadOnlyList<ProviderConfig> found)
    {
        if (found.Count == 0) { return config; }
        if (config.ProvidersAreDefault) { return config with { Providers = found }; }
        return config with { Providers = [.. config.Providers, .. found.Where(f => !config.Providers.Any(p => p.Name == f.Name || p.Url == f.Url))] };
    }

    private static string NameOf(LocalServer server, IReadOnlyList<ProviderConfig> others)
    {
        string name = server.Software == "local" ? $"local-{server.BaseUrl.Port}" : server.Software;
        return others.Any(p => p.Name == name) ? $"{name}-{server.BaseUrl.Port}" : name;
    }

    private static string Listed(IReadOnlyList<string> models) =>
        models.Count <= 3 ? string.Join(", ", models) : $"{string.Join(", ", models.Take(3))} and {models.Count - 3} more";
}
