namespace Gigawatt.Agents.Node;

/// <summary>What to run: one command, as one process group on this node.</summary>
/// <param name="Key">The task's name; starting the same key again does nothing.</param>
/// <param name="Command">
/// The program and its arguments, at least one. It is looked up in the task's PATH and run directly, not by a shell.
/// </param>
/// <param name="Environment">
/// Variables on top of the node's own, later ones winning. Names are letters, digits and underscores and do not
/// begin with a digit. See <see cref="TaskEnvironment"/> for what the task gets besides.
/// </param>
/// <param name="WorkingDirectory">Where the command runs; null is the agent's own working directory.</param>
/// <param name="Accelerators">Indices of this node's accelerators that the task holds; they are metered for it.</param>
public sealed record TaskLaunch(
    TaskKey Key,
    IReadOnlyList<string> Command,
    IReadOnlyList<KeyValuePair<string, string>> Environment,
    string? WorkingDirectory,
    IReadOnlyList<int> Accelerators);
