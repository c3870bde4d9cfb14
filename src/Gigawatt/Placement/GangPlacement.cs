using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Placement;

/// <summary>Places all tasks of a gang, or none.</summary>
/// <remarks>A rack is one NVLink domain or one switch, so a gang that fits in one rack goes there. Otherwise its tasks are
/// placed one after another by the policy; nodes are numbered by position, so they come to lie near each other.</remarks>
internal static class GangPlacement
{
    private const int RacksTried = 32;

    public static bool TryHold(FleetState fleet, IPlacementPolicy policy, Job job, int shape, in TaskDemand demand) =>
        MayFit(fleet, job, demand) && (TryOneRack(fleet, job, demand) || TryOneByOne(fleet, policy, job, shape, demand));

    // A large gang that waits is tried whenever a task ends: what the whole fleet has free often says no at once.
    private static bool MayFit(FleetState fleet, Job job, in TaskDemand demand) =>
        (long)demand.TotalAcceleratorMilli * job._tasks.Length <= fleet.AcceleratorCapacityMilli - fleet.AcceleratorUsedMilli
        && (long)demand.CpuMilli * job._tasks.Length <= fleet.CpuCapacityMilli - fleet.CpuUsedMilli;

    // Racks with enough free in sum are tried in order. A sum can lie in pieces that are too small, so it may take a few.
    private static bool TryOneRack(FleetState fleet, Job job, in TaskDemand demand)
    {
        long cpu = (long)demand.CpuMilli * job._tasks.Length, accelerators = demand.IsFraction ? 0 : (long)demand.Accelerators * job._tasks.Length;
        if (cpu > int.MaxValue || accelerators > int.MaxValue) { return false; }
        int rack = -1;
        for (int tries = 0; tries < RacksTried; tries++)
        {
            rack = fleet.Racks.FindFirst((int)cpu, (int)accelerators, rack + 1);
            if (rack < 0) { return false; }
            if (TryRack(fleet, job, demand, rack)) { return true; }
        }

        return false;
    }

    private static bool TryRack(FleetState fleet, Job job, in TaskDemand demand, int rack)
    {
        int held = 0, node = fleet.Racks.FirstNodeOf(rack), end = node + fleet.Racks.NodesOf(rack);
        for (; node < end; node++)
        {
            while (held < job._tasks.Length && fleet.Fits(node, demand))
            {
                Hold(fleet, job, held++, demand, new TaskPlacement(node, AcceleratorChoice.BestFit(fleet, node, demand)));
            }
        }

        return held == job._tasks.Length || UndoAll(fleet, job, held, demand);
    }

    private static bool TryOneByOne(FleetState fleet, IPlacementPolicy policy, Job job, int shape, in TaskDemand demand)
    {
        for (int rank = 0; rank < job._tasks.Length; rank++)
        {
            if (!policy.TryChoose(fleet, shape, demand, out TaskPlacement place)) { return UndoAll(fleet, job, rank, demand); }
            Hold(fleet, job, rank, demand, place);
        }

        return true;
    }

    private static void Hold(FleetState fleet, Job job, int rank, in TaskDemand demand, in TaskPlacement place)
    {
        fleet.Hold(demand, place);
        job._tasks[rank].Tentative = place;
    }

    private static bool UndoAll(FleetState fleet, Job job, int held, in TaskDemand demand)
    {
        while (held > 0) { fleet.Undo(demand, job._tasks[--held].Tentative); }
        return false;
    }
}
