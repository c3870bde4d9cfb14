using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>What checkers compute anew: slowly, from what is written down, without any index.</summary>
internal static class Naive
{
    public static bool Accepts(FleetState fleet, JobSpec spec, int type) =>
        spec.Accelerators == 0 && spec.AcceleratorTypes.Count == 0
        || (type >= 0 && (spec.AcceleratorTypes.Count == 0 || spec.AcceleratorTypes.Contains(fleet.AcceleratorTypes[type].Name)));

    public static long Milli(JobSpec spec) => (long)spec.Accelerators * spec.AcceleratorMilli * spec.GangSize;

    /// <summary>Accelerators that a tenant's jobs hold, in thousandths.</summary>
    public static long HeldBy(CellState cell, string tenant)
    {
        long held = 0;
        foreach (Job job in cell.Jobs.InOrder())
        {
            if (job.Spec.Tenant != tenant || !job.Phase.HoldsCapacity()) { continue; }
            foreach (TaskState task in job.Tasks) { held += task.Ended ? 0 : job.Spec.Accelerators * job.Spec.AcceleratorMilli; }
        }

        return held;
    }

    /// <summary>Tasks of a job that would fit now on nodes of one accelerator type.</summary>
    /// <param name="fleet">The fleet.</param>
    /// <param name="spec">The job.</param>
    /// <param name="type">The type; null for all that the job accepts.</param>
    /// <param name="empty">Whether nodes are taken as empty, and down ones as well.</param>
    public static long Slots(FleetState fleet, JobSpec spec, int? type, bool empty = false)
    {
        long slots = 0;
        for (int node = 0; node < fleet.NodeCount; node++)
        {
            NodeStatus status = fleet.StatusOf(node);
            int of = fleet.AcceleratorTypeOf(node);
            if (status == NodeStatus.Removed || (!empty && status != NodeStatus.Up) || !Accepts(fleet, spec, of) || (type is { } only && of != only)) { continue; }
            int cpu = empty ? fleet.GroupOf(node).CpuMilli : fleet.CpuFreeMilli(node);
            int memory = empty ? fleet.GroupOf(node).MemoryMib : fleet.MemoryFreeMib(node);
            int parts = int.MaxValue;
            if (spec.Accelerators > 0)
            {
                int whole = 0, fractions = 0;
                foreach (ushort free in fleet.AcceleratorsFreeMilli(node))
                {
                    int milli = empty ? TaskDemand.WholeAccelerator : free;
                    whole += milli == TaskDemand.WholeAccelerator ? 1 : 0;
                    fractions += milli / spec.AcceleratorMilli;
                }

                parts = spec.AcceleratorMilli < TaskDemand.WholeAccelerator ? fractions : whole / spec.Accelerators;
            }

            slots += Math.Min(parts, Math.Min(
                spec.CpuMilli == 0 ? int.MaxValue : cpu / spec.CpuMilli,
                spec.MemoryMib == 0 ? int.MaxValue : memory / spec.MemoryMib));
        }

        return slots;
    }
}
