using Gigawatt.Workloads;

namespace Gigawatt.Admission.Queues;

/// <summary>How a queue or cohort stands now. Amounts are thousandths of accelerators.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsQueue">Whether it is a queue; else it is a cohort.</param>
/// <param name="Parent">The cohort it is part of; empty at the top.</param>
/// <param name="Depth">How many cohorts are above it.</param>
/// <param name="Weight">Its weight in fair sharing.</param>
/// <param name="Share">Its dominant share, 0 or more; infinite when it borrows with a weight of 0.</param>
/// <param name="Waiting">Jobs that wait in it, or in its members.</param>
/// <param name="Active">Jobs that hold capacity.</param>
/// <param name="Quotas">By accelerator type.</param>
public sealed record QueueStanding(
    string Name, bool IsQueue, string Parent, int Depth, double Weight, double Share, int Waiting, int Active, IReadOnlyList<QuotaStanding> Quotas)
{
    /// <summary>All of them, each cohort before its members. Looks at every job: for people, never on the way to a decision.</summary>
    public static IReadOnlyList<QueueStanding> All(CellState cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        QueueTree tree = cell.Queues;
        ILookup<QueueNode?, Job> jobs = cell.Jobs.InOrder().Where(static job => !job.Phase.IsEnded()).ToLookup(static job => job.QueueNode);
        Dictionary<(QueueNode, int), long> lent = Loans.Of(tree);
        var standings = new List<QueueStanding>();
        foreach (QueueNode root in tree.Nodes.Where(static node => node.Parent is null)) { Add(root, 0); }
        return standings;

        void Add(QueueNode node, int depth)
        {
            List<Job> own = [.. Under(node).SelectMany(member => jobs[member])];
            standings.Add(new QueueStanding(
                node.Name, node.IsQueue, node.Parent?.Name ?? "", depth, node.Weight, tree.ShareOf(node, cell.Now),
                own.Count(static job => job.Phase == JobPhase.Queued), own.Count(static job => job.Phase.HoldsCapacity()),
                [.. Enumerable.Range(0, tree.Types.Count).Where(type => Matters(node, type)).Select(type => QuotaOf(tree, node, type, lent[(node, type)]))]));
            foreach (QueueNode member in node.Members) { Add(member, depth + 1); }
        }
    }

    private static QuotaStanding QuotaOf(QueueTree tree, QueueNode node, int type, long lent)
    {
        QuotaLevel level = node.Levels[type];
        List<QueueNode> under = [.. Under(node)];
        return new QuotaStanding(
            tree.Types[type], under.Sum(n => n.Levels[type].Nominal), under.Where(static n => n.IsQueue).Sum(n => n.Levels[type].Used),
            level.Borrowed, level.BorrowingLimit, lent, level.LendingLimit, Math.Max(0, QueueTree.Available(node, type)));
    }

    private static IEnumerable<QueueNode> Under(QueueNode node) => node.Members.SelectMany(Under).Prepend(node);

    private static bool Matters(QueueNode node, int type) =>
        node.IsQueue ? node.Levels[type].IsSet || node.Levels[type].Used > 0 : Under(node).Any(member => member.Levels[type].IsSet);
}

/// <summary>How a queue or cohort stands with one accelerator type, in thousandths of accelerators.</summary>
/// <param name="AcceleratorType">The type.</param>
/// <param name="NominalMilli">What is its own; of a cohort with what its members have.</param>
/// <param name="UsedMilli">What its jobs hold.</param>
/// <param name="BorrowedMilli">What it uses of others'.</param>
/// <param name="BorrowingLimitMilli">The most of that; null has no limit.</param>
/// <param name="LentMilli">What others use of its own. Nobody's accelerators are marked: where several could be the lender, each counts as one in proportion to what it leaves idle.</param>
/// <param name="LendingLimitMilli">The most of that; null has no limit.</param>
/// <param name="AvailableMilli">What it could still use now.</param>
public sealed record QuotaStanding(
    string AcceleratorType, long NominalMilli, long UsedMilli, long BorrowedMilli, long? BorrowingLimitMilli, long LentMilli, long? LendingLimitMilli,
    long AvailableMilli);

/// <summary>Who lends how much to others.</summary>
internal static class Loans
{
    public static Dictionary<(QueueNode, int), long> Of(QueueTree tree)
    {
        var lent = new Dictionary<(QueueNode, int), long>();
        foreach (QueueNode root in tree.Nodes.Where(static node => node.Parent is null))
        {
            for (int type = 0; type < tree.Types.Count; type++) { Divide(root, type, 0, lent); }
        }

        return lent;
    }

    // What members borrow and the cohort does not borrow itself comes out of what its pool has idle; so does what it lends upwards.
    private static void Divide(QueueNode node, int type, long upwards, Dictionary<(QueueNode, int), long> lent)
    {
        lent[(node, type)] = upwards;
        if (node.IsQueue) { return; }
        long pool = node.Levels[type].Nominal, borrowed = 0;
        foreach (QueueNode member in node.Members)
        {
            pool += Idle(member, type);
            borrowed += Math.Max(0, member.Levels[type].UsedOfParent - member.Levels[type].Lendable);
        }

        long given = Math.Min(pool, borrowed - node.Levels[type].Borrowed + upwards);
        long passed = node.Levels[type].Nominal, soFar = Part(given, passed, pool);
        foreach (QueueNode member in node.Members)
        {
            passed += Idle(member, type);
            long next = Part(given, passed, pool);
            Divide(member, type, next - soFar, lent);
            soFar = next;
        }
    }

    private static long Idle(QueueNode member, int type) => Math.Max(0, member.Levels[type].Lendable - member.Levels[type].UsedOfParent);

    // Rounded on the running sum, so that the parts add up.
    private static long Part(long given, long passed, long pool) => pool == 0 ? 0 : (long)((Int128)given * passed / pool);
}
