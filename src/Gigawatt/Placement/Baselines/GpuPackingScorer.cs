using Gigawatt.Fleet;
using Gigawatt.Placement.Scoring;
using Gigawatt.Workloads;

namespace Gigawatt.Placement.Baselines;

/// <summary>GPU packing: first accelerators that are shared already, then free ones of a node in use, then a free node.</summary>
/// <remarks>The three bands are 50 to 100, 33 to 50 and up to 33, as in the simulator behind Weng et al., USENIX ATC 2023.</remarks>
internal sealed class GpuPackingScorer : INodeScorer
{
    private const int Highest = 100;

    public string Name => "gpu-packing";

    public string Rule => "accelerators in use before free ones, nodes in use before free ones";

    public int Score(FleetState fleet, int node, in TaskDemand demand)
    {
        if (demand.Accelerators == 0) { return 0; }
        ReadOnlySpan<ushort> free = fleet.AcceleratorsFreeMilli(node);
        int whole = fleet.WholeFree(node);
        if (whole == free.Length) { return Math.Max(Highest / 3 - whole, whole); }

        // Accelerators are taken in ascending order of what they have left, so a fraction opens a free one only if none shared fits.
        int left = demand.IsFraction ? Tightest(free, demand.AcceleratorMilli) : TaskDemand.WholeAccelerator;
        return left == TaskDemand.WholeAccelerator
            ? Math.Max(Highest / 2 - demand.Accelerators, Highest / 3)
            : Math.Max(Highest - left * 100 / TaskDemand.WholeAccelerator / 10, Highest / 2);
    }

    public ulong ChooseAccelerators(FleetState fleet, int node, in TaskDemand demand) => AcceleratorChoice.BestFit(fleet, node, demand);

    private static int Tightest(ReadOnlySpan<ushort> free, int milli)
    {
        int tightest = TaskDemand.WholeAccelerator;
        foreach (ushort left in free)
        {
            if (left >= milli && left < tightest) { tightest = left; }
        }

        return tightest;
    }
}
