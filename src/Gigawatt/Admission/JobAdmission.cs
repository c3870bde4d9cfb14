using Gigawatt.Admission.Queues;
using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Admission;

/// <summary>Admit: is the job well formed, allowed, and could it ever run here?</summary>
public static class JobAdmission
{
    /// <summary>Why the job cannot be accepted, or null; and its demand when it can.</summary>
    public static Refusal? Check(CellState cell, JobSpec spec, out TaskDemand demand)
    {
        demand = default;
        if (CheckFields(spec) is { } invalid) { return new Refusal(RefusalKind.Invalid, invalid); }
        if (!TryResolveTypes(cell.Fleet, spec, out ulong types, out string unknown))
        {
            string known = cell.Fleet.AcceleratorTypes.Count == 0 ? "it has none" : "it has " + string.Join(", ", cell.Fleet.AcceleratorTypes.Select(t => t.Name));
            return new Refusal(RefusalKind.UnknownAcceleratorType, $"The fleet has no accelerators of type '{unknown}'; {known}.");
        }

        demand = new TaskDemand(spec.CpuMilli, spec.MemoryMib, spec.Accelerators, spec.Accelerators == 0 ? 0 : spec.AcceleratorMilli, types);
        long asked = (long)demand.TotalAcceleratorMilli * spec.GangSize;
        if (cell.Quotas.LimitOf(spec.Tenant) is { } limit && asked > limit)
        {
            return new Refusal(RefusalKind.OverQuota,
                $"The job holds {asked / 1000.0:0.###} accelerators at once; tenant '{spec.Tenant}' may hold {limit / 1000.0:0.###}.");
        }

        return CheckFit(cell.Fleet, spec, demand) ?? JobQueues.Check(cell, spec, demand);
    }

    private static string? CheckFields(JobSpec spec) => spec switch
    {
        { Name.Length: 0 or > 200 } => "The name must have 1 to 200 characters.",
        { GangSize: < 1 or > 1_000_000 } => $"The gang size must be 1 to 1,000,000; it is {spec.GangSize}.",
        { CpuMilli: < 0 } => "CPUs must not be negative.",
        { MemoryMib: < 0 } => "Memory must not be negative.",
        { Accelerators: < 0 or > 64 } => $"Accelerators for each task must be 0 to 64; it is {spec.Accelerators}. Use a gang for more.",
        { AcceleratorMilli: < 1 or > TaskDemand.WholeAccelerator } => "A share of an accelerator must be 0.001 to 1.",
        { AcceleratorMilli: < TaskDemand.WholeAccelerator, Accelerators: not 1 } => "A share of an accelerator is for tasks with one accelerator.",
        { TimeLimit.Nanoseconds: <= 0 } => "The time limit must be longer than zero.",
        { StopGrace.Nanoseconds: < 0 } => "The stop grace must not be negative.",
        { MaxRequeues: < 0 } => "The requeue limit must not be negative.",
        { CpuMilli: 0, Accelerators: 0, MemoryMib: 0 } => "The job must ask for something: CPUs, memory or accelerators.",
        _ => null,
    };

    private static bool TryResolveTypes(FleetState fleet, JobSpec spec, out ulong types, out string unknown)
    {
        types = 0;
        unknown = "";
        foreach (string name in spec.AcceleratorTypes)
        {
            int type = fleet.FindAcceleratorType(name);
            if (type >= 0) { types |= 1UL << type; }
            else if (unknown.Length == 0) { unknown = name; }
        }

        return types != 0 || spec.AcceleratorTypes.Count == 0;
    }

    internal static Refusal? CheckFit(FleetState fleet, JobSpec spec, in TaskDemand demand)
    {
        long slots = 0;
        for (int group = 0; group < fleet.Groups.Count; group++)
        {
            if (fleet.StatusOf(fleet.FirstNodeOf(group)) == NodeStatus.Removed) { continue; }
            slots += (long)TasksOnEmptyNode(fleet.Groups[group], demand) * fleet.Groups[group].Nodes;
            if (slots >= spec.GangSize) { return null; }
        }

        string task = Describe(fleet, demand);
        return new Refusal(RefusalKind.NeverFits, slots == 0
            ? $"A task of {task} fits on no node of the fleet, even an empty one. {Largest(fleet, demand)}"
            : $"A gang of {spec.GangSize:N0} tasks of {task} can never fit: an empty fleet has room for {slots:N0}.");
    }

    /// <summary>How many tasks of a demand an empty node of a group has room for; 0 when not even one.</summary>
    public static int TasksOnEmptyNode(NodeGroup group, in TaskDemand demand)
    {
        if (!demand.Accepts(group.AcceleratorType)) { return 0; }
        int tasks = int.MaxValue;
        if (demand.CpuMilli > 0) { tasks = Math.Min(tasks, group.CpuMilli / demand.CpuMilli); }
        if (demand.MemoryMib > 0) { tasks = Math.Min(tasks, group.MemoryMib / demand.MemoryMib); }
        if (demand.Accelerators == 0) { return tasks; }
        int byAccelerators = demand.IsFraction
            ? group.Accelerators * (TaskDemand.WholeAccelerator / demand.AcceleratorMilli)
            : group.Accelerators / demand.Accelerators;
        return Math.Min(tasks, byAccelerators);
    }

    /// <summary>A demand in words, such as <c>2 CPUs and 4 gb200</c>.</summary>
    public static string Describe(FleetState fleet, in TaskDemand demand)
    {
        var parts = new List<string>();
        if (demand.CpuMilli > 0) { parts.Add(Count(demand.CpuMilli, "CPU")); }
        if (demand.MemoryMib > 0) { parts.Add($"{demand.MemoryMib:N0} MiB"); }
        if (demand.Accelerators > 0)
        {
            string types = "";
            for (int type = 0; type < fleet.AcceleratorTypes.Count; type++)
            {
                if ((demand.AcceleratorTypes >> type & 1) != 0) { types += (types.Length > 0 ? " or " : "") + fleet.AcceleratorTypes[type].Name; }
            }

            parts.Add(types.Length > 0 ? $"{demand.TotalAcceleratorMilli / 1000.0:0.###} {types}" : Count(demand.TotalAcceleratorMilli, "accelerator"));
        }

        return string.Join(" and ", parts);
    }

    private static string Count(int milli, string what) => $"{milli / 1000.0:0.###} {what}{(milli == 1000 ? "" : "s")}";

    private static string Largest(FleetState fleet, TaskDemand demand)
    {
        var groups = fleet.Groups.Where((_, i) => fleet.StatusOf(fleet.FirstNodeOf(i)) != NodeStatus.Removed).ToList();
        if (groups.Count == 0) { return "The fleet has no nodes."; }
        var fitting = groups.Where(g => demand.AcceleratorTypes == 0 || demand.Accepts(g.AcceleratorType)).ToList();
        return fitting.Count == 0
            ? "No node has accelerators of that type."
            : $"The largest node has {fitting.Max(g => g.CpuMilli) / 1000.0:0.###} CPUs, {fitting.Max(g => g.MemoryMib):N0} MiB and {fitting.Max(g => g.Accelerators)} accelerators.";
    }
}
