using Gigawatt.Fleet;
using Gigawatt.Placement.Scoring;
using Gigawatt.Workloads;

namespace Gigawatt.Placement.Baselines;

/// <summary>GPU clustering: tasks of one class keep together. The class is "a fraction" or the number of whole accelerators.</summary>
/// <remarks>Nodes that hold only the class come first, then those that hold it among others, then free ones, then the rest; within
/// a band the fuller node. As in the simulator behind Weng et al., USENIX ATC 2023; like there, a node with fewer
/// accelerators than the largest counts those it lacks as used.</remarks>
internal sealed class GpuClusteringScorer : INodeScorer
{
    private const int Band = 25;

    public string Name => "gpu-clustering";

    public string Rule => "nodes that hold only tasks with as many accelerators, then those that hold some, then free ones";

    public int Score(FleetState fleet, int node, in TaskDemand demand)
    {
        if (demand.Accelerators == 0) { return 0; }
        byte own = demand.IsFraction ? FleetState.HeldInParts : (byte)demand.Accelerators;
        bool holdsOwn = false, holdsOther = false;
        foreach (byte holder in fleet.AcceleratorHolders(node))
        {
            holdsOwn |= holder == own;
            holdsOther |= holder != own && holder != FleetState.HeldByNobody;
        }

        int fullness = Band * (LargestNode.AcceleratorMilli - fleet.AcceleratorFreeMilli(node)) / LargestNode.AcceleratorMilli;
        return fullness + (holdsOwn, holdsOther) switch
        {
            (true, false) => 3 * Band,
            (true, true) => 2 * Band,
            (false, false) => Band,
            (false, true) => 0,
        };
    }

    public ulong ChooseAccelerators(FleetState fleet, int node, in TaskDemand demand) => AcceleratorChoice.BestFit(fleet, node, demand);
}
