using Gigawatt.Admission.Queues;
using Gigawatt.Workloads;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>Kueue's rules of queues and cohorts by their definition, from the model and the jobs alone.</summary>
internal sealed class NaiveQueues
{
    private readonly QueueModel _model;
    private readonly Dictionary<(string Queue, string Type), long> _held = [];

    public NaiveQueues(CellState cell)
    {
        _model = cell.Queues.Model;
        foreach (Job job in cell.Jobs.InOrder())
        {
            if (!job.Phase.HoldsCapacity()) { continue; }
            foreach (TaskState task in job.Tasks)
            {
                int type = cell.Fleet.AcceleratorTypeOf(task.Placement.Node);
                if (task.Ended || type < 0) { continue; }
                (string, string) key = (job.Queue, cell.Fleet.AcceleratorTypes[type].Name);
                _held[key] = _held.GetValueOrDefault(key) + (job.Spec.Accelerators * job.Spec.AcceleratorMilli);
            }
        }
    }

    public IEnumerable<(string Name, bool IsQueue)> Nodes => _model.Queues.Select(static q => (q.Name, true)).Concat(_model.Cohorts.Select(static c => (c.Name, false)));

    public bool Has(string queue) => _model.Queues.Any(q => q.Name == queue);

    public bool Uses(string queue, string type) => _model.Queues.First(q => q.Name == queue).Quotas.Any(q => q.AcceleratorType == type);

    public long Used(string name, bool isQueue, string type) => isQueue
        ? _held.GetValueOrDefault((name, type))
        : Members(name).Sum(m => Math.Max(0, Used(m.Name, m.IsQueue, type) - Guaranteed(m.Name, m.IsQueue, type)));

    /// <summary>The most that a node may use by its own limits.</summary>
    public long Limit(string name, bool isQueue, string type) =>
        Parent(name, isQueue).Length == 0 ? Subtree(name, isQueue, type)
        : Quota(name, isQueue, type).BorrowingLimitMilli is { } limit ? Subtree(name, isQueue, type) + limit
        : long.MaxValue;

    /// <summary>What a node could still take.</summary>
    public long Available(string name, bool isQueue, string type)
    {
        string parent = Parent(name, isQueue);
        long used = Used(name, isQueue, type);
        if (parent.Length == 0) { return Subtree(name, isQueue, type) - used; }
        long own = Guaranteed(name, isQueue, type);
        long limit = Limit(name, isQueue, type);
        long beyond = Math.Min(Available(parent, false, type), limit == long.MaxValue ? long.MaxValue : limit - Math.Max(used, own));
        return Math.Max(0, own - used) + beyond;
    }

    private IEnumerable<(string Name, bool IsQueue)> Members(string cohort) =>
        Nodes.Where(n => Parent(n.Name, n.IsQueue) == cohort);

    private string Parent(string name, bool isQueue) =>
        isQueue ? _model.Queues.First(q => q.Name == name).Cohort : _model.Cohorts.First(c => c.Name == name).Parent;

    private long Subtree(string name, bool isQueue, string type) =>
        Quota(name, isQueue, type).NominalMilli + (isQueue ? 0 : Members(name).Sum(m => Subtree(m.Name, m.IsQueue, type) - Guaranteed(m.Name, m.IsQueue, type)));

    private long Guaranteed(string name, bool isQueue, string type) =>
        Parent(name, isQueue).Length > 0 && Quota(name, isQueue, type).LendingLimitMilli is { } lent ? Math.Max(0, Subtree(name, isQueue, type) - lent) : 0;

    private AcceleratorQuota Quota(string name, bool isQueue, string type) =>
        (isQueue ? _model.Queues.First(q => q.Name == name).Quotas : _model.Cohorts.First(c => c.Name == name).Quotas)
            .FirstOrDefault(q => q.AcceleratorType == type);
}
