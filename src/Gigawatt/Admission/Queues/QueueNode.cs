using Gigawatt.Workloads;

namespace Gigawatt.Admission.Queues;

/// <summary>A queue or a cohort in the tree.</summary>
/// <param name="name">Its name.</param>
/// <param name="weightMilli">Its weight in fair sharing, in thousandths.</param>
/// <param name="tenants">Of a queue whose jobs it takes, empty for everybody's; null of a cohort.</param>
/// <param name="types">How many accelerator types the tree knows.</param>
internal sealed class QueueNode(string name, int weightMilli, IReadOnlyList<string>? tenants, int types)
{
    public string Name { get; } = name;

    public double Weight { get; } = weightMilli / 1000.0;

    public bool IsQueue => tenants is not null;

    /// <summary>The cohort it is part of.</summary>
    public QueueNode? Parent { get; private set; }

    /// <summary>Its members, in the order of the file, cohorts first.</summary>
    public List<QueueNode> Members { get; } = [];

    /// <summary>By the tree's number of the accelerator type.</summary>
    public QuotaLevel[] Levels { get; } = new QuotaLevel[types];

    /// <summary>The types that its jobs may use, in the order in which they are tried.</summary>
    public int[] Order { get; private set; } = [];

    /// <summary>The best of its waiting jobs, while the next one is chosen.</summary>
    public Candidate Best { get; set; }

    public bool Takes(string tenant) => tenants is { Count: 0 } || (tenants?.Contains(tenant) ?? false);

    public void JoinParent(QueueNode parent)
    {
        Parent = parent;
        parent.Members.Add(this);
    }

    public void SetQuotas(IReadOnlyList<AcceleratorQuota> quotas, Func<string, int> numberOf)
    {
        Order = [.. quotas.Select(quota => numberOf(quota.AcceleratorType))];
        for (int i = 0; i < quotas.Count; i++)
        {
            ref QuotaLevel level = ref Levels[Order[i]];
            level.IsSet = true;
            level.Nominal = quotas[i].NominalMilli;
            level.BorrowingLimit = quotas[i].BorrowingLimitMilli;
            level.LendingLimit = quotas[i].LendingLimitMilli;
        }
    }
}

/// <summary>A waiting job that could be admitted now, and what admitting it would take.</summary>
/// <param name="Job">The job; null when there is none.</param>
/// <param name="Line">The line of waiting jobs that it heads.</param>
/// <param name="Type">The tree's number of the accelerator type; -1 when it uses none.</param>
/// <param name="Milli">What it would take of its node's quota, in thousandths.</param>
internal readonly record struct Candidate(Job? Job, PendingQueue.Line? Line, int Type, long Milli)
{
    /// <summary>Whether it goes first where shares do not matter: the more urgent tier, then the lower number.</summary>
    public bool IsBefore(in Candidate other) =>
        other.Job is null || (Job!.Spec.Priority != other.Job.Spec.Priority ? Job.Spec.Priority < other.Job.Spec.Priority : Job.Id < other.Job.Id);
}
