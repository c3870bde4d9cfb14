using Gigawatt.Fleet;
using Gigawatt.Twin.Traces;

namespace Gigawatt.Twin;

/// <summary>What a simulation runs on.</summary>
/// <param name="Workload">A name for the trace.</param>
/// <param name="Fleet">The fleet; all of its nodes are simulated, also those that an agent would serve.</param>
/// <param name="Jobs">The jobs, in any order; of those submitted at the same time the earlier one in the list goes first.</param>
/// <param name="Policy">A name of <see cref="Placement.PlacementPolicies.Names"/>.</param>
/// <param name="Seed">Draws the order in which policies that score nodes prefer equal ones.</param>
public sealed record SimulationInput(string Workload, FleetModel Fleet, IReadOnlyList<TraceJob> Jobs, string Policy, long Seed);
