using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Fleet;

public sealed class QuarantineTests
{
    private static readonly NodeGroup Node = TestCell.Group("worker", execution: NodeExecution.Agent);

    private static TestCell Flapped(int losses, long secondsBetween = 60)
    {
        var cell = new TestCell(TestCell.Fleet());
        cell.Step(new NodeJoined(Node, null));
        for (int i = 0; i < losses; i++) { Flap(cell, secondsBetween); }
        return cell;
    }

    private static void Flap(TestCell cell, long secondsBetween = 60)
    {
        cell.Now += Duration.FromSeconds(secondsBetween);
        cell.Step(new NodeLost("worker"));
        cell.Step(new NodeJoined(Node, null));
    }

    private static NodeStatus Status(TestCell cell) => cell.Loop.State.Fleet.StatusOf(cell.Loop.State.Fleet.FindSingleNode("worker"));

    [Fact]
    public void A_node_lost_three_times_within_an_hour_gets_no_work_for_ten_minutes_and_then_does()
    {
        TestCell cell = Flapped(2);
        Assert.Equal(NodeStatus.Up, Status(cell));
        Flap(cell);
        Assert.Equal(NodeStatus.Quarantined, Status(cell));

        Job job = cell.Submit();
        Assert.Equal((JobPhase.Queued, WaitReason.NodesDown), (job.Phase, PlacementExplanation.WhyWaiting(cell.Loop.State, job)!.Reason));
        Assert.Contains("gw node release worker", cell.Loop.State.Quarantine.Explain("worker", cell.Now), StringComparison.Ordinal);
        cell.Pass(599);
        Assert.Equal(JobPhase.Queued, job.Phase);
        cell.Pass(1);
        Assert.Equal((NodeStatus.Up, JobPhase.Starting), (Status(cell), job.Phase));
        Assert.Null(cell.Loop.State.Quarantine.Explain("worker", cell.Now));
    }

    [Fact]
    public void Losses_further_apart_than_an_hour_do_not_count_together() => Assert.Equal(NodeStatus.Up, Status(Flapped(10, secondsBetween: 1_800)));

    [Fact]
    public void Each_further_loss_doubles_the_time_up_to_a_day()
    {
        TestCell cell = Flapped(4);
        Assert.Equal(cell.Now + Duration.FromSeconds(1_200), cell.Loop.State.Quarantine.UntilOf("worker"));
        for (int i = 0; i < 20; i++) { Flap(cell); }
        Assert.Equal(cell.Now + Quarantine.Longest, cell.Loop.State.Quarantine.UntilOf("worker"));
    }

    [Fact]
    public void A_day_without_a_loss_clears_the_record()
    {
        TestCell cell = Flapped(4);
        cell.Pass(86_400);
        for (int i = 0; i < 3; i++) { Flap(cell); }
        Assert.Equal(cell.Now + Quarantine.First, cell.Loop.State.Quarantine.UntilOf("worker"));
    }

    [Fact]
    public void A_released_node_takes_work_at_once_and_has_a_clean_record()
    {
        TestCell cell = Flapped(3);
        Job job = cell.Submit();
        cell.Step(new NodeReleased("worker"));
        Assert.Equal((NodeStatus.Up, JobPhase.Starting), (Status(cell), job.Phase));
        Flap(cell);
        Assert.Equal(NodeStatus.Up, Status(cell));
    }

    [Fact]
    public void A_node_that_is_away_when_its_quarantine_ends_stays_down()
    {
        TestCell cell = Flapped(3);
        cell.Step(new NodeLost("worker"));
        cell.Pass(100_000);
        Assert.Equal(NodeStatus.Down, Status(cell));
        cell.Step(new NodeJoined(Node, null));
        Assert.Equal(NodeStatus.Up, Status(cell));
    }

    [Fact]
    public void Releasing_a_node_that_is_not_there_changes_nothing()
    {
        TestCell cell = Flapped(3);
        cell.Step(new NodeReleased("another"));
        Assert.Equal(NodeStatus.Quarantined, Status(cell));
    }
}
