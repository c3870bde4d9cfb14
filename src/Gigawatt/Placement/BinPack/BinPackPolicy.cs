using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Placement.BinPack;

/// <summary>The default: pack tightly, so that whole nodes and racks stay free for large work.</summary>
/// <remarks>Asks the fleet's capacity index and never scans the fleet.</remarks>
public sealed class BinPackPolicy : IPlacementPolicy
{
    /// <inheritdoc/>
    public string Name => "bin-pack";

    /// <inheritdoc/>
    public string Rule => "the node with the fewest free accelerators that still fits, lowest number first";

    /// <inheritdoc/>
    public bool TryChoose(FleetState fleet, int shape, in TaskDemand demand, out TaskPlacement placement)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        int node = fleet.Index.FindTightest(demand);
        placement = node < 0 ? default : new TaskPlacement(node, AcceleratorChoice.BestFit(fleet, node, demand));
        return node >= 0;
    }
}
