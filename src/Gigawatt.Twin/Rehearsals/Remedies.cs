using Gigawatt.Admission;
using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Rehearsals;

/// <summary>Something that would make a waiting job start now.</summary>
/// <param name="Kind"><c>add-nodes</c>, <c>raise-quota</c>, <c>stop-jobs</c>, <c>smaller-gang</c> or <c>any-type</c>.</param>
/// <param name="Sentence">In words, with numbers.</param>
public sealed record Remedy(string Kind, string Sentence);

/// <summary>Finds what would make a waiting job start now, and proves each on a copy of the cell of its own.</summary>
public sealed class Remedies
{
    // Stopping more than this many jobs for one is not what anybody asks about.
    private const int StoppedMax = 20;

    private readonly byte[] _snapshot;
    private readonly Func<IPlacementPolicy> _newPolicy;
    private readonly Instant _now;
    private readonly Job _job;
    private readonly CellState _cell;
    private readonly TaskDemand _demand;

    private Remedies(byte[] snapshot, Func<IPlacementPolicy> newPolicy, Instant now, long jobId)
    {
        (_snapshot, _newPolicy, _now) = (snapshot, newPolicy, now);
        _cell = Copy().State;
        _job = _cell.Jobs.Find(jobId)!;
        _demand = _cell.Shapes[_job.Shape];
    }

    /// <summary>What would make a job start now; each was tried and did.</summary>
    /// <param name="snapshot">From <see cref="Journal.Snapshot.Save"/>.</param>
    /// <param name="newPolicy">Makes a placement policy for each copy.</param>
    /// <param name="now">The present.</param>
    /// <param name="jobId">A queued job.</param>
    public static IReadOnlyList<Remedy> Of(byte[] snapshot, Func<IPlacementPolicy> newPolicy, Instant now, long jobId)
    {
        ArgumentNullException.ThrowIfNull(newPolicy);
        var remedies = new Remedies(snapshot, newPolicy, now, jobId);
        return [.. remedies.Candidates().Where(remedies.Works).Select(static c => c.Remedy)];
    }

    private IEnumerable<Candidate> Candidates()
    {
        FilterCounts counts = PlacementExplanation.Filter(_cell.Fleet, _demand);
        foreach (Candidate quota in Quotas()) { yield return quota; }
        foreach (Candidate nodes in Nodes(counts)) { yield return nodes; }
        if (StopJobs(counts) is { } stop) { yield return stop; }
        if (counts.Slots > 0 && counts.Slots < _job.Spec.GangSize)
        {
            var size = (int)counts.Slots;
            yield return Instead(new("smaller-gang", $"a gang of {size:N0} instead of {_job.Spec.GangSize:N0}"), _job.Spec with { GangSize = size });
        }

        if (_job.Spec.AcceleratorTypes.Count > 0)
        {
            yield return Instead(new("any-type", "accepting accelerators of any type"), _job.Spec with { AcceleratorTypes = [] });
        }
    }

    private IEnumerable<Candidate> Quotas()
    {
        long milli = (long)_demand.TotalAcceleratorMilli * _job.Spec.GangSize;
        string tenant = _job.Spec.Tenant;
        if (!_cell.Quotas.Allows(tenant, milli))
        {
            long limit = _cell.Quotas.HeldBy(tenant) + milli;
            yield return new(new("raise-quota", $"a quota of {limit / 1000.0:0.###} accelerators for tenant {tenant}, which is {_cell.Quotas.LimitOf(tenant) / 1000.0:0.###} now"),
                r => Changes.Make(r, new TenantQuota(tenant, limit)) is null);
        }

        if (_job.Queue.Length == 0 || _cell.Queues.Model.Queues.FirstOrDefault(q => q.Name == _job.Queue) is not { } queue) { yield break; }
        foreach (Admission.Queues.AcceleratorQuota quota in queue.Quotas)
        {
            int type = _cell.Fleet.FindAcceleratorType(quota.AcceleratorType);
            if (type < 0 || !_demand.Accepts(type)) { continue; }
            long nominal = quota.NominalMilli + milli;
            yield return new(new("raise-quota", $"a nominal quota of {nominal / 1000.0:0.###} {quota.AcceleratorType} for queue {queue.Name}, which is {quota.NominalMilli / 1000.0:0.###} now"),
                r => Changes.Make(r, new QueueQuota(queue.Name, quota.AcceleratorType, nominal)) is null);
        }
    }

