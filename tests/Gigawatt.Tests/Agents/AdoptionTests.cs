using System.Diagnostics;
using Gigawatt.Agents.Node;
using Gigawatt.Agents.Telemetry;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Agents;

public sealed class AdoptionTests
{
    private static readonly TaskKey Key = new(7, 1, 0);

    [Fact]
    public async Task A_running_task_is_adopted_and_its_exit_code_arrives()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Shell(Key, WaitFor(harness, "go") + "exit 42"));
        int pid = (await harness.ExpectAsync<TaskStarted>(Key)).Pid;

        NodeAgent agent = await harness.OpenAsync();

        Assert.Equal(pid, (await harness.ExpectAsync<TaskStarted>(Key)).Pid);
        Assert.Equal(new TaskState(Key, TaskPhase.Running, pid, null), Assert.Single(agent.Tasks));
        File.WriteAllText(harness.PathOf("go"), "");
        Assert.Equal(42, (await harness.ExpectAsync<TaskExited>(Key)).ExitCode);
    }

    [Fact]
    public async Task An_exit_that_nobody_watched_is_reported_until_it_is_forgotten()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Shell(Key, WaitFor(harness, "go") + "exit 42"));
        int pid = (await harness.ExpectAsync<TaskStarted>(Key)).Pid;
        await harness.LeaveAsync();
        File.WriteAllText(harness.PathOf("go"), "");
        await AgentHarness.UntilAsync("the supervisor is gone", () => !AgentHarness.IsAlive(pid));

        await harness.OpenAsync();
        TaskExited first = await harness.ExpectAsync<TaskExited>(Key);
        NodeAgent agent = await harness.OpenAsync();
        TaskExited second = await harness.ExpectAsync<TaskExited>(Key);

        Assert.Equal(42, first.ExitCode);
        Assert.Equal(first, second);
        agent.Forget(Key);
        agent = await harness.OpenAsync();
        Assert.Empty(agent.Tasks);
    }

    [Fact]
    public async Task A_task_whose_supervisor_was_killed_is_lost_and_nothing_of_it_goes_on()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Shell(Key, $"echo $$ > {harness.PathOf("pid")}; exec sleep 67"));
        int child = await harness.PidInAsync("pid");
        int supervisor = (await harness.ExpectAsync<TaskStarted>(Key)).Pid;

        Assert.Equal(0, Libc.Kill(supervisor, Libc.SigKill));

        Assert.Contains("supervisor died", (await harness.ExpectAsync<TaskLost>(Key)).Reason, StringComparison.Ordinal);
        Assert.False(AgentHarness.IsAlive(child));
    }

    [Fact]
    public async Task A_kill_that_was_intended_before_a_crash_is_an_exit_not_a_loss()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Shell(Key, "sleep 68"));
        int supervisor = (await harness.ExpectAsync<TaskStarted>(Key)).Pid;
        await harness.LeaveAsync();
        new TaskFolder(harness.Record(Key), Key).WriteKillIntent();
        Assert.Equal(0, Libc.Kill(-supervisor, Libc.SigKill));

        await harness.OpenAsync();

        Assert.Equal(137, (await harness.ExpectAsync<TaskExited>(Key)).ExitCode);
    }

    [Fact]
    public async Task A_reused_process_number_is_not_taken_for_the_supervisor_and_not_killed()
    {
        await using AgentHarness harness = new();
        await harness.OpenAsync();
        await harness.LeaveAsync();
        using Process stranger = Process.Start("sleep", "69");
        try
        {
            ProcessStat stat = ProcessTable.Find(stranger.Id)!.Value;
            WriteClaim(harness, $"supervisor {stat.Pid} {stat.StartTime - 1} {ProcessTable.BootId} 1");

            await harness.OpenAsync();

            await harness.ExpectAsync<TaskLost>(Key);
            Assert.True(AgentHarness.IsAlive(stranger.Id));
        }
        finally
        {
            stranger.Kill();
            await stranger.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_supervisor_of_an_earlier_boot_is_dead_whatever_has_its_number_now()
    {
        await using AgentHarness harness = new();
        await harness.OpenAsync();
        await harness.LeaveAsync();
        ProcessStat own = ProcessTable.Find(Environment.ProcessId)!.Value;
        WriteClaim(harness, $"supervisor {own.Pid} {own.StartTime} another-boot 1");

        await harness.OpenAsync();

        Assert.Contains("restarted", (await harness.ExpectAsync<TaskLost>(Key)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_on_record_that_was_never_launched_is_launched_by_the_next_agent()
    {
        await using AgentHarness harness = new();
        await harness.OpenAsync();
        await harness.LeaveAsync();
        using (AgentFolder folder = new(harness.Options.DataFolder)) { folder.Record(AgentHarness.Shell(Key, "exit 6"), null); }

        await harness.OpenAsync();

        Assert.Equal(6, (await harness.ExpectAsync<TaskExited>(Key)).ExitCode);
    }

    [Fact]
    public async Task Half_a_record_left_by_a_crash_is_removed()
    {
        await using AgentHarness harness = new();
        await harness.OpenAsync();
        await harness.LeaveAsync();
        Directory.CreateDirectory(harness.PathOf("tasks/.7-1-0"));

        NodeAgent agent = await harness.OpenAsync();

        Assert.Empty(agent.Tasks);
        Assert.Empty(Directory.EnumerateDirectories(harness.PathOf("tasks")));
    }

    [Fact]
    public async Task Of_many_supervisors_exactly_one_runs_the_task()
    {
        await using AgentHarness harness = new();
        await harness.OpenAsync();
        await harness.LeaveAsync();
        using (AgentFolder folder = new(harness.Options.DataFolder))
        {
            folder.Record(AgentHarness.Shell(Key, "echo ran"), null);
            await RunSupervisorsAsync(folder, 20);
        }

        await harness.OpenAsync();
        await harness.ExpectAsync<TaskExited>(Key);
        Assert.Equal("ran\n", await harness.LogAsync(Key));
    }

    [Fact]
    public async Task A_supervisor_that_comes_after_the_agent_gave_up_does_nothing()
    {
        await using AgentHarness harness = new();
        await harness.OpenAsync();
        await harness.LeaveAsync();
        using (AgentFolder folder = new(harness.Options.DataFolder))
        {
            TaskFolder record = folder.Record(AgentHarness.Shell(Key, "echo ran"), null);
            Assert.True(record.TryClaimAgainst(Verdict.Stopped(new Instant(5))));
            await RunSupervisorsAsync(folder, 1);
            Assert.Null(record.ReadStatus());
            Assert.False(File.Exists(folder.LogOf(Key)));
        }

        await harness.OpenAsync();
        Assert.Equal(
            new TaskExited(Key, 143, 15, new(5), new(5), 0, TaskEnergy.Unmeasured),
            await harness.ExpectAsync<TaskExited>(Key));
    }

    [Fact]
    public async Task An_agent_that_comes_after_the_supervisor_cannot_give_up()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Shell(Key, "true"));
        await harness.ExpectAsync<TaskExited>(Key);

        Assert.False(new TaskFolder(harness.Record(Key), Key).TryClaimAgainst(Verdict.Stopped(new Instant(5))));
    }

    private static string WaitFor(AgentHarness harness, string file) => $"while [ ! -e {harness.PathOf(file)} ]; do sleep 0.02; done; ";

    private static void WriteClaim(AgentHarness harness, string claim)
    {
        Directory.CreateDirectory(harness.Record(Key));
        File.WriteAllText(Path.Combine(harness.Record(Key), "claim"), claim + "\n");
    }

    private static async Task RunSupervisorsAsync(AgentFolder folder, int count)
    {
        List<Detached> supervisors = [];
        for (int i = 0; i < count; i++)
        {
            supervisors.Add(Detached.Start(folder.TaskScript, [folder.RecordOf(Key), folder.LogOf(Key)], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }));
        }

        await AgentHarness.UntilAsync("the supervisors have ended", () => supervisors.All(supervisor => supervisor.HasExited()));
    }
}
