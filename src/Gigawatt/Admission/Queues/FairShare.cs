using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Admission.Queues;

/// <content>Fair sharing: of those who would borrow, whoever has borrowed least for its weight goes first.</content>
/// <remarks>Who stays within its own has a share of 0 and so never waits behind one that borrows. The choice is made by cohort, from
/// the members up, so that it does not depend on the order in which jobs or queues came. A more urgent tier goes before any share.</remarks>
public sealed partial class QueueTree
{
    /// <summary>The dominant share of a node: of all accelerator types the largest part of what its cohort could lend it that it borrows,
    /// divided by its weight. Where there is a half-life, what it borrows is the mean of now and of late, so that among those
    /// who borrow the same now the past decides, and who waited long does not get everything at once.</summary>
    /// <param name="node">A queue or cohort.</param>
    /// <param name="now">For what is remembered.</param>
    /// <param name="type">Of this type so much more is taken to be used; -1 for none.</param>
    /// <param name="milli">How much more.</param>
    /// <returns>0 when it borrows nothing; infinite when it borrows with a weight of 0.</returns>
    internal double ShareOf(QueueNode node, Instant now, int type = -1, long milli = 0)
    {
        if (node.Parent is null) { return 0; }
        double share = 0;
        for (int i = 0; i < node.Levels.Length; i++)
        {
            ref readonly QuotaLevel level = ref node.Levels[i];
            long borrowed = Math.Max(0, level.Used + (i == type ? milli : 0) - level.Subtree);
            double counted = Model.HalfLife is { } halfLife ? (borrowed + level.RememberedAt(now, halfLife)) / 2 : borrowed;
            long lendable = node.Parent.Levels[i].Potential;
            if (counted > 0 && lendable > 0) { share = Math.Max(share, counted / lendable); }
        }

        return share > 0 ? share / node.Weight : 0;
    }

    /// <summary>Forgets all candidates.</summary>
    internal void ForgetCandidates()
    {
        foreach (QueueNode node in _nodes) { node.Best = default; }
    }

    /// <summary>The candidate that goes next, of those that are noted at their queues.</summary>
    internal Candidate Next(Instant now)
    {
        Candidate next = default;
        for (int i = 0; i < _nodes.Count; i++)
        {
            QueueNode node = _nodes[i];
            if (!node.IsQueue) { node.Best = BestMember(node, now); }
            if (node.Parent is null && node.Best.Job is not null && node.Best.IsBefore(next)) { next = node.Best; }
        }

        return next;
    }

    private Candidate BestMember(QueueNode cohort, Instant now)
    {
        Candidate best = default;
        double least = 0;
        foreach (QueueNode member in cohort.Members)
        {
            if (member.Best.Job is not { } job) { continue; }
            double share = ShareOf(member, now, member.Best.Type, member.Best.Milli);
            bool goesFirst = best.Job is not { } other || (job.Spec.Priority != other.Spec.Priority ? job.Spec.Priority < other.Spec.Priority
                : share != least ? share < least
                : job.Id < other.Id);
            if (!goesFirst) { continue; }
            least = share;
            best = member.Best with { Milli = PassedOn(member) };
        }

        return best;
    }

    // What a member's candidate would take out of the pool of its cohort.
    private static long PassedOn(QueueNode member)
    {
        if (member.Best.Type < 0) { return 0; }
        QuotaLevel level = member.Levels[member.Best.Type];
        long before = level.UsedOfParent;
        level.Used += member.Best.Milli;
        return level.UsedOfParent - before;
    }
}