    private IEnumerable<Candidate> Nodes(FilterCounts counts)
    {
        var like = new HashSet<(int, int, int, int)>();
        for (int index = 0; index < _cell.Fleet.Groups.Count; index++)
        {
            NodeGroup group = _cell.Fleet.Groups[index];
            int tasks = JobAdmission.TasksOnEmptyNode(group, _demand);
            if (tasks == 0 || _cell.Fleet.StatusOf(_cell.Fleet.FirstNodeOf(index)) == NodeStatus.Removed) { continue; }
            if (!like.Add((group.AcceleratorType, group.Accelerators, group.CpuMilli, group.MemoryMib))) { continue; }
            int nodes = (int)Math.Min(1_000_000, (Math.Max(1, _job.Spec.GangSize - counts.Slots) + tasks - 1) / tasks);
            yield return new(new("add-nodes", $"{nodes:N0} more node{(nodes == 1 ? "" : "s")} like those of {group.Name}"),
                r => Changes.Make(r, new AddNodes(group.Name, nodes)) is null);
        }
    }

    // The least important first, and of those the ones that have run the least: they lose the least.
    private Candidate? StopJobs(FilterCounts counts)
    {
        var stopped = new List<Job>();
        long missing = Math.Max(1, _job.Spec.GangSize - counts.Slots);
        foreach (Job other in _cell.Jobs.InOrder().Where(j => j.Phase.HoldsCapacity() && j.Spec.Priority > _job.Spec.Priority)
            .OrderByDescending(static j => j.Spec.Priority).ThenByDescending(static j => j.Placed))
        {
            if (missing <= 0) { break; }
            long room = RoomOf(other);
            if (room == 0) { continue; }
            stopped.Add(other);
            missing -= room;
        }

        if (stopped.Count is 0 or > StoppedMax || missing > 0) { return null; }
        Instant over = _now + new Duration(stopped.Max(static j => j.Spec.StopGrace.Nanoseconds));
        string jobs = string.Join(", ", stopped.Select(static j => $"{j.Id} ({j.Spec.Name}, {PriorityNames.Of(j.Spec.Priority)})"));
        return new(new("stop-jobs", $"stopping job{(stopped.Count == 1 ? "" : "s")} {jobs}"), rehearsal =>
        {
            foreach (Job job in stopped) { rehearsal.Apply(new JobCancelRequested(job.Id)); }
            rehearsal.RunTo(over, _job.Id, default);
            return true;
        });
    }

    // Tasks that another job's place would take, at least one: a guess, which the copy then proves.
    private long RoomOf(Job other)
    {
        TaskDemand held = _cell.Shapes[other.Shape];
        if (_demand.Accelerators == 0) { return Math.Max(1, (long)held.CpuMilli * other.Spec.GangSize / Math.Max(1, _demand.CpuMilli)); }
        if (held.Accelerators == 0 || !_demand.Accepts(_cell.Fleet.AcceleratorTypeOf(other.Tasks[0].Placement.Node))) { return 0; }
        return Math.Max(1, (long)held.TotalAcceleratorMilli * other.Spec.GangSize / _demand.TotalAcceleratorMilli);
    }

    private Candidate Instead(Remedy remedy, JobSpec spec) => new(remedy, rehearsal =>
    {
        long id = rehearsal.State.Jobs.NextId;
        rehearsal.Apply(new JobCancelRequested(_job.Id));
        return Changes.Make(rehearsal, new Submit(spec with { IdempotencyKey = "" })) is null && rehearsal.Starts.ContainsKey(id);
    }, IsInstead: true);

    private bool Works(Candidate candidate)
    {
        Rehearsal rehearsal = Copy();
        return candidate.Try(rehearsal) && (candidate.IsInstead || rehearsal.Starts.ContainsKey(_job.Id));
    }

    private Rehearsal Copy() => Rehearsal.Of(_snapshot, _newPolicy(), _now);

    private sealed record Candidate(Remedy Remedy, Func<Rehearsal, bool> Try, bool IsInstead = false);
}
