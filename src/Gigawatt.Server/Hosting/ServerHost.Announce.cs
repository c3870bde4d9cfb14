using System.Globalization;
using Gigawatt.Units;

namespace Gigawatt.Server.Hosting;

/// <content>What a start tells people and programs.</content>
internal sealed partial class ServerHost
{
    /// <summary>Prints what is served, where things are and how to begin; writes the ready file.</summary>
    public void Announce(ServerOptions options)
    {
        TextWriter o = options.Output;
        if (_tls is not null) { o.WriteLine($"  tls     {_tls.Describe()}"); }
        if (_settings.Config.Admin is not null) { o.WriteLine($"  control {ControlUrl}{(_adminTls is null ? "" : $", {_adminTls.Describe()}")}"); }
        long accelerators = _settings.Fleet.Groups.Sum(static g => (long)g.Nodes * g.Accelerators);
        int nodes = _settings.Fleet.Groups.Sum(static g => g.Nodes);
        o.WriteLine($"Gigawatt {Product.Version} serves {Url}");
        o.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  fleet   {_settings.Fleet.Name}: {nodes:N0} node{(nodes == 1 ? "" : "s")}, {accelerators:N0} accelerators, from {_settings.FleetPath}"));
        if (_settings.ThisMachine is { } node)
        {
            string held = _settings.ThisMachineType is { } type ? $", {node.Accelerators} {type.Name}{(type.Name.StartsWith("sim-", StringComparison.Ordinal) ? " (simulated)" : "")}" : "";
            o.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  jobs    run here as processes on {node.Name}: {node.CpuMilli / 1000.0:0.#} CPUs, {node.MemoryMib:N0} MiB{held}"));
        }

        AnnounceModels(o);
        o.WriteLine($"  data    {Folder.Root}");
        AnnounceRecovery(o);
        AnnounceKey(o);
        o.WriteLine("Ctrl-C stops it.");
        o.Flush();
        if (options.ReadyFile is { } path) { new ReadyFile(Url, _firstKey?.Secret).Write(path); }
    }

    private void AnnounceRecovery(TextWriter o)
    {
        long events = _recovery.FromSnapshot + _recovery.Replayed;
        if (events == 0) { return; }
        o.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  state   {events:N0} events back from the journal ({_recovery.Replayed:N0} replayed)"));
        if (_recovery.BytesCut + _usageRecovery.BytesCut > 0)
        {
            o.WriteLine($"  state   a torn tail of {_recovery.BytesCut + _usageRecovery.BytesCut} bytes was cut: it was never acknowledged");
        }

        if (_usageRecovery.Recovered > 0) { o.WriteLine($"  usage   {_usageRecovery.Recovered} requests that a crash cut off were settled at their bound"); }
    }

    private void AnnounceKey(TextWriter o)
    {
        string key = "$GIGAWATT_API_KEY";
        if (_firstKey is { } made)
        {
            key = made.Secret;
            o.WriteLine();
            o.WriteLine($"API key of tenant {made.Facts.TenantId}, shown this once (only its hash is kept):");
            o.WriteLine($"  {made.Secret}");
        }

        o.WriteLine();
        o.WriteLine("Try it:");
        o.WriteLine($"  curl {Url}/v1/messages -H 'x-api-key: {key}' -H 'anthropic-version: 2023-06-01' \\");
        o.WriteLine($"    -H 'content-type: application/json' -d '{{\"model\":\"{ModelToTry()}\",\"max_tokens\":64,\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'");
        o.WriteLine("  ./gw submit --name hello -- echo hello");
        o.WriteLine();
    }
}
