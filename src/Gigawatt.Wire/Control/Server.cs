namespace Gigawatt.Wire.Control;

/// <summary>The server: <c>GET /gigawatt/v1/server</c>.</summary>
/// <param name="Version">The product's version.</param>
/// <param name="Url">Where it listens.</param>
/// <param name="DataFolder">Where it keeps its state.</param>
/// <param name="Fleet">The fleet's name.</param>
/// <param name="Policy">The placement policy.</param>
/// <param name="Models">Models that can be asked for.</param>
/// <param name="StateHash">Hash of all commands so far.</param>
/// <param name="Events">Events in the journal's history so far.</param>
public sealed record ServerView(
    string Version, string Url, string DataFolder, string Fleet, string Policy, IReadOnlyList<string> Models, string StateHash, long Events);

/// <summary>The fleet: <c>GET /gigawatt/v1/fleet</c>.</summary>
/// <param name="Name">The fleet's name.</param>
/// <param name="Groups">Groups of equal nodes.</param>
public sealed record FleetView(string Name, IReadOnlyList<GroupView> Groups);

/// <summary>A group of equal nodes.</summary>
/// <param name="Name">Its name; a group of one is its node.</param>
/// <param name="Site">Its site.</param>
/// <param name="Nodes">Nodes in the group.</param>
/// <param name="NodesUp">Nodes that take work.</param>
/// <param name="Cpus">CPUs in all.</param>
/// <param name="CpusFree">CPUs free on nodes that are up.</param>
/// <param name="AcceleratorType">Type of the accelerators; null without any.</param>
/// <param name="Accelerators">Accelerators in all.</param>
/// <param name="AcceleratorsFree">Accelerators free on nodes that are up.</param>
/// <param name="Execution"><c>agent</c> for real processes, <c>simulated</c> when nothing runs.</param>
/// <param name="Quarantine">Why and until when its node gets no work after it was lost again and again; null when it is not so.</param>
public sealed record GroupView(
    string Name, string Site, int Nodes, int NodesUp, double Cpus, double CpusFree,
    string? AcceleratorType, double Accelerators, double AcceleratorsFree, string Execution, string? Quarantine = null);

/// <summary>A join token: <c>POST /gigawatt/v1/join-tokens</c>.</summary>
/// <param name="Token">What an agent shows to join.</param>
/// <param name="Expires">When it ends.</param>
public sealed record JoinToken(string Token, DateTimeOffset Expires);

/// <summary>An error of the control API.</summary>
/// <param name="Error">What went wrong.</param>
public sealed record ControlError(ControlErrorBody Error);

/// <summary>What went wrong.</summary>
/// <param name="Code">From a closed list, for programs.</param>
/// <param name="Message">For people: what is wrong and what to do.</param>
public sealed record ControlErrorBody(string Code, string Message);
