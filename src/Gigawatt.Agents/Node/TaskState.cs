namespace Gigawatt.Agents.Node;

/// <summary>How far a task is.</summary>
public enum TaskPhase
{
    /// <summary>On record; its supervisor has not claimed it yet.</summary>
    Starting,

    /// <summary>Its supervisor runs.</summary>
    Running,

    /// <summary>Running, and told to end.</summary>
    Stopping,

    /// <summary>Over; kept until <see cref="NodeAgent.Forget"/>.</summary>
    Ended,
}

/// <summary>A task as this node knows it now.</summary>
/// <param name="Key">The task.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Pid">Its supervisor's process number, from when it has claimed the task until it ended.</param>
/// <param name="Final">The report of its end; null until then.</param>
public sealed record TaskState(TaskKey Key, TaskPhase Phase, int? Pid, TaskReport? Final);
