using Gigawatt.Admission;
using Gigawatt.Admission.Queues;
using Gigawatt.Execution;
using Gigawatt.Placement;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Admission.Queues;

/// <summary>Goal: a job gets into the queue it should, waits for a reason that names what binds, and shares are fair. Method: small cells.</summary>
public sealed class JobQueueTests
{
    [Fact]
    public void A_job_that_names_no_queue_goes_to_its_tenants_own_else_to_the_one_called_default()
    {
        TestCell cell = Begin(Shared(4, 4, queues: ["a", "default"]) with { DefaultQueues = [new("team", "a")] });
        Assert.Equal("a", cell.Submit(Ask("")).Queue);
        Assert.Equal("default", cell.Submit(Ask("") with { Tenant = "others" }).Queue);
        Assert.Equal("default", cell.Submit(Ask("default")).Queue);
    }

    [Fact]
    public void A_queue_that_is_not_there_or_not_for_the_tenant_refuses_and_says_which_are()
    {
        TestCell cell = Begin(new QueueModel { Queues = [new("a", "", 1000, [new("h100", 4000)], ["team"]), new("b", "", 1000, [new("h100", 4000)], ["others"])] });
        Assert.Equal(("There is no queue 'c' for jobs of tenant 'team'. It may use a.", RefusalKind.UnknownQueue), Refused(cell, Ask("c")));
        Assert.Equal(("Queue 'b' takes no jobs of tenant 'team'. It may use a.", RefusalKind.UnknownQueue), Refused(cell, Ask("b")));
        Assert.Equal(("Tenant 'team' has no queue of its own and the job names none. It may use a.", RefusalKind.UnknownQueue), Refused(cell, Ask("")));
        Assert.Equal(("There is no queue 'a': none are configured. Leave the queue out.", RefusalKind.UnknownQueue), Refused(Begin(QueueModel.None), Ask("a")));
    }

    [Fact]
    public void A_job_that_no_loan_could_ever_make_fit_is_refused_and_one_that_a_loan_could_waits()
    {
        TestCell cell = Begin(Shared(4, 4));
        Assert.Equal(("The job holds 9 accelerators at once; queue 'a' may never hold more than 8 h100, borrowed ones included.", RefusalKind.OverQuota), Refused(cell, Ask("a", gang: 9)));
        Assert.Null(cell.Loop.Check(Ask("a", gang: 8)));
    }

    [Fact]
    public void A_waiting_job_names_the_queue_the_cohort_and_the_limit_that_binds()
    {
        TestCell cell = Begin(Shared(4, 4, borrowing: 2));
        cell.Submit(Ask("a", gang: 6));
        Assert.Equal("the job needs 1 and queue a can use 0 more h100: queue a holds 6 of its nominal 4 and its borrowing limit of 2", Why(cell, cell.Submit(Ask("a"))));
        cell.Submit(Ask("b", gang: 2));
        Assert.Equal("the job needs 1 and queue b can use 0 more h100: cohort all uses 8 of its nominal 8", Why(cell, cell.Submit(Ask("b"))));
    }

    [Fact]
    public void Standings_say_who_borrows_and_who_lends()
    {
        TestCell cell = Begin(Shared(4, 4, cohort: 4));
        cell.Submit(Ask("c", gang: 6));
        cell.Submit(Ask("a", gang: 7));
        IReadOnlyList<QueueStanding> standings = QueueStanding.All(cell.Loop.State);
        Assert.Equal(["all 0", "a 1", "b 1", "c 1"], standings.Select(s => $"{s.Name} {s.Depth}"));
        Assert.Equal([(12_000, 6000, 0, 0), (4000, 0, 0, 2000), (4000, 0, 0, 2000), (0, 6000, 6000, 0)],
            standings.Select(s => s.Quotas[0]).Select(q => (q.NominalMilli, q.UsedMilli, q.BorrowedMilli, q.LentMilli)));
        Assert.Equal((1, 1), (standings[0].Waiting, standings[0].Active));
        Assert.Equal(0.5, standings[3].Share);
    }

    [Fact]
    public void What_was_lent_is_its_owners_again_as_soon_as_it_ends()
    {
        TestCell cell = Begin(Shared(4, 4));
        Job borrower = cell.Submit(Ask("a", gang: 8));
        Job[] more = [cell.Submit(Ask("a")), cell.Submit(Ask("a"))];
        Job owner = cell.Submit(Ask("b", gang: 4));
        Assert.Equal((JobPhase.Starting, JobPhase.Queued), (borrower.Phase, owner.Phase));
        for (int rank = 0; rank < 8; rank++) { cell.Exit(borrower, rank); }
        Assert.Equal(JobPhase.Starting, owner.Phase);
        Assert.All(more, job => Assert.Equal(JobPhase.Starting, job.Phase));
    }

