using System.Collections;
using Gigawatt.Agents.Telemetry;
using Gigawatt.Configuration;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Units;

namespace Gigawatt.Server.Hosting;

/// <summary>Something is wrong with what the server was told; all of it is in the lines.</summary>
internal sealed class SettingsException(IReadOnlyList<string> lines) : Exception(string.Join('\n', lines))
{
    public IReadOnlyList<string> Lines { get; } = lines;
}

/// <summary>What the server runs with: command line over config file over defaults, the fleet with this machine in it.</summary>
/// <param name="Config">The config file's part.</param>
/// <param name="Host">Address to listen on.</param>
/// <param name="Port">Port to listen on.</param>
/// <param name="DataFolder">Folder of everything that is kept.</param>
/// <param name="Fleet">The fleet.</param>
/// <param name="ThisMachine">The node of this machine, or null when the fleet has none.</param>
/// <param name="FleetPath">Where the fleet was read from, for people.</param>
/// <param name="PolicyName">The placement policy.</param>
internal sealed record Settings(
    ServerConfig Config, string Host, int Port, string DataFolder, FleetModel Fleet, NodeGroup? ThisMachine, string FleetPath, string PolicyName)
{
    /// <summary>The accelerator type of this machine, or null.</summary>
    public AcceleratorType? ThisMachineType =>
        ThisMachine is { AcceleratorType: >= 0 } node ? Fleet.AcceleratorTypes[node.AcceleratorType] : null;

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; private init; } = new Dictionary<string, string>();

    /// <summary>Index of the site whose factors apply to requests.</summary>
    public int RequestSite { get; private init; }

    /// <summary>The providers that were found on this machine; they are in <see cref="Config"/> too.</summary>
    public IReadOnlyList<ProviderConfig> Discovered { get; init; } = [];

    /// <summary>The config file, or null.</summary>
    public string? ConfigPath { get; private init; }

    /// <summary>Reads the config file again.</summary>
    public Loaded<ServerConfig> Reload() => ServerConfig.Load(ConfigPath!, Environment);

    /// <summary>The site whose factors apply to requests, by a configuration.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? SiteOf(ServerConfig config, out int site) => SiteOf(config, Fleet, out site);

    /// <summary>Reads all files and puts them together.</summary>
    /// <exception cref="SettingsException">With every mistake in them.</exception>
    public static Settings Load(ServerOptions options, MachineFacts machine)
    {
        IReadOnlyDictionary<string, string> environment = options.Environment ?? ProcessEnvironment();
        Loaded<ServerConfig> loaded = options.ConfigPath is { } path ? ServerConfig.Load(path, environment) : ServerConfig.FromEnvironment(environment);
        string? fleetPath = options.FleetPath ?? loaded.Value?.FleetFile;
        Loaded<FleetFile> fleet = fleetPath is null ? FleetFile.LoadDefault() : FleetFile.Load(fleetPath);
        List<string> wrong = [.. loaded.Problems.Select(static p => p.ToString()), .. fleet.Problems.Select(static p => p.ToString())];
        if (loaded.Value is not { } config || fleet.Value is not { } file || wrong.Count > 0) { throw new SettingsException(Mistakes(options, environment) ?? wrong); }

        string policy = options.Policy ?? config.PlacementPolicy;
        if (PlacementPolicies.Create(policy, new PlacementOptions()) is null)
        {
            wrong.Add($"There is no placement policy '{policy}' for a server; there are {string.Join(", ", ServerPolicies())}.");
        }

        if (SiteOf(config, file.Model, out int site) is { } unknown) { wrong.AddRange(Mistakes(options, environment) ?? [unknown]); }
        else if (config.Queues.Queues.Count > 0 && Mistakes(options, environment) is { } mistakes) { wrong.AddRange(mistakes); }

        if (wrong.Count > 0) { throw new SettingsException(wrong); }
        (FleetModel model, NodeGroup? node) = LocalMachine.AddTo(file, machine);
        return new Settings(
            config,
            options.Host ?? config.ListenHost,
            options.Port ?? config.ListenPort,
            options.DataFolder ?? config.DataFolder ?? ".gigawatt",
            model,
            node,
            fleetPath ?? "fleets/laptop.yaml (shipped)",
            policy)
        { RequestSite = site, ConfigPath = options.ConfigPath, Environment = environment };
    }

    // All of both files, with those that only both together show, as gw config check tells them.
    private static List<string>? Mistakes(ServerOptions options, IReadOnlyDictionary<string, string> environment) =>
        options.ConfigPath is { } path && ConfigCheck.Of(path, options.FleetPath, environment) is { Count: > 0 } all ? [.. all.Select(static m => m.ToString())] : null;

    private static string? SiteOf(ServerConfig config, FleetModel fleet, out int site)
    {
        site = config.RequestSite is null ? 0 : fleet.Sites.ToList().FindIndex(s => s.Name == config.RequestSite);
        return site >= 0 ? null : $"The config names the site '{config.RequestSite}' for requests; the fleet has {string.Join(", ", fleet.Sites.Select(s => s.Name))}.";
    }

    private static IEnumerable<string> ServerPolicies() =>
        PlacementPolicies.Names.Where(static name => PlacementPolicies.Create(name, new PlacementOptions()) is not null);

    private static Dictionary<string, string> ProcessEnvironment()
    {
        var variables = new Dictionary<string, string>();
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables()) { variables[(string)entry.Key] = (string?)entry.Value ?? ""; }
        return variables;
    }
}

