using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>A job is stopped when its attempt has run as long as it may: not before, and not an event later.</summary>
internal sealed class TimeLimitChecker : IChecker
{
    public void Check(World world)
    {
        foreach (Job job in world.Cell.Jobs.InOrder())
        {
            if (job.Spec.TimeLimit is not { } limit || job.Phase is not (JobPhase.Running or JobPhase.Stopping)) { continue; }
            if (job.Phase == JobPhase.Stopping && job.StopCause != StopCause.TimeLimit) { continue; }
            Instant since = job.Tasks.Max(static task => task.Started!.Value);
            if (job.Phase == JobPhase.Stopping && world.Cell.Now < since + limit) { Assert.Fail($"job {job.Id} runs since {since} and is stopped before its limit of {limit}"); }
            if (job.Phase == JobPhase.Running && world.Loop.NextDeadline > since + limit) { Assert.Fail($"nothing will stop job {job.Id} at its limit of {limit}"); }
        }
    }
}
