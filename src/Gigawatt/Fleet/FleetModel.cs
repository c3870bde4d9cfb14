using Gigawatt.Metering;
using Gigawatt.Units;

namespace Gigawatt.Fleet;

/// <summary>A fleet as validated from a file: sites, accelerator types and groups of equal nodes.</summary>
/// <remarks>Nodes are described by group, so a gigawatt is a handful of lines and some hundred bytes in the journal.</remarks>
public sealed record FleetModel
{
    /// <summary>The fleet's name.</summary>
    public required string Name { get; init; }

    /// <summary>Sites; groups refer to them by index.</summary>
    public required IReadOnlyList<SiteModel> Sites { get; init; }

    /// <summary>Accelerator types; groups refer to them by index. At most 64, so that a set of types is one word.</summary>
    public required IReadOnlyList<AcceleratorType> AcceleratorTypes { get; init; }

    /// <summary>Groups of equal nodes, in topological order: neighbours in the list are neighbours in the building.</summary>
    public required IReadOnlyList<NodeGroup> Groups { get; init; }
}

/// <summary>One site: a building or campus with one electricity supply.</summary>
/// <param name="Name">Unique in the fleet.</param>
/// <param name="Factors">PUE, grid and water factors of the site.</param>
public sealed record SiteModel(string Name, SiteFactors Factors);

/// <summary>A type of accelerator.</summary>
/// <param name="Name">Unique in the fleet, such as <c>gb200</c>. Simulated types start with <c>sim-</c>.</param>
/// <param name="MemoryMib">Memory of one accelerator in MiB.</param>
/// <param name="Idle">Power of one idle accelerator.</param>
/// <param name="Tdp">Thermal design power of one accelerator.</param>
/// <param name="PerHour">Price of one accelerator for an hour.</param>
public sealed record AcceleratorType(string Name, int MemoryMib, Watts Idle, Watts Tdp, Usd PerHour);

/// <summary>Who carries out the tasks placed on a node.</summary>
public enum NodeExecution : byte
{
    /// <summary>An agent runs real processes.</summary>
    Agent,

    /// <summary>Nothing runs: the server only lets time pass, and says so in the task's log.</summary>
    Simulated,
}

/// <summary>A group of equal nodes.</summary>
public sealed record NodeGroup
{
    /// <summary>Unique in the fleet. A group of one names its node; otherwise nodes are called <c>NAME-rRACK-nNODE</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Index into <see cref="FleetModel.Sites"/>.</summary>
    public required int Site { get; init; }

    /// <summary>Racks in the group, at least 1.</summary>
    public required int Racks { get; init; }

    /// <summary>Nodes in each rack, at least 1.</summary>
    public required int NodesPerRack { get; init; }

    /// <summary>CPU of one node in thousandths of a core.</summary>
    public required int CpuMilli { get; init; }

    /// <summary>Memory of one node in MiB.</summary>
    public required int MemoryMib { get; init; }

    /// <summary>Index into <see cref="FleetModel.AcceleratorTypes"/>, or -1 when the nodes have none.</summary>
    public required int AcceleratorType { get; init; }

    /// <summary>Accelerators in one node, 0 to 64.</summary>
    public required int Accelerators { get; init; }

    /// <summary>Power of one fully busy core, for modelled energy.</summary>
    public required Watts PerCore { get; init; }

    /// <summary>Price of one core for an hour.</summary>
    public required Usd CorePerHour { get; init; }

    /// <summary>Who carries out tasks here.</summary>
    public required NodeExecution Execution { get; init; }

    /// <summary>Host name or address at which tasks on this node reach each other; empty for simulated nodes.</summary>
    public string Address { get; init; } = "";

    /// <summary>Nodes in the group.</summary>
    public int Nodes => Racks * NodesPerRack;

    /// <summary>The name of one node.</summary>
    /// <param name="offset">0 to <see cref="Nodes"/> - 1.</param>
    public string NodeName(int offset) =>
        Nodes == 1 ? Name : $"{Name}-r{offset / NodesPerRack:0000}-n{offset % NodesPerRack:00}";
}
