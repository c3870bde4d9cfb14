using Gigawatt.Admission;
using Gigawatt.Admission.Queues;
using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Placement;

/// <summary>How many nodes each filter removed, and what was left.</summary>
/// <param name="Nodes">Nodes of the fleet.</param>
/// <param name="WrongType">Removed: no accelerator of an accepted type.</param>
/// <param name="Down">Of the rest, removed: not up.</param>
/// <param name="LackAccelerators">Of the rest, removed: too few accelerators free.</param>
/// <param name="LackCpu">Of the rest, removed: too little CPU free.</param>
/// <param name="LackMemory">Of the rest, removed: too little memory free.</param>
/// <param name="Fit">Nodes left.</param>
/// <param name="Slots">Tasks that would fit on them now.</param>
public sealed record FilterCounts(
    int Nodes, int WrongType, int Down, int LackAccelerators, int LackCpu, int LackMemory, int Fit, long Slots);

/// <summary>Why a job waits, in one word and one sentence.</summary>
/// <param name="Reason">From the closed list.</param>
/// <param name="Sentence">In words, with numbers.</param>
public sealed record WaitExplanation(WaitReason Reason, string Sentence);

/// <summary>Answers "why does it wait" and "why there". Looks at every node: for people, never on the way to a decision.</summary>
public static class PlacementExplanation
{
    /// <summary>Filters the fleet for one task, in the order type, up, accelerators, CPU, memory.</summary>
    public static FilterCounts Filter(FleetState fleet, in TaskDemand demand)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        int total = 0, wrongType = 0, down = 0, accelerators = 0, cpu = 0, memory = 0, fit = 0;
        long slots = 0;
        for (int node = 0; node < fleet.NodeCount; node++)
        {
            if (fleet.StatusOf(node) == NodeStatus.Removed) { continue; }
            total++;
            if (JobAdmission.TasksOnEmptyNode(fleet.GroupOf(node), demand) == 0) { wrongType++; continue; }
            if (fleet.StatusOf(node) != NodeStatus.Up) { down++; continue; }
            int byAccelerators = SlotsByAccelerators(fleet, node, demand);
            if (byAccelerators == 0) { accelerators++; continue; }
            if (fleet.CpuFreeMilli(node) < demand.CpuMilli) { cpu++; continue; }
            if (fleet.MemoryFreeMib(node) < demand.MemoryMib) { memory++; continue; }
            fit++;
            slots += Math.Min(byAccelerators, Math.Min(
                demand.CpuMilli == 0 ? int.MaxValue : fleet.CpuFreeMilli(node) / demand.CpuMilli,
                demand.MemoryMib == 0 ? int.MaxValue : fleet.MemoryFreeMib(node) / demand.MemoryMib));
        }

