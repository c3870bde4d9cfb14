using Gigawatt.Fleet;
using Gigawatt.Tests.Support;
using Gigawatt.Twin;
using Gigawatt.Twin.Traces;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Twin;

public sealed class SimulationTests
{
    private static readonly FleetModel OneNode = TestCell.Fleet(TestCell.Group("n", 1, 1, 8000, type: 0, accelerators: 2, execution: NodeExecution.Agent));

    private static TraceJob Job(long at, long? seconds, int accelerators = 1, int gang = 1) =>
        new(TestCell.Spec(accelerators: accelerators, gang: gang), Instant.Epoch + Duration.FromSeconds(at), seconds is { } s ? Duration.FromSeconds(s) : null);

    private static SimulationResult Run(FleetModel fleet, params TraceJob[] jobs) => Gigawatt.Twin.Simulation.Run(new SimulationInput("test", fleet, jobs, "bin-pack", 1));

    [Fact]
    public void Jobs_wait_for_room_and_start_the_moment_that_it_is_there()
    {
        SimulationResult result = Run(OneNode, Job(10, 100, 2), Job(20, 50, 2), Job(30, 10));
        Assert.Equal((3, 3, 3), (result.Jobs, result.Placed, result.Completed));

        // The first runs from 10 to 110, the second from 110 to 160, the third from 160 to 170.
        Assert.Equal(Duration.FromSeconds(160), result.Elapsed);
        Assert.Equal((Duration.FromSeconds(90), Duration.FromSeconds(130)), (result.WaitMedian, result.WaitMax));
        Assert.Equal(new Duration(220_000_000_000 / 3), result.WaitMean);
        Assert.Equal(100.0 * (2 * 150 + 10) / (2 * 160), result.AllocationPercent, 9);
    }

    [Fact]
    public void A_task_that_ends_makes_room_for_a_job_of_the_same_instant() =>
        Assert.Equal(Duration.Zero, Run(OneNode, Job(0, 10, 2), Job(10, 10, 2)).WaitMax);

    [Fact]
    public void A_job_that_is_tried_once_is_dropped_and_one_that_can_never_fit_is_refused()
    {
        TraceJob once = Job(1, 5, 2);
        SimulationResult result = Run(OneNode, Job(0, null, 2), once with { Spec = once.Spec with { WhenItDoesNotFit = WhenItDoesNotFit.Drop } }, Job(2, 5, 3), Job(3, 5));
        Assert.Equal((4, 1, 1, 1, 0), (result.Jobs, result.Placed, result.Dropped, result.Refused, result.Completed));
        Assert.Equal(100, result.AllocationPercent);
    }

    [Fact]
    public void A_job_is_stopped_at_its_time_limit()
    {
        TraceJob job = Job(0, 1000);
        SimulationResult result = Run(OneNode, job with { Spec = job.Spec with { TimeLimit = Duration.FromSeconds(60) } });
        Assert.Equal((1, 0, 0, Duration.FromSeconds(1000)), (result.Placed, result.Completed, result.Refused, result.Elapsed));
        Assert.Equal(50.0 * 60 / 1000, result.AllocationPercent, 9);
    }

    [Fact]
    public void A_gang_runs_whole()
    {
        SimulationResult result = Run(TestCell.Fleet(TestCell.Group("n", 1, 3, 8000, type: 0, accelerators: 2)), Job(0, 10, 2, gang: 3), Job(1, 10, 1));
        Assert.Equal((2, Duration.FromSeconds(9)), (result.Completed, result.WaitMax));
    }

    [Theory]
    [InlineData("bin-pack")]
    [InlineData("fgd")]
    [InlineData("gpu-clustering")]
    public void Equal_inputs_give_equal_commands_and_the_seed_matters_to_policies_that_score(string policy)
    {
        FleetModel fleet = TestCell.Fleet(TestCell.Group("n", 2, 10, 64_000, type: 0, accelerators: 8));
        TraceJob[] jobs = [.. Enumerable.Range(0, 400).Select(i => Job(i * 7 % 200, 40 + i * 13 % 90, i % 5))];
        string Hash(long seed) => Gigawatt.Twin.Simulation.Run(new SimulationInput("test", fleet, jobs, policy, seed)).Hash;
        Assert.Equal(Hash(1), Hash(1));
        Assert.Equal(policy == "bin-pack", Hash(1) == Hash(2));
    }

    [Fact]
    public void Nothing_to_do_is_done_at_once()
    {
        SimulationResult result = Run(OneNode);
        Assert.Equal((0, 0, 0.0, Duration.Zero), (result.Jobs, result.Placed, result.AllocationPercent, result.WaitP99));
    }

    [Fact]
    public void Progress_tells_how_many_jobs_were_submitted()
    {
        var told = new List<int>();
        Gigawatt.Twin.Simulation.Run(new SimulationInput("test", OneNode, [.. Enumerable.Range(0, 300).Select(i => Job(i, 0))], "bin-pack", 1), told.Add);
        Assert.Equal([128, 256], told);
    }

    [Fact]
    public void The_philly_trace_runs_to_its_end()
    {
        IReadOnlyList<TraceJob> jobs = PhillyTrace.Read(Path.Combine(PublicData.Folder("sched"), "philly", "philly_sia_subset.csv.gz"));
        Assert.Equal(82_247, jobs.Count);
        FleetModel fleet = TestCell.Fleet(TestCell.Group("n", 20, 5, 64_000, type: 0, accelerators: 8));
        SimulationResult result = Gigawatt.Twin.Simulation.Run(new SimulationInput("philly", fleet, jobs, "bin-pack", 1));
        Assert.Equal(82_247, result.Completed);
        Assert.True(result.AllocationPercent is > 10 and < 100);
    }
}
