using Gigawatt.Execution;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>Every job that was accepted ends exactly once, is announced when it does, and never runs again.</summary>
internal sealed class EndsOnceChecker : IChecker
{
    private readonly Dictionary<long, JobPhase> _ended = [];

    public void Check(World world)
    {
        foreach (Command command in world.Commands)
        {
            if (command.Kind != CommandKind.JobEnded) { continue; }
            if (!_ended.TryAdd(command.JobId, (JobPhase)command.Argument)) { Assert.Fail($"job {command.JobId} ends twice"); }
            world.Note($"ends: {(JobPhase)command.Argument}");
        }

        foreach (Job job in world.Cell.Jobs.InOrder())
        {
            bool announced = _ended.TryGetValue(job.Id, out JobPhase phase);
            if (announced != job.Phase.IsEnded() || (announced && phase != job.Phase)) { Assert.Fail($"job {job.Id} is {job.Phase} and was announced as {(announced ? phase : "running")}"); }
        }
    }

    public void CheckEnd(World world)
    {
        for (long id = 1; id < world.Cell.Jobs.NextId; id++)
        {
            if (!_ended.ContainsKey(id)) { Assert.Fail($"job {id} was lost"); }
        }
    }
}
