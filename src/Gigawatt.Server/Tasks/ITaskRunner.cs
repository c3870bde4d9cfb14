using Gigawatt.Agents.Node;
using Gigawatt.Units;

namespace Gigawatt.Server.Tasks;

/// <summary>Runs tasks on one node, or on a kind of nodes. Everything is idempotent by the task's key.</summary>
internal interface ITaskRunner
{
    /// <summary>Sees to it that a task runs. Returns at once; what becomes of it is reported as events.</summary>
    void Start(PlacedTask task);

    /// <summary>Sees to it that a task ends: SIGTERM, and SIGKILL after the grace.</summary>
    void Stop(TaskKey key, Duration grace);
}

/// <summary>A task and where it was placed.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Launch">What to run.</param>
/// <param name="TimeLimit">The job's time limit, or null.</param>
/// <param name="Started">When it reported that it runs, when it did so before the server started.</param>
internal sealed record PlacedTask(string Node, TaskLaunch Launch, Duration? TimeLimit, Instant? Started)
{
    /// <summary>The task's key.</summary>
    public TaskKey Key => Launch.Key;
}
