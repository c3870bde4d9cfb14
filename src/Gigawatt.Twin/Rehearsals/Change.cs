using Gigawatt.Admission.Queues;
using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Rehearsals;

/// <summary>Something that people ask "what if" about.</summary>
public abstract record Change;

/// <summary>More nodes, equal to those of a group.</summary>
/// <param name="Group">A group of the fleet by name.</param>
/// <param name="Nodes">How many, 1 or more.</param>
public sealed record AddNodes(string Group, int Nodes) : Change;

/// <summary>A site or a group taken out of service: what runs there is stopped and queued again.</summary>
/// <param name="Name">A site or a group by name.</param>
public sealed record Drain(string Name) : Change;

/// <summary>Another limit for a tenant.</summary>
/// <param name="Tenant">Name.</param>
/// <param name="AcceleratorMilli">Thousandths of accelerators; null has no limit.</param>
public sealed record TenantQuota(string Tenant, long? AcceleratorMilli) : Change;

/// <summary>Another nominal quota for a queue or a cohort.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="AcceleratorType">The type by name.</param>
/// <param name="NominalMilli">Thousandths of accelerators, 0 or more.</param>
public sealed record QueueQuota(string Queue, string AcceleratorType, long NominalMilli) : Change;

/// <summary>One more job.</summary>
/// <param name="Spec">What it asks for.</param>
public sealed record Submit(JobSpec Spec) : Change;

/// <summary>Makes changes to a rehearsal.</summary>
internal static class Changes
{
    /// <summary>Makes one change. The answer says what is wrong with it; null when nothing is.</summary>
    public static string? Make(Rehearsal rehearsal, Change change) => change switch
    {
        AddNodes add => Make(rehearsal, add),
        Drain drain => Make(rehearsal, drain),
        TenantQuota quota => Make(rehearsal, quota),
        QueueQuota quota => Make(rehearsal, quota),
        Submit submit => Make(rehearsal, submit),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "Unknown change."),
    };

    private static string? Make(Rehearsal rehearsal, AddNodes add)
    {
        FleetState fleet = rehearsal.State.Fleet;
        if (add.Nodes < 1) { return "The number of nodes to add must be 1 or more."; }
        if (Live(fleet).FirstOrDefault(g => g.Name == add.Group) is not { } like)
        {
            return $"The fleet has no group '{add.Group}'; it has {string.Join(", ", Live(fleet).Select(static g => g.Name))}.";
        }

        // Whole racks as far as they go, and one that is not full.
        int racks = add.Nodes / like.NodesPerRack, rest = add.Nodes % like.NodesPerRack;
        List<NodeGroup> groups = [.. Described(fleet)];
        int number = 1;
        while (groups.Any(g => g.Name.StartsWith($"what-if-{number}-", StringComparison.Ordinal))) { number++; }
        if (racks > 0) { groups.Add(like with { Name = $"what-if-{number}-racks", Racks = racks, Execution = NodeExecution.Simulated }); }
        if (rest > 0) { groups.Add(like with { Name = $"what-if-{number}-rack", Racks = 1, NodesPerRack = rest, Execution = NodeExecution.Simulated }); }
        Redescribe(rehearsal, groups);
        return null;
    }

    private static string? Make(Rehearsal rehearsal, Drain drain)
    {
        FleetState fleet = rehearsal.State.Fleet;
        var known = fleet.Sites.Select(static s => s.Name).Concat(Live(fleet).Select(static g => g.Name)).ToList();
        if (!known.Contains(drain.Name)) { return $"The fleet has no site or group '{drain.Name}'; it has {string.Join(", ", known)}."; }
        bool Drained(NodeGroup group) => group.Name == drain.Name || fleet.Sites[group.Site].Name == drain.Name;
        foreach (NodeGroup own in Live(fleet).Where(g => fleet.JoinedByAgent(g.Name) && Drained(g)).ToList()) { rehearsal.Apply(new NodeLost(own.Name)); }
        Redescribe(rehearsal, [.. Described(fleet).Where(g => !Drained(g))]);
        return null;
    }

    private static string? Make(Rehearsal rehearsal, TenantQuota quota)
    {
        if (quota.AcceleratorMilli < 0) { return "A quota must be 0 or more."; }
        rehearsal.Apply(new QuotaSet(quota.Tenant, quota.AcceleratorMilli));
        return null;
    }

    private static string? Make(Rehearsal rehearsal, QueueQuota quota)
    {
        QueueModel model = rehearsal.State.Queues.Model;
        if (quota.NominalMilli < 0) { return "A quota must be 0 or more."; }
        if (rehearsal.State.Fleet.FindAcceleratorType(quota.AcceleratorType) < 0) { return $"The fleet has no accelerators of type '{quota.AcceleratorType}'."; }
        if (!model.Queues.Any(q => q.Name == quota.Queue) && !model.Cohorts.Any(c => c.Name == quota.Queue))
        {
            return $"There is no queue or cohort '{quota.Queue}'. 'gw queues' lists them.";
        }

        rehearsal.Apply(new QueuesSet(model with
        {
            Queues = [.. model.Queues.Select(q => q.Name == quota.Queue ? q with { Quotas = With(q.Quotas, quota) } : q)],
            Cohorts = [.. model.Cohorts.Select(c => c.Name == quota.Queue ? c with { Quotas = With(c.Quotas, quota) } : c)],
        }));
        return null;
    }

    private static string? Make(Rehearsal rehearsal, Submit submit)
    {
        if (rehearsal.Check(submit.Spec) is { } refusal) { return refusal.Message; }
        rehearsal.Apply(new JobSubmitted(rehearsal.State.Jobs.NextId, submit.Spec));
        return null;
    }

    private static IReadOnlyList<AcceleratorQuota> With(IReadOnlyList<AcceleratorQuota> quotas, QueueQuota change) =>
        quotas.Any(q => q.AcceleratorType == change.AcceleratorType)
            ? [.. quotas.Select(q => q.AcceleratorType == change.AcceleratorType ? q with { NominalMilli = change.NominalMilli } : q)]
            : [.. quotas, new AcceleratorQuota(change.AcceleratorType, change.NominalMilli)];

    private static void Redescribe(Rehearsal rehearsal, IReadOnlyList<NodeGroup> groups)
    {
        FleetState fleet = rehearsal.State.Fleet;
        rehearsal.Apply(new FleetDescribed(new FleetModel { Name = "what-if", Sites = fleet.Sites, AcceleratorTypes = fleet.AcceleratorTypes, Groups = groups }));
    }

    private static IEnumerable<NodeGroup> Live(FleetState fleet) =>
        fleet.Groups.Where((_, index) => fleet.StatusOf(fleet.FirstNodeOf(index)) != NodeStatus.Removed);

    private static IEnumerable<NodeGroup> Described(FleetState fleet) => Live(fleet).Where(g => !fleet.JoinedByAgent(g.Name));
}
