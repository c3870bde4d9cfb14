using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Placement.Fgd;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Experiments;

/// <summary>The experiment of the fragmentation gradient descent paper: pods arrive until their requests pass the cluster's
/// capacity, each is tried once, none leaves; how much of the accelerators is allocated?</summary>
/// <remarks>Weng et al., "Beware of Fragmentation", USENIX ATC 2023, section 6. The pods go through <see cref="ControlLoop"/> like any job.</remarks>
public static class FgdExperiment
{
    /// <summary>Runs one policy on one input.</summary>
    /// <param name="input">Nodes, pods and their order.</param>
    /// <param name="policyName">A name of <see cref="PlacementPolicies.Names"/>.</param>
    /// <param name="progress">Told how many pods have arrived, now and then; may be null.</param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    public static FgdResult Run(FgdInput input, string policyName, Action<int>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        IReadOnlyList<TypicalTask> typical = TypicalTasks.Of(input.Pods, input.Fleet.AcceleratorTypes);
        IPlacementPolicy policy = PlacementPolicies.Create(policyName, new PlacementOptions { NodeRanks = input.NodeRanks, Typical = typical })
            ?? throw new ArgumentException($"There is no placement policy '{policyName}'; there are {string.Join(", ", PlacementPolicies.Names)}.", nameof(policyName));
        return Run(input, policy, typical, progress);
    }

    /// <summary>Runs a policy that is not among the named ones.</summary>
    internal static FgdResult Run(FgdInput input, IPlacementPolicy policy) =>
        Run(input, policy, TypicalTasks.Of(input.Pods, input.Fleet.AcceleratorTypes), progress: null);

    private static FgdResult Run(FgdInput input, IPlacementPolicy policy, IReadOnlyList<TypicalTask> typical, Action<int>? progress)
    {
        var loop = new ControlLoop(policy);
        var commands = new CommandList();
        loop.Step(new FleetDescribed(input.Fleet), Instant.Epoch, commands);
        var course = new FgdCourse(loop.State.Fleet, new FragmentationMeasure(typical));
        int placed = 0;
        for (int arrived = 0; arrived < input.Arrival.Count; arrived++)
        {
            JobSpec pod = input.Pods[input.Arrival[arrived]];
            commands.Clear();
            loop.Step(new JobSubmitted(arrived + 1, pod), Instant.Epoch, commands);
            int node = commands.Items is [{ Kind: CommandKind.StartTask } start, ..] ? start.Node : -1;
            if (node >= 0) { placed++; }
            course.Note(pod, node);
            if (progress is not null && (arrived & 127) == 127) { progress(arrived + 1); }
        }

        return new FgdResult
        {
            Policy = policy.Name,
            Seed = input.Seed,
            Workload = input.Workload,
            Jobs = input.Arrival.Count,
            Placed = placed,
            Dropped = input.Arrival.Count - placed,
            AllocationPercent = course.Allocation.Headline,
            FragmentedPercent = course.Fragmented.Headline,
            Hash = loop.State.Hash.ToString(),
            UsedMilli = loop.State.Fleet.AcceleratorUsedMilli,
            CapacityMilli = loop.State.Fleet.AcceleratorCapacityMilli,
            FragmentedMilli = course.FragmentedMilli,
            AllocationByArrived = course.Allocation.ByLoad,
            FragmentedByArrived = course.Fragmented.ByLoad,
        };
    }
}