    [Fact]
    public void Who_stays_within_its_own_goes_before_who_would_borrow_whoever_came_first()
    {
        TestCell cell = Begin(Shared(0, 4));
        Job all = cell.Submit(Ask("b", gang: 4));
        Job borrower = cell.Submit(Ask("a", gang: 4));
        Job owner = cell.Submit(Ask("b", gang: 4));
        for (int rank = 0; rank < 4; rank++) { cell.Exit(all, rank); }
        Assert.Equal((JobPhase.Queued, JobPhase.Starting), (borrower.Phase, owner.Phase));
    }

    [Fact]
    public void A_more_urgent_job_goes_before_any_share()
    {
        TestCell cell = Begin(Shared(0, 4));
        Job all = cell.Submit(Ask("b", gang: 4));
        Job owner = cell.Submit(Ask("b", gang: 4));
        Job urgent = cell.Submit(Ask("a", gang: 4) with { Priority = Priority.Production });
        for (int rank = 0; rank < 4; rank++) { cell.Exit(all, rank); }
        Assert.Equal((JobPhase.Starting, JobPhase.Queued), (urgent.Phase, owner.Phase));
    }

    [Fact]
    public void Who_borrowed_of_late_waits_behind_who_did_not_until_it_is_forgotten()
    {
        Assert.Equal("b", FirstAfter(seconds: 0, halfLife: Duration.FromSeconds(60)));
        // However little is left of it: the number decides only between equals.
        Assert.Equal("b", FirstAfter(seconds: 600, halfLife: Duration.FromSeconds(60)));
        Assert.Equal("a", FirstAfter(seconds: 100_000, halfLife: Duration.FromSeconds(60)));
        Assert.Equal("a", FirstAfter(seconds: 0, halfLife: null));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(60, 0.5)]
    [InlineData(120, 0.25)]
    [InlineData(30, 0.7071067811865476)]
    [InlineData(1_000_000, 0)]
    public void Half_is_forgotten_with_each_half_life(long seconds, double left) =>
        Assert.Equal(left, HalfLife.Decay(Duration.FromSeconds(seconds), Duration.FromSeconds(60)), 1e-9);

    [Fact]
    public void A_job_goes_to_the_first_type_of_its_queue_that_has_quota_and_room_and_a_gang_to_one_type()
    {
        var cell = new TestCell(TestCell.Fleet(
            TestCell.Group("a", cpuMilli: 64_000, type: 0, accelerators: 4), TestCell.Group("h", cpuMilli: 64_000, type: 1, accelerators: 4)));
        cell.Step(new QueuesSet(new QueueModel { Queues = [new("q", "", 1000, [new("h100", 3000), new("a100", 4000)], [])] }));
        Assert.Equal([1, 1, 1], Types(cell, cell.Submit(Ask("q", gang: 3) with { AcceleratorTypes = [] })));
        Assert.Equal([0, 0], Types(cell, cell.Submit(Ask("q", gang: 2) with { AcceleratorTypes = [] })));
        Assert.Equal(RefusalKind.OverQuota, cell.Loop.Check(Ask("q", gang: 7) with { AcceleratorTypes = [] })!.Kind);
    }

    [Fact]
    public void A_queue_that_is_taken_away_holds_its_jobs_back_until_it_is_there_again()
    {
        TestCell cell = Begin(Shared(2, 2));
        cell.Submit(Ask("a", gang: 4));
        Job waiting = cell.Submit(Ask("a"));
        cell.Step(new QueuesSet(Shared(2, 2, queues: ["b", "c"])));
        Assert.Equal(WaitReason.QueueGone, PlacementExplanation.WhyWaiting(cell.Loop.State, waiting)!.Reason);
        cell.Step(new QueuesSet(Shared(4, 4)));
        Assert.Equal(JobPhase.Starting, waiting.Phase);
        Assert.Equal(5000, cell.Loop.State.Queues.Find("a")!.Levels[0].Used);
    }

