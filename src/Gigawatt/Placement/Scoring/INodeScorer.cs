using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Placement.Scoring;

/// <summary>The part of a policy that is its own: how good a node is for a task, and which accelerators it takes there.</summary>
/// <remarks>A score may depend on the node's state and the demand and on nothing else: <see cref="ScoredPolicy"/> remembers it
/// until the node changes.</remarks>
internal interface INodeScorer
{
    /// <summary>The policy's name.</summary>
    string Name { get; }

    /// <summary>One clause on how it chooses.</summary>
    string Rule { get; }

    /// <summary>The score of a node that fits; the highest wins. Above <see cref="FirstMaximum.Absent"/>.</summary>
    int Score(FleetState fleet, int node, in TaskDemand demand);

    /// <summary>The accelerators that the task takes on a node that fits.</summary>
    ulong ChooseAccelerators(FleetState fleet, int node, in TaskDemand demand);
}
