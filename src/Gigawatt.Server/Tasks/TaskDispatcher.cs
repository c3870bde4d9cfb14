using Gigawatt.Agents.Node;
using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Server.Cell;
using Gigawatt.Server.Ledger;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Server.Tasks;

/// <summary>Carries the control loop's commands out: tasks to their nodes, usage to the ledger, ends to whoever waits.</summary>
internal sealed class TaskDispatcher(UsageJournal usage, JobWaiters waiters, ITaskRunner simulated, Func<string, ITaskRunner> runnerOf) : ICommandCarrier
{
    private readonly LaunchBuilder _launches = new();

    /// <inheritdoc/>
    public void Carry(ControlLoop loop, ReadOnlySpan<Command> commands)
    {
        foreach (Command command in commands)
        {
            switch (command.Kind)
            {
                case CommandKind.StartTask: Start(loop, command); break;
                case CommandKind.StopTask: Stop(loop, command); break;
                case CommandKind.RecordUsage: usage.Settle(command.Usage!.Record); break;
                case CommandKind.JobEnded: waiters.Release(command.JobId); break;
            }
        }
    }

    /// <summary>After a restart: sees to it that every task that should run does, and that every task that should stop is told again.</summary>
    public void Resume(ControlLoop loop)
    {
        foreach (Job job in loop.State.Jobs.InOrder())
        {
            if (!job.Phase.HoldsCapacity()) { continue; }
            for (int rank = 0; rank < job.Tasks.Count; rank++)
            {
                if (job.Tasks[rank].Ended) { continue; }
                PlacedTask task = _launches.Build(loop.State, job, rank);
                ITaskRunner runner = RunnerOf(loop.State.Fleet, job.Tasks[rank].Placement.Node);
                runner.Start(task);
                if (job.Phase == JobPhase.Stopping) { runner.Stop(task.Key, job.Spec.StopGrace); }
            }
        }
    }

    private void Start(ControlLoop loop, in Command command)
    {
        // A batch may hold a start and what undid it: then there is nothing left to start.
        if (loop.State.Jobs.Find(command.JobId) is not { } job || job.Attempt != command.Attempt
            || !job.Phase.HoldsCapacity() || job.Tasks[command.Rank].Ended) { return; }
        RunnerOf(loop.State.Fleet, command.Node).Start(_launches.Build(loop.State, job, command.Rank));
    }

    private void Stop(ControlLoop loop, in Command command) =>
        RunnerOf(loop.State.Fleet, command.Node).Stop(
            new TaskKey(command.JobId, command.Attempt, command.Rank), new Duration((long)command.Argument));

    private ITaskRunner RunnerOf(FleetState fleet, int node) =>
        fleet.GroupOf(node).Execution == NodeExecution.Simulated ? simulated : runnerOf(fleet.NameOf(node));
}
