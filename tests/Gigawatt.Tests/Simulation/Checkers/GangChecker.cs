using Gigawatt.Execution;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>A gang starts whole, in one step, each rank once; no attempt starts twice; and none runs on without a task that was lost or failed.</summary>
internal sealed class GangChecker : IChecker
{
    private readonly Dictionary<long, int> _attempts = [];

    public void Check(World world)
    {
        var ranks = new Dictionary<long, HashSet<int>>();
        foreach (Command command in world.Commands)
        {
            if (command.Kind != CommandKind.StartTask) { continue; }
            if (!ranks.TryGetValue(command.JobId, out HashSet<int>? own)) { ranks.Add(command.JobId, own = []); }
            if (!own.Add(command.Rank)) { Assert.Fail($"rank {command.Rank} of job {command.JobId} is started twice"); }
        }

        foreach ((long id, HashSet<int> started) in ranks)
        {
            Job job = world.Cell.Jobs.Find(id)!;
            if (started.Count != job.Spec.GangSize || started.Max() != job.Spec.GangSize - 1) { Assert.Fail($"job {id} starts {started.Count} of {job.Spec.GangSize} tasks"); }
            if (job.Attempt <= _attempts.GetValueOrDefault(id)) { Assert.Fail($"attempt {job.Attempt} of job {id} starts again"); }
            _attempts[id] = job.Attempt;
        }

        foreach (Job job in world.Cell.Jobs.InOrder())
        {
            if (job.Phase is not (JobPhase.Starting or JobPhase.Running)) { continue; }
            foreach (TaskState task in job.Tasks)
            {
                if (task.Ended && task.ExitCode != 0) { Assert.Fail($"job {job.Id} runs on without one of its tasks"); }
            }
        }
    }
}
