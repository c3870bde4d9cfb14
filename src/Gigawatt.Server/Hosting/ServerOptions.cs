namespace Gigawatt.Server;

/// <summary>What the command line says of a server. Null is "not given": the config file decides, then the default.</summary>
public sealed record ServerOptions
{
    /// <summary>Address to listen on; default 127.0.0.1.</summary>
    public string? Host { get; init; }

    /// <summary>Port to listen on; default 8420, and 0 takes a free one.</summary>
    public int? Port { get; init; }

    /// <summary>Folder of everything that is kept; default <c>.gigawatt</c>.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Fleet file; default the shipped <c>fleets/laptop.yaml</c>.</summary>
    public string? FleetPath { get; init; }

    /// <summary>Config file; default none.</summary>
    public string? ConfigPath { get; init; }

    /// <summary>File that gets the address and the key made in this start, once the server serves; null writes none.</summary>
    public string? ReadyFile { get; init; }

    /// <summary>Name of the placement policy; default <c>bin-pack</c>.</summary>
    public string? Policy { get; init; }

    /// <summary>Ports of this machine on which servers of models are looked for; null looks for none.</summary>
    public IReadOnlyList<int>? Discover { get; init; }

    /// <summary>Environment variables; null is the process's own.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Gets what people read.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Gets errors.</summary>
    public required TextWriter Error { get; init; }
}
