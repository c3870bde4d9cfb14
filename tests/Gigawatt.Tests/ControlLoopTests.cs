using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests;

public sealed class ControlLoopTests
{
    private static TestCell OneNode(int cpuMilli = 8000, int accelerators = 0) =>
        new(TestCell.Fleet(TestCell.Group("n", cpuMilli: cpuMilli, type: accelerators > 0 ? 0 : -1, accelerators: accelerators)));

    [Fact]
    public void A_job_that_fits_starts_in_the_step_of_its_submission()
    {
        TestCell cell = OneNode();
        Job job = cell.Submit();
        Assert.Equal(JobPhase.Starting, job.Phase);
        Command start = Assert.Single(cell.Last);
        Assert.Equal((CommandKind.StartTask, job.Id, 1, 0, 0), (start.Kind, start.JobId, start.Attempt, start.Rank, start.Node));
    }

    [Fact]
    public void A_job_that_exits_with_0_succeeds_is_metered_once_and_frees_its_place()
    {
        TestCell cell = OneNode();
        Job job = cell.Submit();
        cell.StartAll(job);
        Assert.Equal(JobPhase.Running, job.Phase);
        cell.Now += Duration.FromSeconds(3600);
        cell.Exit(job);
        Assert.Equal((JobPhase.Succeeded, 0), (job.Phase, job.ExitCode));
        Assert.Equal([CommandKind.RecordUsage, CommandKind.JobEnded], cell.Last.Select(c => c.Kind));
        Assert.Equal(8000, cell.Loop.State.Fleet.CpuFreeMilli(0));
    }

    [Fact]
    public void Usage_follows_the_stated_formulas()
    {
        TestCell cell = OneNode(accelerators: 8);
        Job job = cell.Submit(TestCell.Spec(cpuMilli: 2000, accelerators: 2));
        cell.StartAll(job);
        cell.Now += Duration.FromSeconds(3600);
        cell.Exit(job);
        Gigawatt.Metering.UsageRecord usage = cell.Last[0].Usage!.Record;
        // Two cores at 5 W and two A100 at 0.8 x 400 W for an hour: 650 Wh of IT energy, 780 Wh at the meter (PUE 1.2).
        Assert.Equal(780 * 3600, usage.Energy.InJoules, 3);
        Assert.Equal(0.780 * 400, usage.Carbon.Grams, 3);
        Assert.Equal(0.650 * 0.3 + 0.780 * 1.0, usage.Water.InLitres, 6);
        Assert.Equal(2 * 0.05 + 2 * 2.0, usage.Cost.Dollars, 6);
        Assert.Equal(Gigawatt.Metering.EnergyMethod.Modelled, usage.EnergyMethod);
        Assert.Equal((7_200_000, 7_200_000), (usage.AcceleratorMilliseconds, usage.CoreMilliseconds));
    }

    [Fact]
    public void Measured_energy_takes_the_place_of_the_model_and_says_so()
    {
        TestCell cell = OneNode();
        Job job = cell.Submit();
        cell.StartAll(job);
        cell.Now += Duration.FromSeconds(10);
        cell.Step(new TaskExited(job.Id, 1, 0, 0, new TaskReading(9_000, Joules.FromJoules(100), null)));
        Assert.Equal((120.0, Gigawatt.Metering.EnergyMethod.Rapl), (cell.Last[0].Usage!.Record.Energy.InJoules, cell.Last[0].Usage!.Record.EnergyMethod));
    }

    [Fact]
    public void A_failing_task_of_a_gang_stops_the_others_and_gives_the_job_its_exit_code()
    {
        TestCell cell = OneNode();
        Job job = cell.Submit(TestCell.Spec(gang: 3));
        cell.StartAll(job);
        cell.Exit(job, rank: 1, exitCode: 7);
        Assert.Equal(JobPhase.Stopping, job.Phase);
        Assert.Equal([0, 2], cell.Last.Where(c => c.Kind == CommandKind.StopTask).Select(c => c.Rank));
        cell.Exit(job, rank: 0, exitCode: 143);
        cell.Exit(job, rank: 2, exitCode: 143);
        Assert.Equal((JobPhase.Failed, 7), (job.Phase, job.ExitCode));
        Assert.Equal("task 1 ended with exit code 7", job.Note);
    }

    [Fact]
    public void A_gang_starts_whole_or_not_at_all()
    {
        TestCell cell = OneNode(cpuMilli: 3000);
        cell.Submit();
        Job first = cell.Submit(TestCell.Spec(gang: 2));
        Job second = cell.Submit(TestCell.Spec(gang: 2));
        Assert.Equal((JobPhase.Starting, JobPhase.Queued), (first.Phase, second.Phase));
        Assert.Empty(cell.Last);
        Assert.Equal(0, cell.Loop.State.Fleet.CpuFreeMilli(0));
        cell.StartAll(first);
        cell.Exit(first, 0);
        Assert.Equal(0, cell.Count(CommandKind.StartTask));
        cell.Exit(first, 1);
        Assert.Equal(2, cell.Count(CommandKind.StartTask));
    }

