using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Tests.Support;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Execution;

public sealed class AgentAwayTests
{
    private static readonly NodeGroup Node = TestCell.Group("worker", execution: NodeExecution.Agent);

    private static (TestCell Cell, Job Job) Running()
    {
        var cell = new TestCell(TestCell.Fleet());
        cell.Step(new NodeJoined(Node, null));
        Job job = cell.Submit();
        cell.StartAll(job);
        return (cell, job);
    }

    [Fact]
    public void An_agent_back_within_its_lease_with_its_job_finished_has_it_counted()
    {
        (TestCell cell, Job job) = Running();
        cell.Now += Gigawatt.Units.Duration.FromSeconds(50);
        cell.Exit(job);
        Assert.Equal((JobPhase.Succeeded, 1), (job.Phase, job.Attempt));
    }

    [Fact]
    public void An_agent_back_after_an_hour_with_its_job_finished_finds_it_queued_again_and_the_late_report_is_void()
    {
        (TestCell cell, Job job) = Running();
        cell.Step(new NodeLost("worker"));
        Assert.Equal((JobPhase.Queued, 1), (job.Phase, cell.Count(CommandKind.RecordUsage)));
        cell.Pass(3600);
        cell.Step(new NodeJoined(Node, null));
        Assert.Equal((JobPhase.Starting, 2), (job.Phase, job.Attempt));

        cell.Step(new TaskExited(job.Id, 1, 0, 0, default));
        Assert.Empty(cell.Last);
        Assert.Equal(JobPhase.Starting, job.Phase);

        cell.StartAll(job);
        cell.Exit(job);
        Assert.Equal(JobPhase.Succeeded, job.Phase);
        Assert.Single(cell.All, static c => c.Kind == CommandKind.JobEnded);
        Assert.Equal(2, cell.All.Count(static c => c.Kind == CommandKind.RecordUsage));
    }
}