        return new FilterCounts(total, wrongType, down, accelerators, cpu, memory, fit, slots);
    }

    /// <summary>Why a queued job waits, or null when it does not.</summary>
    public static WaitExplanation? WhyWaiting(CellState cell, Job job)
    {
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentNullException.ThrowIfNull(job);
        if (job.Phase != JobPhase.Queued) { return null; }
        if (job.NotBefore > cell.Now)
        {
            return new(WaitReason.RetryBackoff, $"{job.Note}; attempt {job.Attempt + 1} begins at {job.NotBefore}");
        }

        TaskDemand demand = cell.Shapes[job.Shape];
        long milli = (long)demand.TotalAcceleratorMilli * job.Spec.GangSize;
        if (!cell.Quotas.Allows(job.Spec.Tenant, milli))
        {
            return new(WaitReason.QuotaExhausted,
                $"tenant {job.Spec.Tenant} holds {cell.Quotas.HeldBy(job.Spec.Tenant) / 1000.0:0.###} of {cell.Quotas.LimitOf(job.Spec.Tenant) / 1000.0:0.###} accelerators and the job needs {milli / 1000.0:0.###}");
        }

        if (cell.Queues.IsActive)
        {
            if (job.QueueNode is not { } queue)
            {
                return new(WaitReason.QueueGone, job.Queue.Length == 0
                    ? $"tenant {job.Spec.Tenant} has no queue of its own and the job names none"
                    : $"queue {job.Queue} is no longer configured; cancel the job and submit it to another queue");
            }

            if (QueueExplanation.WhyNot(cell, queue, demand, milli) is { } why) { return new(WaitReason.InsufficientQuota, why); }
            demand = Roomiest(cell.Fleet, cell.Queues.Admitted(queue, demand, milli));
        }

        return Judge(job, Filter(cell.Fleet, demand), JobAdmission.Describe(cell.Fleet, demand));
    }

    /// <summary>Where the job's tasks are and by which rule, or null when it was never placed.</summary>
    public static string? WhyThere(CellState cell, Job job, IPlacementPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(cell);
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(policy);
        if (job.Attempt == 0) { return null; }
        int nodes = job.Tasks.Select(t => t.Placement.Node).Distinct().Count();
        int racks = job.Tasks.Select(t => cell.Fleet.RackOf(t.Placement.Node)).Distinct().Count();
        string rule = job.PlacedBy == policy.Name ? $"{policy.Name}: {policy.Rule}" : job.PlacedBy;
        string what = JobAdmission.Describe(cell.Fleet, cell.Shapes[job.Shape]);
        return job.Tasks.Count == 1
            ? $"{what} on {cell.Fleet.NameOf(job.Tasks[0].Placement.Node)} by {rule}"
            : $"{job.Tasks.Count} tasks of {what} on {nodes} node{(nodes == 1 ? "" : "s")} in {racks} rack{(racks == 1 ? "" : "s")}, all at once; a gang takes one rack when it fits there, else each task goes by {rule}";
    }

    /// <summary>In a queue a gang is admitted to one accelerator type: the demand for that of which most tasks would fit now, so that
    /// room of several types is not added up. Where nothing fits, all types stay: each is a reason.</summary>
    private static TaskDemand Roomiest(FleetState fleet, in TaskDemand demand)
    {
        TaskDemand best = demand;
        long most = 0;
        for (ulong left = demand.AcceleratorTypes; left != 0; left &= left - 1)
        {
            TaskDemand one = demand with { AcceleratorTypes = left & (~left + 1) };
            long slots = Filter(fleet, one).Slots;
            if (slots > most) { (best, most) = (one, slots); }
        }

        return best;
    }

    private static WaitExplanation Judge(Job job, FilterCounts c, string task)
    {
        if (c.Slots >= job.Spec.GangSize) { return new(WaitReason.NextInLine, "it fits and is placed next"); }
        if (c.Slots > 0) { return new(WaitReason.GangIncomplete, $"{c.Slots:N0} of {job.Spec.GangSize:N0} tasks of {task} would fit now; a gang starts whole"); }
        int able = c.Nodes - c.WrongType;
        if (able == c.Down) { return new(WaitReason.NodesDown, $"none of the {able:N0} nodes that could run {task} is up"); }
        if (able - c.Down == 1)
        {
            string one = $"on the one node that is up and large enough for {task}";
            return c.LackMemory > 0 ? new(WaitReason.InsufficientMemory, $"{one}, too little memory is free")
                : c.LackCpu > 0 ? new(WaitReason.InsufficientCpu, $"{one}, too few CPUs are free")
                : new(WaitReason.InsufficientAccelerators, $"{one}, too few accelerators are free");
        }

        string up = $"of {able - c.Down:N0} nodes that are up and large enough for {task}";

        if (c.LackMemory > 0) { return new(WaitReason.InsufficientMemory, $"{up}, {c.LackMemory:N0} lack only memory"); }
        if (c.LackCpu > 0) { return new(WaitReason.InsufficientCpu, $"{up}, {c.LackCpu:N0} lack CPUs"); }
        return new(WaitReason.InsufficientAccelerators, $"{up}, none has enough accelerators free");
    }

    private static int SlotsByAccelerators(FleetState fleet, int node, in TaskDemand demand)
    {
        if (demand.Accelerators == 0) { return int.MaxValue; }
        if (!demand.IsFraction) { return fleet.WholeFree(node) / demand.Accelerators; }
        int slots = 0;
        foreach (ushort free in fleet.AcceleratorsFreeMilli(node)) { slots += free / demand.AcceleratorMilli; }
        return slots;
    }
}
