using Gigawatt.Fleet;
using Gigawatt.Placement.Scoring;
using Gigawatt.Workloads;

namespace Gigawatt.Placement.Baselines;

/// <summary>Best fit: the node that has least left over, CPU and accelerators weighed alike.</summary>
/// <remarks>The largest node of the paper's cluster is the unit: 128 cores and 8 accelerators.</remarks>
internal sealed class BestFitScorer : INodeScorer
{
    public string Name => "best-fit";

    public string Rule => "the node with the least CPU and accelerators left over";

    public int Score(FleetState fleet, int node, in TaskDemand demand)
    {
        int cpu = fleet.CpuFreeMilli(node) - demand.CpuMilli;
        int accelerators = fleet.AcceleratorFreeMilli(node) - demand.TotalAcceleratorMilli;
        double left = 0.5 * (cpu / LargestNode.CpuMilli) + 0.5 * (accelerators / (double)LargestNode.AcceleratorMilli);
        return (int)(100 * (1 - left));
    }

    public ulong ChooseAccelerators(FleetState fleet, int node, in TaskDemand demand) => AcceleratorChoice.BestFit(fleet, node, demand);
}
