using Gigawatt.Execution;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>A job that its owner cancelled starts nothing more, whatever else happens to it.</summary>
internal sealed class CancelChecker : IChecker
{
    private readonly HashSet<long> _cancelled = [];

    public void Check(World world)
    {
        foreach (Command command in world.Commands)
        {
            if (command.Kind == CommandKind.StartTask && _cancelled.Contains(command.JobId)) { Assert.Fail($"job {command.JobId} starts, and was cancelled before"); }
        }

        if (world.Last.Event is JobCancelRequested cancel && world.Cell.Jobs.Find(cancel.JobId) is { Phase: not JobPhase.Queued }) { _cancelled.Add(cancel.JobId); }
        if (world.Last.Event is JobCancelRequested { JobId: var id } && world.Cell.Jobs.Find(id) is { Phase: JobPhase.Queued }) { Assert.Fail($"job {id} waits on, and was cancelled"); }
    }
}
