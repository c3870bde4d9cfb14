using Gigawatt.Fleet;
using Gigawatt.Placement.Scoring;
using Gigawatt.Workloads;

namespace Gigawatt.Placement.Baselines;

/// <summary>Dot product: the node whose free room is least like what the task asks for, so that room stays for such tasks.</summary>
/// <remarks>After Tetris (Grandl et al., SIGCOMM 2014), as the simulator behind Weng et al., USENIX ATC 2023, has it.</remarks>
internal sealed class DotProductScorer : INodeScorer
{
    public string Name => "dot-product";

    public string Rule => "the node with the smallest product of free room and demand";

    public int Score(FleetState fleet, int node, in TaskDemand demand)
    {
        double cpu = (fleet.CpuFreeMilli(node) / LargestNode.CpuMilli) * (demand.CpuMilli / LargestNode.CpuMilli);
        double accelerators = (fleet.AcceleratorFreeMilli(node) / (double)LargestNode.AcceleratorMilli)
            * (demand.TotalAcceleratorMilli / (double)LargestNode.AcceleratorMilli);
        return (int)(100 * (1 - (cpu + accelerators) / 2));
    }

    public ulong ChooseAccelerators(FleetState fleet, int node, in TaskDemand demand) => AcceleratorChoice.BestFit(fleet, node, demand);
}