    [Fact]
    public void A_lowered_quota_stops_nothing_and_admits_nothing_until_enough_has_ended()
    {
        TestCell cell = Begin(new QueueModel { Queues = [new("a", "", 1000, [new("h100", 8000)], [])] });
        Job running = cell.Submit(Ask("a", gang: 8));
        cell.Step(new QueuesSet(new QueueModel { Queues = [new("a", "", 1000, [new("h100", 2000)], [])] }));
        Job next = cell.Submit(Ask("a"));
        for (int rank = 0; rank < 6; rank++)
        {
            Assert.Equal((JobPhase.Starting, JobPhase.Queued), (running.Phase, next.Phase));
            cell.Exit(running, rank);
        }

        Assert.Equal(JobPhase.Queued, next.Phase);
        cell.Exit(running, 6);
        Assert.Equal(JobPhase.Starting, next.Phase);
    }

    [Fact]
    public void Work_without_accelerators_is_bound_by_no_quota()
    {
        TestCell cell = Begin(Shared(0, 0));
        Assert.Equal(JobPhase.Starting, cell.Submit(TestCell.Spec() with { Queue = "a" }).Phase);
    }

    [Fact]
    public void Admitting_and_ending_jobs_of_queues_allocates_nothing_in_the_tree()
    {
        TestCell cell = Begin(Shared(4, 4) with { HalfLife = Duration.FromSeconds(60) });
        CellState state = cell.Loop.State;
        cell.Submit(Ask("a", gang: 8));
        for (int i = 0; i < 4; i++) { cell.Submit(Ask(i % 2 == 0 ? "a" : "b")); }
        QueueNode queue = state.Queues.Find("a")!;
        long before = 0;
        for (int i = 0; i < 1000; i++)
        {
            if (i == 100) { before = GC.GetAllocatedBytesForCurrentThread(); }
            state.Queues.Hold(queue, 1, -1000, cell.Now + Duration.FromSeconds(i));
            state.Queue.Wake();
            Assert.NotNull(state.Queue.Next(state, out _));
            state.Queues.Hold(queue, 1, 1000, cell.Now + Duration.FromSeconds(i));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Queue a borrows everything for an hour; then both wait, a longer than b, and one of them gets what becomes free.
    private static string FirstAfter(long seconds, Duration? halfLife)
    {
        TestCell cell = Begin(Shared(0, 0, cohort: 8) with { HalfLife = halfLife });
        Job past = cell.Submit(Ask("a", gang: 8));
        cell.Pass(3600);
        for (int rank = 0; rank < 8; rank++) { cell.Exit(past, rank); }
        cell.Pass(seconds);
        Job blocker = cell.Submit(Ask("c", gang: 8));
        Job a = cell.Submit(Ask("a", gang: 8)), b = cell.Submit(Ask("b", gang: 8));
        for (int rank = 0; rank < 8; rank++) { cell.Exit(blocker, rank); }
        Assert.NotEqual(a.Phase, b.Phase);
        return a.Phase == JobPhase.Starting ? "a" : "b";
    }

    private static List<int> Types(TestCell cell, Job job) => [.. job.Tasks.Select(task => cell.Loop.State.Fleet.AcceleratorTypeOf(task.Placement.Node))];

    private static string Why(TestCell cell, Job job)
    {
        WaitExplanation why = PlacementExplanation.WhyWaiting(cell.Loop.State, job)!;
        Assert.Equal(WaitReason.InsufficientQuota, why.Reason);
        return why.Sentence;
    }

    private static (string, RefusalKind) Refused(TestCell cell, JobSpec spec)
    {
        Refusal refusal = cell.Loop.Check(spec)!;
        return (refusal.Message, refusal.Kind);
    }

    private static TestCell Begin(QueueModel model)
    {
        var cell = new TestCell(TestCell.Fleet(TestCell.Group("node", racks: 2, nodesPerRack: 2, cpuMilli: 64_000, type: 1, accelerators: 8)));
        cell.Step(new QueuesSet(model));
        return cell;
    }

    private static QueueModel Shared(int a, int b, int? borrowing = null, int cohort = 0, string[]? queues = null)
    {
        queues ??= ["a", "b", "c"];
        return new QueueModel
        {
            Cohorts = [new("all", "", 1000, cohort > 0 ? [new("h100", cohort * 1000L)] : [])],
            Queues = [.. queues.Select((name, i) => new JobQueueModel(name, "all", 1000, [new("h100", i switch { 0 => a, 1 => b, _ => 0 } * 1000L, borrowing * 1000L)], []))],
        };
    }

    private static JobSpec Ask(string queue, int gang = 1) => TestCell.Spec(accelerators: 1, gang: gang) with { Queue = queue };
}
