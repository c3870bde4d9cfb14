using CsCheck;
using Gigawatt.Admission.Queues;
using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Journal;
using Gigawatt.Placement.BinPack;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Admission.Queues;

/// <summary>
/// Goal: no history breaks a quota. Method: random trees of cohorts with random limits, random submissions, ends, losses, cancels and
/// time; after each event the limits are checked against sums over the jobs themselves, which know nothing of the tree's bookkeeping.
/// </summary>
public sealed class QueueTreePropertyTests
{
    private const int Types = 2;
    private const int Nodes = 10;

    private static readonly FleetModel Fleet = TestCell.Fleet(
        TestCell.Group("a", racks: 2, nodesPerRack: 3, cpuMilli: 64_000, type: 0, accelerators: 4),
        TestCell.Group("h", racks: 2, nodesPerRack: 2, cpuMilli: 64_000, type: 1, accelerators: 8));

    private static readonly Gen<QueueModel> Models =
        from cohorts in Gen.Int[0, 1_000_000].Array[0, 4]
        from queues in Gen.Int[0, int.MaxValue - 1].Array[1, 6]
        from remembers in Gen.Bool
        select Make(cohorts, queues, remembers);

    private static readonly Gen<int[]> Histories = Gen.Int[0, 1_000_000_000].Array[5, 150];

    [Fact]
    public void No_limit_is_ever_broken_and_use_returns_to_zero_when_all_jobs_have_ended() => Gen.Select(Models, Histories).Sample((model, history) =>
    {
        var cell = Begin(model);
        foreach (int choice in history)
        {
            Act(cell, model, choice);
            CheckLimits(cell.Loop.State);
        }

        foreach (Job job in cell.Loop.State.Jobs.InOrder())
        {
            cell.Step(new JobCancelRequested(job.Id));
            for (int rank = 0; rank < job.Tasks.Count && job.Phase.HoldsCapacity(); rank++) { cell.Exit(job, rank, 143); }
        }

        foreach (QueueNode node in cell.Loop.State.Queues.Nodes) { Assert.All(node.Levels, static level => Assert.Equal(0, level.Used)); }
    }, iter: 1500);

    [Fact]
    public void A_loop_loaded_from_a_snapshot_admits_the_same_jobs_in_the_same_order() =>
        Gen.Select(Models, Histories, Gen.Int[0, 100]).Sample((model, history, cut) =>
        {
            TestCell whole = Begin(model), restarted = Begin(model);
            for (int i = 0; i < history.Length; i++)
            {
                if (i == history.Length * cut / 100) { restarted.Loop = Snapshot.Load(Snapshot.Save(restarted.Loop), new BinPackPolicy()); }
                Act(whole, model, history[i]);
                Act(restarted, model, history[i]);
                Assert.Equal(whole.Last, restarted.Last);
            }

            Assert.Equal(whole.Loop.State.Hash, restarted.Loop.State.Hash);
            Assert.Equal(Snapshot.Save(whole.Loop), Snapshot.Save(restarted.Loop));
        }, iter: 500);

    [Fact]
    public void Replaying_the_encoded_events_gives_the_same_hash_and_the_same_snapshot() => Gen.Select(Models, Histories).Sample((model, history) =>
    {
        var journal = new List<byte[]>();
        var codec = new EventCodec();
        var first = new TestCell { OnStep = (at, happened) => journal.Add(codec.Encode(new JournalEntry(at, happened)).ToArray()) };
        first.Step(new FleetDescribed(Fleet));
        first.Step(new QueuesSet(model));
        foreach (int choice in history) { Act(first, model, choice); }

        var second = new TestCell();
        foreach (byte[] line in journal)
        {
            JournalEntry entry = EventCodec.Decode(line);
            second.Now = entry.At;
            second.Step(entry.Event);
        }

        Assert.Equal(first.Loop.State.Hash, second.Loop.State.Hash);
        Assert.Equal(Snapshot.Save(first.Loop), Snapshot.Save(second.Loop));
    }, iter: 300);

