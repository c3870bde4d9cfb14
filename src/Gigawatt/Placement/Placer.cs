using Gigawatt.Admission;
using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Placement;

/// <summary>Place: gives waiting jobs their nodes.</summary>
internal static class Placer
{
    /// <summary>Tries the heads of all lines that do not rest until none of them fits.</summary>
    public static void PlaceWaiting(CellState cell, IPlacementPolicy policy, StepWork work)
    {
        while (cell.Queue.Next(cell, out PendingQueue.Line? line) is { } job)
        {
            if (TryPlace(cell, policy, job))
            {
                cell.Queue.Take(line!);
                work.Placed.Add(job);
            }
            else if (job.Spec.WhenItDoesNotFit == WhenItDoesNotFit.Drop)
            {
                cell.Queue.Take(line!);
                Drop(cell, work, job);
            }
            else
            {
                line!.RestsAt = cell.Fleet.FreedVersion;
            }
        }
    }

    private static void Drop(CellState cell, StepWork work, Job job)
    {
        job.Phase = JobPhase.Dropped;
        cell.Jobs.MarkEnded(job, cell.Now);
        work.EndedJobs.Add(job);
    }

    private static bool TryPlace(CellState cell, IPlacementPolicy policy, Job job)
    {
        TaskDemand demand = cell.Shapes[job.Shape];
        long milli = (long)demand.TotalAcceleratorMilli * job.Spec.GangSize;
        if (!cell.Quotas.Allows(job.Spec.Tenant, milli)) { return false; }
        if (!TryHold(cell, policy, job, demand, milli)) { return false; }
        cell.Quotas.Hold(job.Spec.Tenant, milli);
        job.BeginAttempt(cell.Now, policy.Name);
        AssignPorts(cell, job);
        return true;
    }

    private static bool TryHold(CellState cell, IPlacementPolicy policy, Job job, in TaskDemand demand, long milli)
    {
        if (!cell.Queues.IsActive) { return TryHold(cell.Fleet, policy, job, job.Shape, demand); }
        if (job.QueueNode is not { } queue) { return false; }
        for (int place = 0; cell.Queues.Admits(queue, demand, milli, place, out place); place++)
        {
            if (place < 0) { return TryHold(cell.Fleet, policy, job, job.Shape, demand); }
            int type = cell.Queues.FleetTypeOf(queue.Order[place]);
            TaskDemand ofType = demand with { AcceleratorTypes = 1UL << type };
            if (!TryHold(cell.Fleet, policy, job, cell.Shapes.NumberOf(ofType), ofType)) { continue; }
            cell.Queues.Hold(queue, type, milli, cell.Now);
            return true;
        }

        return false;
    }

    private static bool TryHold(FleetState fleet, IPlacementPolicy policy, Job job, int shape, in TaskDemand demand) =>
        job._tasks.Length > 1 ? GangPlacement.TryHold(fleet, policy, job, shape, demand) : TryHoldOne(fleet, policy, job, shape, demand);

    private static bool TryHoldOne(FleetState fleet, IPlacementPolicy policy, Job job, int shape, in TaskDemand demand)
    {
        if (!policy.TryChoose(fleet, shape, demand, out TaskPlacement place)) { return false; }
        fleet.Hold(demand, place);
        job._tasks[0].Tentative = place;
        return true;
    }

    private static void AssignPorts(CellState cell, Job job)
    {
        foreach (TaskState task in job._tasks)
        {
            task.Port = cell.NextPort;
            cell.NextPort = cell.NextPort == CellState.LastPort ? CellState.FirstPort : cell.NextPort + 1;
        }
    }
}
