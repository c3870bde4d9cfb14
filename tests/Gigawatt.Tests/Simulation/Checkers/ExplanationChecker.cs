using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>A job that is said to wait for something really cannot be placed for want of it; and none waits that could be placed.</summary>
internal sealed class ExplanationChecker : IChecker
{
    public void Check(World world)
    {
        NaiveQueues? queues = world.Cell.Queues.IsActive ? new NaiveQueues(world.Cell) : null;
        foreach (Job job in world.Cell.Jobs.InOrder())
        {
            WaitExplanation? why = PlacementExplanation.WhyWaiting(world.Cell, job);
            if (why is null != (job.Phase != JobPhase.Queued)) { Assert.Fail($"job {job.Id} is {job.Phase} and waits because: {why}"); }
            if (why is null) { continue; }
            world.Note($"waits: {why.Reason}");
            if (!IsTrue(world.Cell, job, why.Reason, queues)) { Assert.Fail($"job {job.Id} is said to wait for {why.Reason} ({why.Sentence}), which is not so"); }
        }
    }

    private static bool IsTrue(CellState cell, Job job, WaitReason reason, NaiveQueues? queues)
    {
        if (reason == WaitReason.RetryBackoff) { return job.NotBefore > cell.Now; }
        bool quota = Naive.HeldBy(cell, job.Spec.Tenant) + Naive.Milli(job.Spec) <= (cell.Quotas.LimitOf(job.Spec.Tenant) ?? long.MaxValue);
        if (reason == WaitReason.QuotaExhausted) { return !quota; }
        if (reason == WaitReason.QueueGone) { return queues is not null && !queues.Has(job.Queue); }
        List<int?> types = [null];
        if (queues is not null && Naive.Milli(job.Spec) > 0) { types = Admitted(cell, job, queues); }
        if (reason == WaitReason.InsufficientQuota) { return types.Count == 0; }
        if (!quota || types.Count == 0 || (queues is not null && !queues.Has(job.Queue))) { return false; }

        // A job in a queue is admitted to one type of accelerator; without queues it may use several.
        long slots = types.Max(type => Naive.Slots(cell.Fleet, job.Spec, type));
        return reason switch
        {
            WaitReason.NodesDown => types.TrueForAll(type => NoneIsUp(cell.Fleet, job.Spec, type)),
            WaitReason.GangIncomplete => slots > 0 && slots < job.Spec.GangSize,
            WaitReason.InsufficientAccelerators or WaitReason.InsufficientCpu or WaitReason.InsufficientMemory => slots == 0,
            // After a step nobody is next: whoever fits has been placed.
            WaitReason.NextInLine => false,
            _ => true,
        };
    }

    private static List<int?> Admitted(CellState cell, Job job, NaiveQueues queues)
    {
        var types = new List<int?>();
        for (int type = 0; queues.Has(job.Queue) && type < cell.Fleet.AcceleratorTypes.Count; type++)
        {
            string name = cell.Fleet.AcceleratorTypes[type].Name;
            if (queues.Uses(job.Queue, name) && Naive.Accepts(cell.Fleet, job.Spec, type) && queues.Available(job.Queue, true, name) >= Naive.Milli(job.Spec)) { types.Add(type); }
        }

        return types;
    }

    private static bool NoneIsUp(FleetState fleet, JobSpec spec, int? type)
    {
        for (int node = 0; node < fleet.NodeCount; node++)
        {
            NodeGroup group = fleet.GroupOf(node);
            bool able = Naive.Accepts(fleet, spec, group.AcceleratorType) && (type is null || type == group.AcceleratorType)
                && group.CpuMilli >= spec.CpuMilli && group.MemoryMib >= spec.MemoryMib && group.Accelerators >= spec.Accelerators;
            if (able && fleet.StatusOf(node) == NodeStatus.Up) { return false; }
        }

        return true;
    }
}
