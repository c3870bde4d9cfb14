using Gigawatt.Journal;
using Gigawatt.Units;

namespace Gigawatt.Admission.Queues;

/// <summary>Queues and the tree of cohorts above them, as validated from a file. In Kueue's words: cluster queues, cohorts, and
/// quotas by resource flavor, where a flavor is a type of accelerator.</summary>
public sealed record QueueModel
{
    /// <summary>No queues: jobs are bound by the quotas of their tenants alone.</summary>
    public static readonly QueueModel None = new();

    /// <summary>Cohorts; their parents are among them, and no cohort is above itself.</summary>
    public IReadOnlyList<CohortModel> Cohorts { get; init; } = [];

    /// <summary>Queues; their cohorts are among <see cref="Cohorts"/>.</summary>
    public IReadOnlyList<JobQueueModel> Queues { get; init; } = [];

    /// <summary>The queue of each tenant's jobs that name none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> DefaultQueues { get; init; } = [];

    /// <summary>After which time half of what was borrowed is forgotten; null remembers nothing.</summary>
    public Duration? HalfLife { get; init; }

    /// <summary>Whether two models say the same.</summary>
    public static bool AreSame(QueueModel one, QueueModel other)
    {
        var (first, second) = (new ByteWriter(), new ByteWriter());
        QueueCodec.Write(first, one);
        QueueCodec.Write(second, other);
        return first.Written.Span.SequenceEqual(second.Written.Span);
    }
}

/// <summary>A group of queues and cohorts that lend each other what they do not use.</summary>
/// <param name="Name">Unique among the cohorts.</param>
/// <param name="Parent">The cohort it is part of; empty at the top.</param>
/// <param name="WeightMilli">Its weight in fair sharing in thousandths, 0 or more; 0 borrows only when nobody else wants to.</param>
/// <param name="Quotas">What it has besides that of its members, at most one for each type.</param>
public sealed record CohortModel(string Name, string Parent, int WeightMilli, IReadOnlyList<AcceleratorQuota> Quotas);

/// <summary>A queue that jobs are submitted to.</summary>
/// <param name="Name">Unique among the queues.</param>
/// <param name="Cohort">The cohort it is part of; empty when it neither borrows nor lends.</param>
/// <param name="WeightMilli">Its weight in fair sharing in thousandths, 0 or more; 0 borrows only when nobody else wants to.</param>
/// <param name="Quotas">One for each type that its jobs may use, in the order in which they are tried.</param>
/// <param name="Tenants">Whose jobs it takes; empty takes everybody's.</param>
public sealed record JobQueueModel(
    string Name, string Cohort, int WeightMilli, IReadOnlyList<AcceleratorQuota> Quotas, IReadOnlyList<string> Tenants);

/// <summary>How much of one type of accelerator a queue or cohort may use, in thousandths of accelerators, each 0 or more.</summary>
/// <param name="AcceleratorType">The type by name; one that the fleet has not is never used.</param>
/// <param name="NominalMilli">What is its own, lent or not.</param>
/// <param name="BorrowingLimitMilli">The most it may use beyond its own; null has no limit.</param>
/// <param name="LendingLimitMilli">The most others may use of its own; null lends all of it.</param>
public readonly record struct AcceleratorQuota(
    string AcceleratorType, long NominalMilli, long? BorrowingLimitMilli = null, long? LendingLimitMilli = null);