    [Fact]
    public void The_order_of_queues_and_cohorts_in_the_file_changes_no_decision() => Gen.Select(Models, Histories).Sample((model, history) =>
    {
        QueueModel turned = model with { Cohorts = [.. model.Cohorts.Reverse()], Queues = [.. model.Queues.Reverse()] };
        TestCell one = Begin(model), other = Begin(turned);
        // A job without accelerators needs no quota; it holds all nodes until many jobs wait, so that there is much to choose from.
        JobSpec blocker = TestCell.Spec(cpuMilli: 64_000, gang: Nodes) with { Queue = model.Queues[0].Name };
        Job[] blockers = [one.Submit(blocker), other.Submit(blocker)];
        for (int i = 0; i < history.Length; i++)
        {
            if (i >= history.Length / 2 && i - (history.Length / 2) is < Nodes and int rank)
            {
                if (!blockers[0].Phase.HoldsCapacity() || blockers[0].Tasks[rank].Ended) { continue; }
                one.Exit(blockers[0], rank);
                other.Exit(blockers[1], rank);
                Assert.Equal(one.Last, other.Last);
            }

            Act(one, model, history[i]);
            Act(other, model, history[i]);
            Assert.Equal(one.Last, other.Last);
        }
    }, iter: 500);

    [Fact]
    public void Queues_that_are_set_again_count_what_runs_as_before() => Gen.Select(Models, Models, Histories).Sample((model, between, history) =>
    {
        TestCell cell = Begin(model);
        foreach (int choice in history) { Act(cell, model, choice); }
        // Jobs whose queue was gone for a while are not in question here, nor what was admitted meanwhile.
        if (between.Queues.Count < model.Queues.Count || cell.Loop.State.Queue.Count > 0) { return; }
        List<long> before = UsedIn(cell);
        cell.Step(new QueuesSet(between));
        cell.Step(new QueuesSet(model));
        Assert.Equal(before, UsedIn(cell));
        CheckSums(cell.Loop.State);
    }, iter: 500);

    private static TestCell Begin(QueueModel model)
    {
        var cell = new TestCell(Fleet);
        cell.Step(new QueuesSet(model));
        return cell;
    }

    private static List<long> UsedIn(TestCell cell) => [.. cell.Loop.State.Queues.Nodes.SelectMany(static n => n.Levels.Select(static l => l.Used))];

    private static void CheckLimits(CellState state)
    {
        CheckSums(state);
        CheckLoans(state);
        foreach (QueueNode node in state.Queues.Nodes)
        {
            for (int type = 0; type < node.Levels.Length; type++)
            {
                QuotaLevel level = node.Levels[type];
                long most = node.Parent is null ? level.Nominal + node.Members.Sum(m => Given(m, type)) : level.BorrowingLimit is { } limit ? level.Subtree + limit : long.MaxValue;
                Assert.True(level.Used <= most, $"{node.Name} uses {level.Used} of {most}");
                // What the others use together leaves each member what it keeps for itself.
                if (node.Parent is not { } cohort || level.LendingLimit is not { } lent) { continue; }
                long others = TotalUse(state, cohort, type) - TotalUse(state, node, type);
                long elsewhere = Has(Top(node), type) - Has(node, type);
                Assert.True(others <= elsewhere + lent, $"{node.Name} lends more than {lent}");
            }
        }

        foreach (QueueNode root in state.Queues.Nodes.Where(static n => n.Parent is null))
        {
            for (int type = 0; type < root.Levels.Length; type++) { Assert.True(TotalUse(state, root, type) <= Has(root, type), $"{root.Name} uses more than all of it has"); }
        }
    }

    // Each accelerator that somebody borrows is lent by exactly one other, within its limit.
    private static void CheckLoans(CellState state)
    {
        IReadOnlyList<QueueStanding> standings = QueueStanding.All(state);
        Assert.Equal(state.Queues.Nodes.Count, standings.Count);
        foreach (QueueStanding standing in standings)
        {
            foreach (QuotaStanding quota in standing.Quotas)
            {
                Assert.InRange(quota.LentMilli, 0, Math.Min(quota.LendingLimitMilli ?? long.MaxValue, quota.NominalMilli));
                Assert.True(quota.LentMilli == 0 || quota.UsedMilli + quota.LentMilli - quota.BorrowedMilli <= quota.NominalMilli);
            }
        }

        foreach (QueueStanding alone in standings.Where(s => s.Depth == 0)) { Assert.All(alone.Quotas, static quota => Assert.Equal((0, 0), (quota.BorrowedMilli, quota.LentMilli))); }
    }

