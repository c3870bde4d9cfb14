using Gigawatt.Agents.Node;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Agents;

public sealed class LeaseTests
{
    private static readonly TaskKey Key = new(7, 1, 0);

    [Fact]
    public async Task The_guard_kills_the_tasks_of_a_dead_agent_when_its_lease_runs_out()
    {
        await using AgentHarness harness = new(Duration.FromSeconds(1));
        NodeAgent agent = await harness.OpenAsync();
        agent.RenewLease(Duration.Zero);
        agent.Start(AgentHarness.Shell(Key, $"trap '' TERM; echo $$ > {harness.PathOf("pid")}; setsid sh -c 'echo $$ > {harness.PathOf("other")}; exec sleep 70' & env -i sh -c 'echo $$ > {harness.PathOf("bare")}; exec sleep 74' & wait"));
        int child = await harness.PidInAsync("pid");
        int otherSession = await harness.PidInAsync("other");
        int withoutEnvironment = await harness.PidInAsync("bare");

        await harness.LeaveAsync();

        await AgentHarness.UntilAsync("the guard has killed the task", () => !AgentHarness.IsAlive(child));
        await AgentHarness.UntilAsync("and who left its session", () => !AgentHarness.IsAlive(otherSession));
        await AgentHarness.UntilAsync("and who dropped its environment", () => !AgentHarness.IsAlive(withoutEnvironment));
        await AgentHarness.UntilAsync("the guard went off duty", () => !File.Exists(harness.PathOf("guard")));
        await harness.OpenAsync();
        Assert.Equal("lease expired", (await harness.ExpectAsync<TaskLost>(Key)).Reason);
    }

    [Fact]
    public async Task Tasks_live_as_long_as_the_lease_is_renewed_and_a_living_agent_reports_their_end()
    {
        await using AgentHarness harness = new(Duration.FromSeconds(2));
        NodeAgent agent = await harness.OpenAsync();
        agent.RenewLease(Duration.Zero);
        agent.Start(AgentHarness.Shell(Key, "sleep 71"));
        int pid = (await harness.ExpectAsync<TaskStarted>(Key)).Pid;
        long start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(2.5))
        {
            agent.RenewLease(Duration.Zero);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.True(AgentHarness.IsAlive(pid));
        Assert.Equal("lease expired", (await harness.ExpectAsync<TaskLost>(Key)).Reason);
    }

    [Fact]
    public async Task Without_a_valid_lease_nothing_starts()
    {
        await using AgentHarness harness = new(Duration.FromSeconds(1));
        NodeAgent agent = await harness.OpenAsync();
        agent.RenewLease(Duration.FromSeconds(2));
        agent.Start(AgentHarness.Shell(Key, "echo ran"));

        Assert.Equal("lease expired", (await harness.ExpectAsync<TaskLost>(Key)).Reason);
        Assert.Equal("", await harness.LogAsync(Key));
    }

    [Fact]
    public async Task A_task_that_was_not_claimed_when_the_lease_ran_out_never_runs()
    {
        await using AgentHarness harness = new(Duration.FromSeconds(1));
        await harness.OpenAsync();
        await harness.LeaveAsync();
        using (AgentFolder folder = new(harness.Options.DataFolder))
        {
            TaskFolder record = folder.Record(AgentHarness.Shell(Key, "echo ran"), null);
            Detached guard = new Lease(folder, Duration.FromSeconds(1)).EnsureGuard(TaskEnvironment.Base(Environment.GetEnvironmentVariables()))!;
            Verdict? verdict = null;
            await AgentHarness.UntilAsync("the guard has claimed the task", () => record.ReadClaim(out verdict) is null && verdict is not null);
            Assert.Equal(VerdictKind.Fenced, verdict!.Kind);
            await AgentHarness.UntilAsync("the guard has ended", guard.HasExited);
        }

        await harness.OpenAsync();
        Assert.Equal("lease expired", (await harness.ExpectAsync<TaskLost>(Key)).Reason);
    }

    [Fact]
    public async Task A_guard_that_was_killed_is_replaced()
    {
        await using AgentHarness harness = new(Duration.FromSeconds(30));
        NodeAgent agent = await harness.OpenAsync();
        agent.RenewLease(Duration.Zero);
        agent.Start(AgentHarness.Shell(Key, "sleep 72"));
        await AgentHarness.UntilAsync("a guard is on duty", () => Guard(harness) is not null);
        ProcessIdentity first = Guard(harness)!;

        Assert.Equal(0, Libc.Kill(first.Pid, Libc.SigKill));

        await AgentHarness.UntilAsync("another guard is on duty", () => Guard(harness) is { } guard && guard != first && ProcessTable.IsAlive(guard));
    }

    [Fact]
    public async Task An_agent_without_a_lease_keeps_its_tasks_and_needs_no_guard()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        agent.Start(AgentHarness.Shell(Key, "sleep 73"));
        await harness.ExpectAsync<TaskStarted>(Key);

        Assert.Null(Guard(harness));
    }

    private static ProcessIdentity? Guard(AgentHarness harness) =>
        AtomicFile.TryRead(harness.PathOf("guard")) is { } text ? ProcessIdentity.Parse(text.TrimEnd('\n').Split(' ')) : null;
}
