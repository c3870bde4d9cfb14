using Gigawatt.Admission.Queues;
using Gigawatt.Workloads;

namespace Gigawatt.Admission;

/// <summary>Jobs that wait for a place, by line. Jobs of one line ask for the same and so wait for the same.</summary>
/// <remarks>When the head of a line does not fit, no other job of that line can: the line rests until something becomes free.
/// So a full fleet with 100,000 waiting jobs costs a step a look at the lines (hundreds), not at the jobs.</remarks>
internal sealed class PendingQueue
{
    private readonly Dictionary<(Priority, int Shape, int GangSize, string Tenant, string Queue), Line> _byKind = [];
    private readonly List<Line> _lines = [];

    /// <summary>Jobs that wait.</summary>
    public int Count { get; private set; }

    public void Add(Job job)
    {
        var kind = (job.Spec.Priority, job.Shape, job.Spec.GangSize, job.Spec.Tenant, job.Queue);
        if (!_byKind.TryGetValue(kind, out Line? line))
        {
            line = new Line(job.Spec.Priority, job.QueueNode);
            _byKind.Add(kind, line);
            _lines.Add(line);
        }

        line.Jobs.Enqueue(job, job.Id);
        Count++;
    }

    /// <summary>The job that is next: of the lines that do not rest, the most urgent tier; where there are queues, by fair sharing;
    /// then the lowest number.</summary>
    /// <param name="cell">Its freed version goes up whenever something becomes free; a line rests while it stays.</param>
    /// <param name="from">The line whose head it is.</param>
    public Job? Next(CellState cell, out Line? from)
    {
        if (cell.Queues.IsActive) { return NextByShare(cell, out from); }
        long freedVersion = cell.Fleet.FreedVersion;
        from = null;
        Job? best = null;
        foreach (Line line in _lines)
        {
            Job? head = line.RestsAt == freedVersion ? null : Head(line);
            if (head is null) { continue; }
            if (best is null || line.Priority < from!.Priority || (line.Priority == from.Priority && head.Id < best.Id))
            {
                best = head;
                from = line;
            }
        }

        return best;
    }

    private Job? NextByShare(CellState cell, out Line? from)
    {
        QueueTree tree = cell.Queues;
        tree.ForgetCandidates();
        Candidate next = default;
        foreach (Line line in _lines)
        {
            if (line.RestsAt == cell.Fleet.FreedVersion || Head(line) is not { } head) { continue; }
            TaskDemand demand = cell.Shapes[head.Shape];
            long milli = (long)demand.TotalAcceleratorMilli * head.Spec.GangSize;
            int place = -1;
            if (line.Queue is not { } queue || !tree.Admits(queue, demand, milli, 0, out place))
            {
                // It is tried once all the same, and dropped.
                var tried = new Candidate(head, line, -1, 0);
                if (head.Spec.WhenItDoesNotFit != WhenItDoesNotFit.Drop) { line.RestsAt = cell.Fleet.FreedVersion; }
                else if (tried.IsBefore(next)) { next = tried; }
                continue;
            }

            var candidate = new Candidate(head, line, place < 0 ? -1 : queue.Order[place], milli);
            if (candidate.IsBefore(queue.Best)) { queue.Best = candidate; }
        }

        if (next.Job is null) { next = tree.Next(cell.Now); }
        from = next.Line;
        return next.Job;
    }

    /// <summary>Puts all jobs into lines anew: their queues changed.</summary>
    public void Reorder()
    {
        List<Job> waiting = [.. _lines.SelectMany(static line => line.Jobs.UnorderedItems.Select(static item => item.Element))];
        _byKind.Clear();
        _lines.Clear();
        Count = 0;
        foreach (Job job in waiting) { Add(job); }
    }

    /// <summary>Takes the head of a line out.</summary>
    public void Take(Line line)
    {
        line.Jobs.Dequeue();
        Count--;
    }

    /// <summary>Wakes all lines: a limit changed.</summary>
    public void Wake()
    {
        foreach (Line line in _lines) { line.RestsAt = -1; }
    }

    // A cancelled job leaves its line when it comes to the head.
    private Job? Head(Line line)
    {
        while (line.Jobs.TryPeek(out Job? head, out _))
        {
            if (head.Phase == JobPhase.Queued) { return head; }
            Take(line);
        }

        return null;
    }

    internal sealed class Line(Priority priority, QueueNode? queue)
    {
        public QueueNode? Queue { get; } = queue;

        public Priority Priority { get; } = priority;

        public PriorityQueue<Job, long> Jobs { get; } = new();

        /// <summary>The freed version at which its head did not fit; -1 when it does not rest.</summary>
        public long RestsAt { get; set; } = -1;
    }
}
