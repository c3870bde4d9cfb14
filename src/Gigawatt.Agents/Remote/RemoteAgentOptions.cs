namespace Gigawatt.Agents.Remote;

/// <summary>How a machine joins a server as a further node.</summary>
public sealed record RemoteAgentOptions
{
    /// <summary>The server's address, such as <c>http://10.0.0.5:8420</c>.</summary>
    public required Uri Server { get; init; }

    /// <summary>The token that lets an agent join.</summary>
    public required string JoinToken { get; init; }

    /// <summary>The node's name, unique in the fleet; null is the machine's host name.</summary>
    public string? Name { get; init; }

    /// <summary>Where the agent keeps its tasks; one agent at a time.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Cores to offer in thousandths; null is all that the machine has.</summary>
    public int? CpuMilli { get; init; }

    /// <summary>Memory to offer in MiB; null is all that the machine has.</summary>
    public int? MemoryMib { get; init; }

    /// <summary>Simulated accelerators to offer, instead of those that the machine has.</summary>
    public int SimulatedAccelerators { get; init; }

    /// <summary>Type of the simulated accelerators; begins with <c>sim-</c>.</summary>
    public string? SimulatedAcceleratorType { get; init; }

    /// <summary>Where tasks of other nodes reach this one; null is the address by which it reaches the server.</summary>
    public string? Address { get; init; }

    /// <summary>Gets one line for each thing worth telling.</summary>
    public required TextWriter Output { get; init; }
}
