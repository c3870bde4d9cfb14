using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Placement;

/// <summary>Places all tasks of a gang, or none.</summary>
/// <remarks>A rack is one NVLink domain or one switch, so a gang that fits in one rack goes there. Otherwise its tasks are
/// placed one after another by the policy; nodes are numbered by position, so they come to lie near each other.</remarks>
internal static class GangPlacement
{
    public static bool TryHold(FleetState fleet, IPlacementPolicy policy, Job job, in TaskDemand demand) =>
        TryOneRack(fleet, job, demand) || TryOneByOne(fleet, policy, job, demand);

    private static bool TryOneRack(FleetState fleet, Job job, in TaskDemand demand)
    {
        int start = fleet.Index.FindEmptiest(demand);
        if (start < 0) { return false; }
        int rack = fleet.RackOf(start), held = 0;
        while (start > 0 && fleet.RackOf(start - 1) == rack) { start--; }
        for (int node = start; node < fleet.NodeCount && fleet.RackOf(node) == rack; node++)
        {
            while (held < job._tasks.Length && fleet.Fits(node, demand))
            {
                Hold(fleet, job, held++, demand, new TaskPlacement(node, AcceleratorChoice.BestFit(fleet, node, demand)));
            }
        }

        return held == job._tasks.Length || UndoAll(fleet, job, held, demand);
    }

    private static bool TryOneByOne(FleetState fleet, IPlacementPolicy policy, Job job, in TaskDemand demand)
    {
        for (int rank = 0; rank < job._tasks.Length; rank++)
        {
            if (!policy.TryChoose(fleet, job.Shape, demand, out TaskPlacement place)) { return UndoAll(fleet, job, rank, demand); }
            Hold(fleet, job, rank, demand, place);
        }

        return true;
    }

    private static void Hold(FleetState fleet, Job job, int rank, in TaskDemand demand, in TaskPlacement place)
    {
        fleet.Hold(demand, place);
        job._tasks[rank].Placement = place;
    }

    private static bool UndoAll(FleetState fleet, Job job, int held, in TaskDemand demand)
    {
        while (held > 0) { fleet.Undo(demand, job._tasks[--held].Placement); }
        return false;
    }
}
