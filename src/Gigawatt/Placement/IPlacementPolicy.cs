using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Placement;

/// <summary>Chooses a node and accelerators for one task. Chosen by name; see <see cref="PlacementPolicies"/>.</summary>
/// <remarks>A policy only looks: <see cref="FleetState.Hold"/> is the caller's. What it remembers between calls must follow from
/// the fleet's state alone, or a replay would decide differently. Choosing allocates nothing once warm.</remarks>
public interface IPlacementPolicy
{
    /// <summary>The name in configuration, output and explanations.</summary>
    string Name { get; }

    /// <summary>Chooses a place.</summary>
    /// <param name="fleet">The fleet as it stands.</param>
    /// <param name="shape">Number of the demand; equal numbers mean equal demands.</param>
    /// <param name="demand">What the task needs.</param>
    /// <param name="placement">The choice; it fits.</param>
    /// <returns>False when the task fits nowhere now.</returns>
    bool TryChoose(FleetState fleet, int shape, in TaskDemand demand, out TaskPlacement placement);

    /// <summary>One clause on how this policy chooses, for explanations: "the node with …".</summary>
    string Rule { get; }
}
