using Gigawatt.Fleet;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>No accelerator is held twice, nothing is held that there is not, and what is free is what the jobs leave.</summary>
internal sealed class CapacityChecker : IChecker
{
    public void Check(World world)
    {
        FleetState fleet = world.Cell.Fleet;
        var used = new (int Cpu, int Memory, int[] Milli)[fleet.NodeCount];
        for (int node = 0; node < used.Length; node++) { used[node].Milli = new int[fleet.GroupOf(node).Accelerators]; }
        foreach (Job job in world.Cell.Jobs.InOrder())
        {
            if (!job.Phase.HoldsCapacity()) { continue; }
            foreach (TaskState task in job.Tasks)
            {
                if (task.Ended) { continue; }
                CheckPlace(fleet, job, task.Placement);
                ref (int Cpu, int Memory, int[] Milli) node = ref used[task.Placement.Node];
                node.Cpu += job.Spec.CpuMilli;
                node.Memory += job.Spec.MemoryMib;
                for (int i = 0; i < node.Milli.Length; i++)
                {
                    if ((task.Placement.AcceleratorMask >> i & 1) != 0) { node.Milli[i] += job.Spec.AcceleratorMilli; }
                }
            }
        }

        for (int node = 0; node < used.Length; node++) { CheckNode(fleet, node, used[node]); }
    }

    private static void CheckPlace(FleetState fleet, Job job, TaskPlacement place)
    {
        if (fleet.StatusOf(place.Node) != NodeStatus.Up) { Assert.Fail($"job {job.Id} is on {fleet.NameOf(place.Node)}, which is {fleet.StatusOf(place.Node)}"); }
        if (ulong.PopCount(place.AcceleratorMask) != (ulong)job.Spec.Accelerators) { Assert.Fail($"job {job.Id} holds another number of accelerators than it asked for"); }
        if (job.Spec.Accelerators > 0 && !Naive.Accepts(fleet, job.Spec, fleet.AcceleratorTypeOf(place.Node))) { Assert.Fail($"job {job.Id} is on a type that it does not accept"); }
    }

    private static void CheckNode(FleetState fleet, int node, (int Cpu, int Memory, int[] Milli) used)
    {
        NodeGroup group = fleet.GroupOf(node);
        string name = fleet.NameOf(node);
        if (used.Cpu > group.CpuMilli || used.Memory > group.MemoryMib) { Assert.Fail($"{name} is overcommitted"); }
        if (used.Cpu != group.CpuMilli - fleet.CpuFreeMilli(node) || used.Memory != group.MemoryMib - fleet.MemoryFreeMib(node)) { Assert.Fail($"{name} has other CPUs or memory free than its jobs leave"); }
        for (int i = 0; i < used.Milli.Length; i++)
        {
            if (used.Milli[i] > TaskDemand.WholeAccelerator) { Assert.Fail($"accelerator {i} of {name} is held twice"); }
            if (used.Milli[i] != TaskDemand.WholeAccelerator - fleet.AcceleratorsFreeMilli(node)[i]) { Assert.Fail($"accelerator {i} of {name} is free or held by nobody's doing"); }
        }
    }
}
