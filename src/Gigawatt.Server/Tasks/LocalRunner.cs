using Gigawatt.Agents.Node;
using Gigawatt.Execution;
using Gigawatt.Server.Cell;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Exited = Gigawatt.Agents.Node.TaskExited;
using Lost = Gigawatt.Agents.Node.TaskLost;
using Started = Gigawatt.Agents.Node.TaskStarted;
using TaskState = Gigawatt.Agents.Node.TaskState;

namespace Gigawatt.Server.Tasks;

/// <summary>Runs tasks on this machine through the node agent inside the server.</summary>
/// <remarks>The agent keeps the record of an ended task until its end is in the journal, so a crash between the two loses nothing.</remarks>
internal sealed class LocalRunner(NodeAgent agent, TaskLogs logs) : ITaskRunner
{
    // What a shell answers for a command that it finds but cannot execute (POSIX.1-2017, Shell Command Language, 2.8.2).
    private const int ExitCodeOfNotExecutable = 126;

    /// <inheritdoc/>
    public void Start(PlacedTask task) => agent.Start(task.Launch);

    /// <inheritdoc/>
    public void Stop(TaskKey key, Duration grace) => agent.Stop(key, grace);

    /// <summary>Hands the agent's reports to the driver until the agent is disposed.</summary>
    public async Task ForwardAsync(CellDriver driver, CancellationToken cancellationToken)
    {
        await foreach (TaskReport report in agent.Reports.ReadAllAsync(cancellationToken))
        {
            if (report is TaskFailedToStart failed) { logs.Write(report.Key, $"[gigawatt] the task could not be started: {failed.Reason}\n"); }
            await driver.ApplyAsync(ToEvent(report), cancellationToken);
            if (report.IsFinal) { agent.Forget(report.Key); }
        }
    }

    /// <summary>Ends what runs here and the loop does not expect: its job went elsewhere while the server was down.</summary>
    public void StopUnexpected(ControlLoop loop)
    {
        foreach (TaskState task in agent.Tasks)
        {
            (long id, int attempt, int rank) = task.Key;
            bool expected = loop.State.Jobs.Find(id) is { } job && job.Attempt == attempt && job.Phase.HoldsCapacity()
                && rank < job.Tasks.Count && !job.Tasks[rank].Ended;
            if (!expected && task.Final is null) { agent.Stop(task.Key, Duration.Zero); }
        }
    }

    private static Event ToEvent(TaskReport report)
    {
        (long job, int attempt, int rank) = report.Key;
        return report switch
        {
            Started => new Execution.TaskStarted(job, attempt, rank),
            Exited e => new Execution.TaskExited(job, attempt, rank, e.ExitCode, new TaskReading(e.CpuMilliseconds, e.Energy.Cpu, e.Energy.Accelerators)),
            TaskFailedToStart => new Execution.TaskExited(job, attempt, rank, ExitCodeOfNotExecutable, default),
            Lost e => new Execution.TaskLost(job, attempt, rank, e.Reason),
            _ => throw new ArgumentOutOfRangeException(nameof(report), report, "Unknown report."),
        };
    }
}