/// <summary>Puts the machine that runs the server into the fleet, as it was found.</summary>
internal static class LocalMachine
{
    public static (FleetModel Model, NodeGroup? Node) AddTo(FleetFile file, MachineFacts machine)
    {
        if (file.ThisMachine is not { } asked) { return (file.Model, null); }
        FleetModel model = file.Model;
        int type = asked.AcceleratorType, accelerators = asked.Accelerators;
        // Real accelerators take the place of simulated ones: nobody wants to pretend where there is something.
        if (machine.Accelerators.Count > 0)
        {
            AcceleratorFacts first = machine.Accelerators[0];
            model = model with { AcceleratorTypes = [.. model.AcceleratorTypes, RealType(first)] };
            type = model.AcceleratorTypes.Count - 1;
            accelerators = machine.Accelerators.Count(a => a.TypeName == first.TypeName);
        }

        var node = new NodeGroup
        {
            Name = asked.Name,
            Site = asked.Site,
            Racks = 1,
            NodesPerRack = 1,
            CpuMilli = Math.Max(1000, machine.Cores * 1000 - asked.ReserveCpuMilli),
            MemoryMib = (int)Math.Clamp(machine.MemoryMib - asked.ReserveMemoryMib, 1, int.MaxValue),
            AcceleratorType = accelerators > 0 ? type : -1,
            Accelerators = accelerators,
            PerCore = asked.PerCore,
            CorePerHour = asked.CorePerHour,
            Execution = NodeExecution.Agent,
            Address = "127.0.0.1",
        };
        return (model with { Groups = [.. model.Groups, node] }, node);
    }

    // The catalogue's power and price where the maker's name holds an entry's name ("NVIDIA H100 80GB HBM3" holds "h100").
    private static AcceleratorType RealType(AcceleratorFacts facts)
    {
        CatalogAccelerator? known = Catalog.Load().Accelerators
            .Where(a => facts.TypeName.Contains(a.Type.Name.Split('-')[0], StringComparison.Ordinal))
            .MaxBy(static a => a.Type.Name.Length);
        int memory = (int)Math.Min(facts.MemoryMib, int.MaxValue);
        return known is null
            ? new AcceleratorType(facts.TypeName, memory, default, default, default)
            : known.Type with { Name = facts.TypeName, MemoryMib = memory };
    }
}
