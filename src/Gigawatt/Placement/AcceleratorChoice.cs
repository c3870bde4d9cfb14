using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Placement;

/// <summary>Chooses accelerators inside a node that is known to fit.</summary>
public static class AcceleratorChoice
{
    /// <summary>Whole accelerators: the lowest-numbered free ones. A fraction: the accelerator with least left that still fits, the first of equals.</summary>
    public static ulong BestFit(FleetState fleet, int node, in TaskDemand demand)
    {
        if (demand.Accelerators == 0) { return 0; }
        ReadOnlySpan<ushort> free = fleet.AcceleratorsFreeMilli(node);
        return demand.IsFraction ? Tightest(free, demand.AcceleratorMilli) : LowestFree(free, demand.Accelerators, demand.AcceleratorMilli);
    }

    private static ulong Tightest(ReadOnlySpan<ushort> free, int milli)
    {
        int best = -1;
        for (int i = 0; i < free.Length; i++)
        {
            if (free[i] >= milli && (best < 0 || free[i] < free[best])) { best = i; }
        }

        return best < 0 ? 0 : 1UL << best;
    }

    private static ulong LowestFree(ReadOnlySpan<ushort> free, int count, int milli)
    {
        ulong mask = 0;
        for (int i = 0; i < free.Length && count > 0; i++)
        {
            if (free[i] < milli) { continue; }
            mask |= 1UL << i;
            count--;
        }

        return mask;
    }
}
