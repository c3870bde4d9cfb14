using Gigawatt.Units;

namespace Gigawatt.Execution;

/// <summary>What becomes due.</summary>
internal enum DeadlineKind : byte
{
    /// <summary>A running attempt reaches its time limit.</summary>
    TimeLimit,

    /// <summary>A job may be started again.</summary>
    Retry,

    /// <summary>A node's quarantine is over; the number is the node's, not a job's.</summary>
    Quarantine,
}

/// <summary>Something to be done about a job at a time. Void when the job has another attempt by then.</summary>
internal readonly record struct Deadline(DeadlineKind Kind, long JobId, int Attempt);

/// <summary>Deadlines in order of time, then of entry.</summary>
internal sealed class DeadlineQueue
{
    private readonly PriorityQueue<Deadline, (long Due, long Entry)> _queue = new();
    private long _entries;

    /// <summary>The earliest, or never.</summary>
    public Instant Next => _queue.TryPeek(out _, out (long Due, long Entry) at) ? new Instant(at.Due) : Instant.Never;

    public void Add(Instant due, Deadline deadline) => _queue.Enqueue(deadline, (due.Nanoseconds, _entries++));

    /// <summary>All of them in their order, for a snapshot.</summary>
    public IReadOnlyList<(Instant Due, Deadline Deadline)> InOrder() =>
        [.. _queue.UnorderedItems.OrderBy(i => i.Priority).Select(i => (new Instant(i.Priority.Due), i.Element))];

    public bool TryTakeDue(Instant now, out Deadline deadline)
    {
        if (Next <= now && _queue.TryDequeue(out deadline, out _)) { return true; }
        deadline = default;
        return false;
    }
}
