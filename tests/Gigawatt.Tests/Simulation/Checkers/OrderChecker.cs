using Gigawatt.Execution;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>Nobody is overtaken by an equal: of jobs that ask for the same, the one that came first starts first.</summary>
internal sealed class OrderChecker : IChecker
{
    public void Check(World world)
    {
        long last = 0;
        foreach (Command command in world.Commands)
        {
            if (command.Kind != CommandKind.StartTask || command.JobId == last) { continue; }
            last = command.JobId;
            Job started = world.Cell.Jobs.Find(last)!;
            foreach (Job job in world.Cell.Jobs.InOrder())
            {
                if (job.Id >= started.Id) { break; }
                if (job.Phase == JobPhase.Queued && job.NotBefore <= world.Cell.Now && AreEqual(job, started)) { Assert.Fail($"job {started.Id} starts before job {job.Id}, which asks for the same"); }
            }
        }
    }

    private static bool AreEqual(Job one, Job other) =>
        one.Queue == other.Queue && one.Spec.Tenant == other.Spec.Tenant && one.Spec.Priority == other.Spec.Priority
        && one.Spec.GangSize == other.Spec.GangSize && one.Spec.CpuMilli == other.Spec.CpuMilli && one.Spec.MemoryMib == other.Spec.MemoryMib
        && one.Spec.Accelerators == other.Spec.Accelerators && one.Spec.AcceleratorMilli == other.Spec.AcceleratorMilli
        && one.Spec.AcceleratorTypes.SequenceEqual(other.Spec.AcceleratorTypes);
}