    // Straight from the jobs.
    private static void CheckSums(CellState state)
    {
        foreach (QueueNode queue in state.Queues.Nodes.Where(static n => n.IsQueue))
        {
            for (int type = 0; type < queue.Levels.Length; type++) { Assert.Equal(TotalUse(state, queue, type), queue.Levels[type].Used); }
        }
    }

    private static long TotalUse(CellState state, QueueNode node, int type) => !node.IsQueue
        ? node.Members.Sum(member => TotalUse(state, member, type))
        : state.Jobs.InOrder().Where(job => job.Phase.HoldsCapacity() && job.Queue == node.Name).Sum(job => job.Tasks
            .Where(task => !task.Ended && state.Fleet.AcceleratorTypes[state.Fleet.AcceleratorTypeOf(task.Placement.Node)].Name == state.Queues.Types[type])
            .Sum(_ => (long)state.Shapes[job.Shape].TotalAcceleratorMilli));

    private static long Has(QueueNode node, int type) => node.Levels[type].Nominal + node.Members.Sum(member => Has(member, type));

    private static long Given(QueueNode node, int type) =>
        node.Levels[type].LendingLimit is { } lent ? Math.Min(lent, node.Levels[type].Subtree) : node.Levels[type].Subtree;

    private static QueueNode Top(QueueNode node) => node.Parent is null ? node : Top(node.Parent);

    private static QueueModel Make(int[] cohorts, int[] queues, bool remembers) => new()
    {
        // Each cohort's parent is one before it, so that there is no cycle.
        Cohorts = [.. cohorts.Select((n, i) => new CohortModel($"c{i}", i > 0 && n % 3 > 0 ? $"c{n / 3 % i}" : "", n % 7 * 500, n % 5 == 0 ? Quotas(n / 5, i > 0 && n % 3 > 0) : []))],
        Queues = [.. queues.Select((n, i) => new JobQueueModel($"q{i}", cohorts.Length > 0 && n % 8 > 0 ? $"c{n / 8 % cohorts.Length}" : "", n % 5 * 500, Quotas(n / 8, cohorts.Length > 0 && n % 8 > 0), []))],
        HalfLife = remembers ? Duration.FromSeconds(60) : null,
    };

    private static List<AcceleratorQuota> Quotas(int n, bool shares)
    {
        var quotas = new List<AcceleratorQuota>();
        for (int type = 0; type < Types; type++, n /= 7)
        {
            if (n % 11 == 0 && type > 0) { continue; }
            long nominal = n % 10 * 1000L;
            quotas.Add(new AcceleratorQuota(type == 0 ? "a100" : "h100", nominal, shares && n % 3 == 0 ? n % 6 * 1000L : null, shares && n % 4 == 0 ? nominal * (n % 5) / 4 : null));
        }

        return quotas;
    }

    private static void Act(TestCell cell, QueueModel model, int choice)
    {
        int action = choice % 10, n = choice / 10;
        IReadOnlyList<Job> jobs = cell.Loop.State.Jobs.InOrder();
        Job? job = jobs.Count == 0 ? null : jobs[n % jobs.Count];
        switch (action)
        {
            case < 5:
                cell.Submit(new JobSpec
                {
                    Name = "job",
                    Tenant = $"t{n % 2}",
                    Queue = model.Queues[n % model.Queues.Count].Name,
                    Priority = (Priority)(n / 2 % 4),
                    GangSize = 1 + (n / 8 % 3),
                    Accelerators = n / 24 % 4,
                    AcceleratorTypes = (n / 96 % 3) switch { 0 => [], 1 => ["a100"], _ => ["h100"] },
                    WhenItDoesNotFit = n % 9 == 0 ? WhenItDoesNotFit.Drop : WhenItDoesNotFit.Wait,
                    Command = ["true"],
                });
                break;
            case < 8 when job is not null && job.Phase.HoldsCapacity(): cell.Exit(job, n % job.Tasks.Count, n % 5 == 0 ? 1 : 0); break;
            case 8 when job is not null && n % 2 == 0: cell.Step(new JobCancelRequested(job.Id)); break;
            case 8 when job is not null && job.Phase.HoldsCapacity(): cell.Step(new TaskLost(job.Id, job.Attempt, n % job.Tasks.Count, "gone")); break;
            default: cell.Pass(n % 100); break;
        }
    }
}
