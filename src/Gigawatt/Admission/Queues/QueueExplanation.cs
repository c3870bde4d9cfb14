using Gigawatt.Workloads;

namespace Gigawatt.Admission.Queues;

/// <summary>Which limit keeps a job from being admitted, in words. For people, never on the way to a decision.</summary>
internal static class QueueExplanation
{
    /// <summary>Why a queue does not admit so much more now, of the types that the demand accepts; null when it does.</summary>
    public static string? WhyNot(CellState cell, QueueNode queue, in TaskDemand demand, long milli)
    {
        QueueTree tree = cell.Queues;
        if (tree.Admits(queue, demand, milli, 0, out _)) { return null; }
        var reasons = new List<string>();
        foreach (int type in queue.Order)
        {
            if (tree.FleetTypeOf(type) is >= 0 and int known && demand.Accepts(known)) { reasons.Add(Binding(queue, tree.Types[type], type)); }
        }

        return reasons.Count == 0
            ? $"queue {queue.Name} has no quota for the accelerators that the job accepts"
            : $"the job needs {Count(milli)} and {string.Join("; ", reasons)}";
    }

    /// <summary>The limit that a queue meets first on its way up, with the node whose it is.</summary>
    private static string Binding(QueueNode queue, string name, int type)
    {
        long available = Math.Max(0, QueueTree.Available(queue, type));
        string left = $"queue {queue.Name} can use {Count(available)} more {name}";
        QueueNode node = queue;
        QueueNode? limited = null;
        for (; node.Parent is not null; node = node.Parent)
        {
            // The cap that is least where it lies binds; those further up are met only by what gets past it.
            if (QueueTree.RoomToBorrow(node.Levels[type]) < QueueTree.Available(node.Parent, type))
            {
                limited = node;
                break;
            }
        }

        if (limited is not null)
        {
            QuotaLevel level = limited.Levels[type];
            return $"{left}: {Kind(limited)} {limited.Name} holds {Count(level.Used)} of its nominal {Count(level.Subtree)} and its borrowing limit of {Count(level.BorrowingLimit!.Value)}";
        }

        QuotaLevel top = node.Levels[type];
        return $"{left}: {Kind(node)} {node.Name} uses {Count(top.Used)} of its nominal {Count(top.Subtree)}{Kept(node, type)}";
    }

    // What members keep for themselves by a lending limit is in no pool.
    private static string Kept(QueueNode node, int type)
    {
        long kept = node.Members.Sum(m => m.Levels[type].Guaranteed);
        return kept > 0 ? $", {Count(kept)} more being kept by lending limits" : "";
    }

    private static string Kind(QueueNode node) => node.IsQueue ? "queue" : "cohort";

    private static string Count(long milli) => $"{milli / 1000.0:0.###}";
}
