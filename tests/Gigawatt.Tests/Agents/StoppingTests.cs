using Gigawatt.Agents.Node;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Agents;

public sealed class StoppingTests
{
    private static readonly TaskKey Key = new(7, 1, 0);
    private static readonly Duration LongGrace = Duration.FromSeconds(60);
    private static readonly Duration ShortGrace = Duration.FromMilliseconds(100);

    [Fact]
    public async Task Stop_reaches_grandchildren_and_reports_the_signal()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        agent.Start(AgentHarness.Shell(Key, $"sh -c 'sleep 61 & echo $! > {harness.PathOf("pid")}; wait' & wait"));
        int grandchild = await harness.PidInAsync("pid");

        agent.Stop(Key, LongGrace);

        TaskExited exited = await harness.ExpectAsync<TaskExited>(Key);
        Assert.Equal((143, 15), (exited.ExitCode, exited.Signal));
        Assert.False(AgentHarness.IsAlive(grandchild));
    }

    [Fact]
    public async Task A_command_that_ends_cleanly_on_sigterm_keeps_its_own_exit_code()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        agent.Start(AgentHarness.Shell(Key, $"trap 'echo saved; exit 9' TERM; echo $$ > {harness.PathOf("pid")}; while :; do sleep 0.05; done"));
        await harness.PidInAsync("pid");

        agent.Stop(Key, LongGrace);

        TaskExited exited = await harness.ExpectAsync<TaskExited>(Key);
        Assert.Equal((9, null), (exited.ExitCode, exited.Signal));
        Assert.EndsWith("saved\n", await harness.LogAsync(Key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_ignores_sigterm_is_killed_after_the_grace()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        int child = await StartStubbornAsync(harness, agent);

        agent.Stop(Key, ShortGrace);

        TaskExited exited = await harness.ExpectAsync<TaskExited>(Key);
        Assert.Equal((137, 9), (exited.ExitCode, exited.Signal));
        Assert.False(AgentHarness.IsAlive(child));
    }

    [Fact]
    public async Task The_grace_goes_on_under_a_new_agent()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        await StartStubbornAsync(harness, agent);
        agent.Stop(Key, ShortGrace);
        await harness.OpenAsync();

        Assert.Equal(137, (await harness.ExpectAsync<TaskExited>(Key)).ExitCode);
    }

    [Fact]
    public async Task A_second_stop_can_only_bring_the_end_forward()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        await StartStubbornAsync(harness, agent);
        agent.Stop(Key, LongGrace);
        agent.Stop(Key, ShortGrace);
        agent.Stop(Key, LongGrace);

        Assert.Equal(137, (await harness.ExpectAsync<TaskExited>(Key)).ExitCode);
    }

    [Fact]
    public async Task A_stop_reaches_a_command_that_leads_a_group_of_its_own()
    {
        // timeout(1) makes itself a group leader.
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        agent.Start(AgentHarness.Command(Key, ["timeout", "60", "sh", "-c", $"echo $$ > {harness.PathOf("pid")}; exec sleep 62"]));
        int child = await harness.PidInAsync("pid");

        agent.Stop(Key, LongGrace);

        await harness.ExpectAsync<TaskExited>(Key);
        Assert.False(AgentHarness.IsAlive(child));
    }

    [Fact]
    public async Task What_a_command_leaves_running_ends_with_it_also_in_another_session()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        agent.Start(AgentHarness.Shell(Key, $"sleep 63 & echo $! > {harness.PathOf("same")}; setsid sh -c 'echo $$ > {harness.PathOf("other")}; exec sleep 64' & while [ ! -s {harness.PathOf("other")} ]; do sleep 0.01; done"));

        Assert.Equal(0, (await harness.ExpectAsync<TaskExited>(Key)).ExitCode);

        Assert.False(AgentHarness.IsAlive(await harness.PidInAsync("same")));
        int other = await harness.PidInAsync("other");
        await AgentHarness.UntilAsync("the process in its own session is dead", () => !AgentHarness.IsAlive(other));
    }

    [Fact]
    public async Task Stopping_a_task_nobody_knows_reports_it_lost()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Stop(Key, LongGrace);

        Assert.Contains("no record", (await harness.ExpectAsync<TaskLost>(Key)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_right_after_starting_ends_the_task_once()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        for (int rank = 0; rank < 20; rank++)
        {
            agent.Start(AgentHarness.Shell(new(1, 0, rank), "sleep 65"));
            agent.Stop(new(1, 0, rank), LongGrace);
        }

        for (int rank = 0; rank < 20; rank++) { Assert.Equal(143, (await harness.ExpectAsync<TaskExited>(new(1, 0, rank))).ExitCode); }
    }

    private static async Task<int> StartStubbornAsync(AgentHarness harness, NodeAgent agent)
    {
        agent.Start(AgentHarness.Shell(Key, $"trap '' TERM; echo $$ > {harness.PathOf("pid")}; sleep 66; sleep 66"));
        return await harness.PidInAsync("pid");
    }
}
