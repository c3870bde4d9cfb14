using Gigawatt.Units;

namespace Gigawatt.Agents.Node;

/// <summary>How a node agent works.</summary>
public sealed record NodeAgentOptions
{
    /// <summary>
    /// The folder that holds everything the agent must find again after a crash. Created, readable by its owner
    /// only, when it is missing. One agent at a time may use it. On a local file system with hard links.
    /// </summary>
    public required string DataFolder { get; init; }

    /// <summary>
    /// How long tasks may go on without <see cref="NodeAgent.RenewLease"/>; then a guard process, which survives the
    /// agent, kills them. At least a second. Null, the default, is never: right for an agent inside the server,
    /// whose tasks outlive it. Whoever gives a silent node's tasks to another node must wait longer than this: by
    /// at least two seconds, the time in which the guard looks and kills.
    /// </summary>
    public Duration? LeaseDuration { get; init; }

    /// <summary>How often running tasks are looked at, and so how late a report can be. Default 100 ms.</summary>
    public Duration PollInterval { get; init; } = Duration.FromMilliseconds(100);

    /// <summary>How often energy and CPU time are sampled while tasks run. Default 1 s.</summary>
    public Duration SampleInterval { get; init; } = Duration.FromSeconds(1);

    /// <summary>
    /// Bytes of output kept per task, at least 64 KiB, default 256 MiB: the first half and the latest half. What
    /// lies between is dropped as it grows, while an agent runs. See <see cref="LogReader"/>.
    /// </summary>
    public long LogLimitBytes { get; init; } = 256L << 20;
}
