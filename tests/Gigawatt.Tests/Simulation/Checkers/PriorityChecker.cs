using Gigawatt.Execution;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>No job starts in the place of a more urgent one that waits. Where there are queues, quotas decide first who may.</summary>
internal sealed class PriorityChecker : IChecker
{
    public void Check(World world)
    {
        if (world.Cell.Queues.IsActive) { return; }
        long last = 0;
        foreach (Command command in world.Commands)
        {
            if (command.Kind != CommandKind.StartTask || command.JobId == last) { continue; }
            last = command.JobId;
            Job started = world.Cell.Jobs.Find(last)!;
            foreach (Job job in world.Cell.Jobs.InOrder())
            {
                if (job.Phase == JobPhase.Queued && job.NotBefore <= world.Cell.Now && job.Spec.Priority < started.Spec.Priority && WouldFitWithout(world.Cell, job, started))
                {
                    Assert.Fail($"job {started.Id} of class {started.Spec.Priority} starts in the place of job {job.Id} of class {job.Spec.Priority}");
                }
            }
        }
    }

    private static bool WouldFitWithout(CellState cell, Job job, Job started)
    {
        long held = Naive.HeldBy(cell, job.Spec.Tenant) - (job.Spec.Tenant == started.Spec.Tenant ? Naive.Milli(started.Spec) : 0);
        if (held + Naive.Milli(job.Spec) > (cell.Quotas.LimitOf(job.Spec.Tenant) ?? long.MaxValue)) { return false; }
        TaskDemand demand = cell.Shapes[started.Shape];
        foreach (TaskState task in started.Tasks) { cell.Fleet.Undo(demand, task.Placement); }
        long slots = Naive.Slots(cell.Fleet, job.Spec, null);
        foreach (TaskState task in started.Tasks) { cell.Fleet.Hold(demand, task.Placement); }
        return slots >= job.Spec.GangSize;
    }
}
