using System.Net.Sockets;
using Gigawatt.Agents.Telemetry;
using Gigawatt.Server.Durability;
using Gigawatt.Server.Hosting;

namespace Gigawatt.Server;

/// <summary>The product on one machine: <c>gw up</c>.</summary>
public static class GigawattServer
{
    /// <summary>Runs a server until cancelled, then drains and stops it.</summary>
    /// <returns>0 after a clean stop, 1 when it could not start or go on, 2 when what it was told is wrong.</returns>
    public static async Task<int> RunAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            Settings settings = Settings.Load(options, MachineFacts.Detect());
            if (options.Discover is { } ports) { settings = await Discovery.RunAsync(settings, ports, options.Output, cancellationToken); }
            await using ServerHost host = await ServerHost.StartAsync(settings, TimeProvider.System, cancellationToken);
            host.Announce(options);
            return await host.ServeAsync(options, cancellationToken);
        }
        catch (SettingsException e)
        {
            foreach (string line in e.Lines) { await options.Error.WriteLineAsync(line); }
            return 2;
        }
        catch (Exception e) when (e is StoreException or AddressException)
        {
            await options.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