    [Fact]
    public void A_cancelled_job_is_stopped_with_its_grace_and_ends_cancelled()
    {
        TestCell cell = OneNode();
        Job job = cell.Submit(TestCell.Spec() with { StopGrace = Duration.FromSeconds(3) });
        cell.StartAll(job);
        cell.Step(new JobCancelRequested(job.Id));
        Command stop = Assert.Single(cell.Last);
        Assert.Equal((CommandKind.StopTask, (ulong)Duration.FromSeconds(3).Nanoseconds), (stop.Kind, stop.Argument));
        cell.Exit(job, exitCode: 143);
        Assert.Equal(JobPhase.Cancelled, job.Phase);
    }

    [Fact]
    public void A_queued_job_that_is_cancelled_never_starts()
    {
        TestCell cell = OneNode(cpuMilli: 1000);
        Job first = cell.Submit();
        Job second = cell.Submit();
        cell.Step(new JobCancelRequested(second.Id));
        Assert.Equal(JobPhase.Cancelled, second.Phase);
        cell.StartAll(first);
        cell.Exit(first);
        Assert.Equal(0, cell.Count(CommandKind.StartTask));
    }

    [Fact]
    public void A_job_is_stopped_at_its_time_limit_counted_from_when_it_runs()
    {
        TestCell cell = OneNode();
        Job job = cell.Submit(TestCell.Spec() with { TimeLimit = Duration.FromSeconds(60) });
        cell.Pass(100);
        Assert.Equal(JobPhase.Starting, job.Phase);
        cell.StartAll(job);
        cell.Pass(59);
        Assert.Equal(JobPhase.Running, job.Phase);
        cell.Pass(1);
        Assert.Equal(JobPhase.Stopping, job.Phase);
        cell.Exit(job, exitCode: 143);
        Assert.Equal(JobPhase.TimedOut, job.Phase);
    }

    [Fact]
    public void A_lost_node_has_its_jobs_started_elsewhere_after_a_back_off_and_gives_up_at_the_limit()
    {
        TestCell cell = new(TestCell.Fleet());
        NodeGroup node = TestCell.Group("worker", execution: NodeExecution.Agent);
        cell.Step(new NodeJoined(node, null));
        Job job = cell.Submit(TestCell.Spec() with { MaxRequeues = 1 });
        cell.StartAll(job);

        cell.Step(new NodeLost("worker"));
        Assert.Equal((JobPhase.Queued, 1), (job.Phase, job.Requeues));
        cell.Step(new NodeJoined(node, null));
        Assert.Equal(JobPhase.Queued, job.Phase);
        Assert.Equal(WaitReason.RetryBackoff, PlacementExplanation.WhyWaiting(cell.Loop.State, job)!.Reason);
        cell.Now = cell.Loop.NextDeadline;
        cell.Step(new TimePassed());
        Assert.Equal((JobPhase.Starting, 2), (job.Phase, job.Attempt));

        cell.Step(new TaskLost(job.Id, 2, 0, "the machine rebooted"));
        Assert.Equal(JobPhase.Failed, job.Phase);
        Assert.Equal("the machine rebooted; the requeue limit of 1 is reached", job.Note);
    }

    [Fact]
    public void A_gang_waits_for_its_last_task_before_it_is_tried_again()
    {
        TestCell cell = OneNode();
        Job job = cell.Submit(TestCell.Spec(gang: 2));
        cell.StartAll(job);
        cell.Step(new TaskLost(job.Id, 1, 0, "lost"));
        Assert.Equal(JobPhase.Stopping, job.Phase);
        Assert.Equal(1, cell.Count(CommandKind.StopTask));
        cell.Exit(job, rank: 1, exitCode: 143);
        Assert.Equal(JobPhase.Queued, job.Phase);
    }

    [Fact]
    public void A_cancel_outweighs_a_requeue()
    {
        TestCell cell = OneNode();
        Job job = cell.Submit(TestCell.Spec(gang: 2));
        cell.StartAll(job);
        cell.Step(new TaskLost(job.Id, 1, 0, "lost"));
        cell.Step(new JobCancelRequested(job.Id));
        cell.Exit(job, rank: 1, exitCode: 143);
        Assert.Equal(JobPhase.Cancelled, job.Phase);
    }

