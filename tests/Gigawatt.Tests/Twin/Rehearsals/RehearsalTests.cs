using Gigawatt.Execution;
using Gigawatt.Journal;
using Gigawatt.Placement.BinPack;
using Gigawatt.Tests.Support;
using Gigawatt.Twin.Rehearsals;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Twin.Rehearsals;

/// <summary>Goal: a rehearsal says what then comes to pass, and touches nothing. Method: small cells, forecast and then run.</summary>
public sealed class RehearsalTests
{
    private const long Hour = 3600;

    private static TestCell Cell() => new(TestCell.Fleet(TestCell.Group("n", racks: 2, type: 0, accelerators: 8)));

    private static JobSpec Ask(int accelerators, long hours, string name = "job") =>
        TestCell.Spec(accelerators: accelerators) with { Name = name, TimeLimit = Duration.FromSeconds(hours * Hour) };

    private static Job Run(TestCell cell, JobSpec spec)
    {
        Job job = cell.Submit(spec);
        cell.StartAll(job);
        return job;
    }

    private static WhatIf? Ask(TestCell cell, out IReadOnlyList<string> problems, params Change[] changes) => WhatIf.Of(
        Snapshot.Save(cell.Loop), static () => new BinPackPolicy(), cell.Now, changes, Duration.FromSeconds(100 * Hour), out problems, TestContext.Current.CancellationToken);

    private static StartForecast Forecast(TestCell cell, Job job) => StartForecast.Of(
        Snapshot.Save(cell.Loop), new BinPackPolicy(), cell.Now, job.Id, TestContext.Current.CancellationToken);

    [Fact]
    public void A_waiting_job_is_forecast_to_start_when_the_job_on_its_node_reaches_its_limit()
    {
        TestCell cell = Cell();
        Job first = Run(cell, Ask(8, 3)), second = Run(cell, Ask(8, 2));
        Instant began = cell.Now;
        Job waits = cell.Submit(Ask(8, 1));
        cell.Now += Duration.FromSeconds(Hour / 2);
        StartForecast forecast = Forecast(cell, waits);
        Assert.Equal(began + Duration.FromSeconds(2 * Hour), forecast.Start);
        Assert.Equal(second.Id, Assert.Single(forecast.After).JobId);
        Assert.Equal(JobPhase.Queued, waits.Phase);

        // And so it comes to pass.
        cell.Now = forecast.Start!.Value;
        cell.Exit(second);
        Assert.Equal((JobPhase.Starting, JobPhase.Running), (waits.Phase, first.Phase));
    }

    [Fact]
    public void A_job_behind_one_without_a_limit_has_no_start_and_the_endless_job_is_counted()
    {
        TestCell cell = Cell();
        Run(cell, Ask(8, 1) with { TimeLimit = null });
        Run(cell, Ask(8, 1) with { TimeLimit = null });
        StartForecast forecast = Forecast(cell, cell.Submit(Ask(8, 1)));
        Assert.Equal(((Instant?)null, 2), (forecast.Start, forecast.EndlessJobs));
    }

    [Fact]
    public void More_nodes_start_a_waiting_job_now_and_the_cell_itself_stays_as_it_is()
    {
        TestCell cell = Cell();
        Run(cell, Ask(8, 3));
        Run(cell, Ask(8, 3));
        Job waits = cell.Submit(Ask(8, 1));
        byte[] before = Snapshot.Save(cell.Loop);
        WhatIf answer = Ask(cell, out _, new AddNodes("n", 1))!;
        JobDifference difference = Assert.Single(answer.Differences);
        Assert.Equal((waits.Id, (Instant?)(cell.Now + Duration.FromSeconds(3 * Hour)), (Instant?)cell.Now), (difference.JobId, difference.Start, difference.StartThen));
        Assert.Equal((1, 1), (answer.AsItIs.Started, answer.Changed.Started));
        Assert.Equal(2 * 8 * 3 + 8, answer.Changed.AcceleratorHours, 6);
        Assert.Equal(before, Snapshot.Save(cell.Loop));
    }

    [Fact]
    public void Draining_a_group_stops_its_jobs_and_queues_them_again()
    {
        TestCell cell = new(TestCell.Fleet(TestCell.Group("a", type: 0, accelerators: 8), TestCell.Group("b", type: 0, accelerators: 8)));
        Job moved = Run(cell, Ask(8, 2)), stays = Run(cell, Ask(8, 3));
        WhatIf answer = Ask(cell, out _, new Drain("a"))!;
        JobDifference difference = Assert.Single(answer.Differences);
        Assert.Equal((moved.Id, true, (Instant?)(cell.Now + Duration.FromSeconds(3 * Hour))), (difference.JobId, difference.Stopped, difference.StartThen));
        Assert.Equal(JobPhase.Running, stays.Phase);
    }

    [Fact]
    public void A_submitted_job_is_told_its_start_and_a_quota_its_effect()
    {
        TestCell cell = Cell();
        cell.Step(new QuotaSet("team", 8000));
        Run(cell, Ask(8, 3));
        Job waits = cell.Submit(Ask(8, 1));
        WhatIf answer = Ask(cell, out _, new TenantQuota("team", 16_000), new Submit(Ask(4, 1, "new")))!;
        Assert.Equal([(waits.Id, (Instant?)cell.Now, false), (waits.Id + 1, (Instant?)(cell.Now + Duration.FromSeconds(Hour)), true)],
            answer.Differences.Select(d => (d.JobId, d.StartThen, d.IsNew)));
    }

    [Fact]
    public void All_mistakes_are_told_at_once_each_with_what_there_is()
    {
        Assert.Null(Ask(Cell(), out IReadOnlyList<string> problems, new AddNodes("x", 1), new Drain("y"), new QueueQuota("q", "h100", 1), new Submit(Ask(64, 1))));
        Assert.Equal(4, problems.Count);
        Assert.Equal("The fleet has no group 'x'; it has n.", problems[0]);
        Assert.StartsWith("The fleet has no site or group 'y'; it has ", problems[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Each_remedy_that_is_named_makes_the_job_start_when_it_is_carried_out()
    {
        TestCell cell = Cell();
        Job spot = Run(cell, Ask(8, 3, "cheap") with { Priority = Priority.Spot });
        Run(cell, Ask(4, 3));
        Job waits = cell.Submit(TestCell.Spec(accelerators: 4, gang: 3));
        IReadOnlyList<Remedy> remedies = Remedies.Of(Snapshot.Save(cell.Loop), static () => new BinPackPolicy(), cell.Now, waits.Id);
        Assert.Equal(["1 more node like those of n", $"stopping job {spot.Id} (cheap, spot)", "a gang of 1 instead of 3"], remedies.Select(r => r.Sentence));
        cell.Step(new JobCancelRequested(spot.Id));
        cell.Exit(spot, exitCode: 143);
        Assert.Equal(JobPhase.Starting, waits.Phase);
    }

    [Fact]
    public void What_would_not_help_is_not_named()
    {
        TestCell cell = Cell();
        cell.Step(new QuotaSet("team", 12_000));
        Run(cell, Ask(8, 3));
        Job waits = cell.Submit(Ask(8, 1));
        Assert.Equal(["a quota of 16 accelerators for tenant team, which is 12 now"],
            Remedies.Of(Snapshot.Save(cell.Loop), static () => new BinPackPolicy(), cell.Now, waits.Id).Select(r => r.Sentence));
    }
}
