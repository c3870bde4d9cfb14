using Gigawatt.Fleet;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Admission.Queues;

/// <summary>Queues in their cohorts, what each may use and does use. Empty when none are configured; then it refuses nothing.</summary>
/// <remarks>
/// <para>What a member does not guarantee to itself by a lending limit lies in the pool of its cohort, and what it uses beyond its
/// guaranteed part is taken out of that pool; the cohort is a member of its parent in the same way. So one number for each node says
/// all, and a change walks from a queue to the top. These are the rules of Kueue's hierarchical cohorts (KEP-79).</para>
/// <para>The invariants: no queue uses more than its own and its borrowing limit, no pool gives more than it holds, and nobody can
/// use what another guarantees to itself. A changed model can leave more used than allowed; then nothing is admitted
/// there until enough has ended.</para>
/// </remarks>
public sealed partial class QueueTree
{
    private readonly Dictionary<string, QueueNode> _queues = new(StringComparer.Ordinal);
    private readonly Dictionary<string, QueueNode> _cohorts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _defaults = new(StringComparer.Ordinal);
    private readonly List<string> _types = [];
    // Members come before their cohort.
    private readonly List<QueueNode> _nodes = [];
    // From the fleet's number of an accelerator type to the tree's and back; -1 for none.
    private int[] _byFleet = [];
    private int[] _toFleet = [];

    internal QueueTree(QueueModel model)
    {
        Model = model;
        foreach (AcceleratorQuota quota in model.Cohorts.SelectMany(c => c.Quotas).Concat(model.Queues.SelectMany(q => q.Quotas)))
        {
            if (!_types.Contains(quota.AcceleratorType)) { _types.Add(quota.AcceleratorType); }
        }

        foreach (CohortModel cohort in model.Cohorts) { _cohorts.Add(cohort.Name, Make(cohort.Name, cohort.WeightMilli, null, cohort.Quotas)); }
        foreach (JobQueueModel queue in model.Queues) { _queues.Add(queue.Name, Make(queue.Name, queue.WeightMilli, queue.Tenants, queue.Quotas)); }
        foreach (CohortModel cohort in model.Cohorts) { Join(_cohorts[cohort.Name], cohort.Parent); }
        foreach (JobQueueModel queue in model.Queues) { Join(_queues[queue.Name], queue.Cohort); }
        foreach ((string tenant, string queue) in model.DefaultQueues) { _defaults[tenant] = queue; }
        foreach (CohortModel cohort in model.Cohorts) { if (cohort.Parent.Length == 0) { Order(_cohorts[cohort.Name]); } }
        foreach (JobQueueModel queue in model.Queues) { if (queue.Cohort.Length == 0) { Order(_queues[queue.Name]); } }
        for (int node = 0; node < _nodes.Count; node++) { SumUp(_nodes[node]); }
        for (int node = _nodes.Count - 1; node >= 0; node--) { FindPotential(_nodes[node]); }
    }

    /// <summary>What is configured.</summary>
    public QueueModel Model { get; }

    /// <summary>Whether there are queues, so that every job must be in one.</summary>
    public bool IsActive => _queues.Count > 0;

    /// <summary>Queues and cohorts, members before their cohort.</summary>
    internal IReadOnlyList<QueueNode> Nodes => _nodes;

    /// <summary>The names of the accelerator types that quotas are of, by the tree's number.</summary>
    internal IReadOnlyList<string> Types => _types;

    internal QueueNode? Find(string queue) => _queues.GetValueOrDefault(queue);

    internal QueueNode? FindCohort(string cohort) => _cohorts.GetValueOrDefault(cohort);

    /// <summary>The queue of a tenant's jobs that name none; empty when it has none.</summary>
    internal string DefaultOf(string tenant) => _defaults.TryGetValue(tenant, out string? queue) ? queue
        : _queues.TryGetValue("default", out QueueNode? named) && named.Takes(tenant) ? "default"
        : "";

    /// <summary>The names of the queues that take a tenant's jobs, in the order of the file.</summary>
    internal IEnumerable<string> OpenTo(string tenant) => Model.Queues.Where(q => _queues[q.Name].Takes(tenant)).Select(static q => q.Name);

    /// <summary>Learns the numbers of the fleet's accelerator types; to be done when these change.</summary>
    internal void Bind(FleetState fleet)
    {
        _byFleet = new int[fleet.AcceleratorTypes.Count];
        _toFleet = new int[_types.Count];
        Array.Fill(_toFleet, -1);
        for (int type = 0; type < _byFleet.Length; type++)
        {
            _byFleet[type] = _types.IndexOf(fleet.AcceleratorTypes[type].Name);
            if (_byFleet[type] >= 0) { _toFleet[_byFleet[type]] = type; }
        }
    }

    /// <summary>The fleet's number of one of the tree's types, or -1 when the fleet has no such accelerators.</summary>
    internal int FleetTypeOf(int type) => _toFleet[type];