    [Fact]
    public void Reports_of_an_earlier_attempt_are_void()
    {
        TestCell cell = OneNode();
        Job job = cell.Submit();
        cell.StartAll(job);
        cell.Step(new TaskLost(job.Id, 1, 0, "lost"));
        cell.Now = cell.Loop.NextDeadline;
        cell.Step(new TimePassed());
        Assert.Equal(2, job.Attempt);
        cell.Step(new TaskExited(job.Id, 1, 0, 0, default));
        Assert.Equal(JobPhase.Starting, job.Phase);
        Assert.Empty(cell.Last);
    }

    [Fact]
    public void More_urgent_tiers_go_first_and_equals_go_in_the_order_of_submission()
    {
        TestCell cell = OneNode(cpuMilli: 1000);
        Job running = cell.Submit();
        Job spot = cell.Submit(TestCell.Spec() with { Priority = Priority.Spot });
        Job standard = cell.Submit();
        Job production = cell.Submit(TestCell.Spec() with { Priority = Priority.Production });
        var order = new List<long>();
        for (Job? next = running; next is not null;)
        {
            cell.StartAll(next);
            cell.Exit(next);
            next = cell.Last.Where(c => c.Kind == CommandKind.StartTask).Select(c => cell[c.JobId]).FirstOrDefault();
            if (next is not null) { order.Add(next.Id); }
        }

        Assert.Equal([production.Id, standard.Id, spot.Id], order);
    }

    [Theory]
    [InlineData(9000, 0, "fits on no node")]
    [InlineData(1000, 9, "fits on no node")]
    public void A_job_that_can_never_fit_is_refused_with_why(int cpuMilli, int accelerators, string why)
    {
        TestCell cell = OneNode(accelerators: 8);
        Gigawatt.Admission.Refusal refusal = cell.Loop.Check(TestCell.Spec(cpuMilli, accelerators))!;
        Assert.Equal(Gigawatt.Admission.RefusalKind.NeverFits, refusal.Kind);
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.Null(cell.Loop.Check(TestCell.Spec(8000, 8)));
    }

    [Fact]
    public void A_gang_larger_than_the_fleet_is_refused()
    {
        TestCell cell = OneNode();
        Assert.Equal(Gigawatt.Admission.RefusalKind.NeverFits, cell.Loop.Check(TestCell.Spec(gang: 9))!.Kind);
        Assert.Null(cell.Loop.Check(TestCell.Spec(gang: 8)));
    }

    [Fact]
    public void A_tenant_at_its_quota_waits_and_others_do_not()
    {
        TestCell cell = OneNode(accelerators: 8);
        cell.Step(new QuotaSet("team", 4000));
        Job first = cell.Submit(TestCell.Spec(accelerators: 4));
        Job second = cell.Submit(TestCell.Spec(accelerators: 1));
        Job other = cell.Submit(TestCell.Spec(accelerators: 1) with { Tenant = "others" });
        Assert.Equal((JobPhase.Starting, JobPhase.Queued, JobPhase.Starting), (first.Phase, second.Phase, other.Phase));
        Assert.Equal(WaitReason.QuotaExhausted, PlacementExplanation.WhyWaiting(cell.Loop.State, second)!.Reason);
        cell.StartAll(first);
        cell.Exit(first);
        Assert.Equal(JobPhase.Starting, second.Phase);
    }

    [Fact]
    public void A_job_that_is_tried_once_is_dropped_when_it_does_not_fit()
    {
        TestCell cell = OneNode(cpuMilli: 1000);
        cell.Submit();
        Job dropped = cell.Submit(TestCell.Spec() with { WhenItDoesNotFit = WhenItDoesNotFit.Drop });
        Assert.Equal(JobPhase.Dropped, dropped.Phase);
        Assert.Equal(CommandKind.JobEnded, Assert.Single(cell.Last).Kind);
    }

    [Fact]
    public void Ranks_get_distinct_ports()
    {
        TestCell cell = OneNode();
        Job job = cell.Submit(TestCell.Spec(gang: 4));
        Assert.Equal(4, job.Tasks.Select(t => t.Port).Distinct().Count());
    }

    [Theory]
    [InlineData(1000, 8, 0, WaitReason.InsufficientAccelerators)]
    [InlineData(8000, 0, 0, WaitReason.InsufficientCpu)]
    [InlineData(0, 1, 65_536, WaitReason.InsufficientMemory)]
    public void A_waiting_job_has_its_reason_from_the_closed_list(int cpuMilli, int accelerators, int memoryMib, WaitReason reason)
    {
        TestCell cell = OneNode(accelerators: 8);
        cell.Submit(TestCell.Spec(cpuMilli: 1000, accelerators: 1) with { MemoryMib = 1 });
        Job waiting = cell.Submit(TestCell.Spec(cpuMilli, accelerators) with { MemoryMib = memoryMib });
        Assert.Equal(reason, PlacementExplanation.WhyWaiting(cell.Loop.State, waiting)!.Reason);
    }
}
