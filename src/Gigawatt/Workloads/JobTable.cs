using Gigawatt.Units;

namespace Gigawatt.Workloads;

/// <summary>All jobs that are not over, and the last <see cref="EndedKept"/> that are.</summary>
public sealed class JobTable
{
    /// <summary>Ended jobs that are remembered; older ones live on in the ledger and in their logs.</summary>
    public const int EndedKept = 10_000;

    private readonly Dictionary<long, Job> _jobs = [];
    private readonly Dictionary<(string Tenant, string Key), long> _byKey = [];
    private readonly Queue<long> _ended = new();

    /// <summary>The number that the next job gets.</summary>
    public long NextId { get; private set; } = 1;

    /// <summary>Jobs in the table.</summary>
    public int Count => _jobs.Count;

    /// <summary>The job of that number, or null.</summary>
    public Job? Find(long id) => _jobs.GetValueOrDefault(id);

    /// <summary>The job that a tenant submitted under a key, or null.</summary>
    public Job? FindByKey(string tenant, string key) =>
        key.Length > 0 && _byKey.TryGetValue((tenant, key), out long id) ? Find(id) : null;

    /// <summary>All jobs in the order of their numbers. Copies and sorts: for people, not for decisions on the hot path.</summary>
    public IReadOnlyList<Job> InOrder()
    {
        var jobs = new List<Job>(_jobs.Values);
        jobs.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return jobs;
    }

    internal void Add(Job job)
    {
        _jobs.Add(job.Id, job);
        NextId = Math.Max(NextId, job.Id + 1);
        if (job.Spec.IdempotencyKey.Length > 0) { _byKey[(job.Spec.Tenant, job.Spec.IdempotencyKey)] = job.Id; }
    }

    /// <summary>Notes that a job is over, and forgets the one that ended longest ago when there are too many.</summary>
    internal void MarkEnded(Job job, Instant now)
    {
        job.Ended = now;
        RestoreEnded(job);
    }

    /// <summary>Puts an ended job of a snapshot in its place in the order of ends.</summary>
    internal void RestoreEnded(Job job)
    {
        _ended.Enqueue(job.Id);
        while (_ended.Count > EndedKept)
        {
            if (!_jobs.Remove(_ended.Dequeue(), out Job? old) || old.Spec.IdempotencyKey.Length == 0) { continue; }
            _byKey.Remove((old.Spec.Tenant, old.Spec.IdempotencyKey));
        }
    }

    /// <summary>Ended jobs in the order in which they ended.</summary>
    internal IEnumerable<long> EndedInOrder => _ended;

    internal void RestoreNextId(long nextId) => NextId = nextId;
}