    /// <summary>What a queue could still use of a type now; below 0 when it uses more than it may since its quota was lowered.</summary>
    internal static long Available(QueueNode node, int type)
    {
        ref readonly QuotaLevel level = ref node.Levels[type];
        if (node.Parent is null) { return level.Subtree - level.Used; }
        long own = Math.Max(0, level.Guaranteed - level.Used);
        return own + Math.Min(Available(node.Parent, type), RoomToBorrow(level));
    }

    /// <summary>What a node may still take out of its parent's pool before it meets its borrowing limit.</summary>
    internal static long RoomToBorrow(in QuotaLevel level) =>
        level.BorrowingLimit is { } limit ? level.Lendable - level.UsedOfParent + limit : long.MaxValue;

    /// <summary>Whether a queue may hold so much more of some type that the demand accepts.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="demand">What each task needs.</param>
    /// <param name="milli">Thousandths of accelerators of the whole gang.</param>
    /// <param name="from">The place in the queue's order of types from which on to look.</param>
    /// <param name="place">The first place found; -1 when the job uses no accelerators, which no quota counts.</param>
    internal bool Admits(QueueNode queue, in TaskDemand demand, long milli, int from, out int place)
    {
        place = -1;
        if (milli == 0) { return from == 0; }
        for (int i = from; i < queue.Order.Length; i++)
        {
            int type = queue.Order[i];
            if (_toFleet[type] < 0 || !demand.Accepts(_toFleet[type]) || Available(queue, type) < milli) { continue; }
            place = i;
            return true;
        }

        return false;
    }

    /// <summary>The demand with only those types that the queue admits now.</summary>
    internal TaskDemand Admitted(QueueNode queue, in TaskDemand demand, long milli)
    {
        ulong types = 0;
        for (int place = 0; Admits(queue, demand, milli, place, out place) && place >= 0; place++) { types |= 1UL << FleetTypeOf(queue.Order[place]); }
        return types == 0 ? demand : demand with { AcceleratorTypes = types };
    }

    /// <summary>Notes that a job of a queue holds so much more, or less, of one of the fleet's types.</summary>
    internal void Hold(QueueNode? queue, int fleetType, long milli, Instant now)
    {
        if (fleetType < 0 || fleetType >= _byFleet.Length || _byFleet[fleetType] is not (>= 0 and int type)) { return; }
        for (QueueNode? node = queue; node is not null && milli != 0; node = node.Parent)
        {
            ref QuotaLevel level = ref node.Levels[type];
            level.Settle(now, Model.HalfLife);
            long before = level.UsedOfParent;
            level.Used += milli;
            milli = level.UsedOfParent - before;
        }
    }

    /// <summary>Takes over what an earlier tree remembers of the nodes and types that this one has too.</summary>
    internal void Remember(QueueTree earlier, Instant now)
    {
        foreach (QueueNode node in _nodes)
        {
            QueueNode? before = node.IsQueue ? earlier.Find(node.Name) : earlier.FindCohort(node.Name);
            for (int type = 0; type < _types.Count; type++)
            {
                ref QuotaLevel level = ref node.Levels[type];
                int known = earlier._types.IndexOf(_types[type]);
                level.Remembered = before is null || known < 0 ? 0 : before.Levels[known].RememberedAt(now, earlier.Model.HalfLife);
                level.Settled = now;
            }
        }
    }

    private QueueNode Make(string name, int weightMilli, IReadOnlyList<string>? tenants, IReadOnlyList<AcceleratorQuota> quotas)
    {
        var node = new QueueNode(name, weightMilli, tenants, _types.Count);
        node.SetQuotas(quotas, _types.IndexOf);
        return node;
    }

    private void Join(QueueNode node, string cohort)
    {
        if (cohort.Length > 0) { node.JoinParent(_cohorts[cohort]); }
    }

    private void Order(QueueNode node)
    {
        foreach (QueueNode member in node.Members) { Order(member); }
        _nodes.Add(node);
    }

    private static void SumUp(QueueNode node)
    {
        for (int type = 0; type < node.Levels.Length; type++)
        {
            ref QuotaLevel level = ref node.Levels[type];
            level.Subtree = level.Nominal;
            foreach (QueueNode member in node.Members) { level.Subtree += member.Levels[type].Lendable; }
            level.Guaranteed = level.LendingLimit is { } lent && node.Parent is not null ? Math.Max(0, level.Subtree - lent) : 0;
        }
    }

    private static void FindPotential(QueueNode node)
    {
        for (int type = 0; type < node.Levels.Length; type++)
        {
            ref QuotaLevel level = ref node.Levels[type];
            level.Potential = level.Subtree;
            if (node.Parent is null) { continue; }
            level.Potential = level.Guaranteed + node.Parent.Levels[type].Potential;
            if (level.BorrowingLimit is { } limit) { level.Potential = Math.Min(level.Potential, level.Subtree + limit); }
        }
    }
}
