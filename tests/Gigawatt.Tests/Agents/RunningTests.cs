using System.Globalization;
using Gigawatt.Agents.Node;
using Gigawatt.Metering;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Agents;

public sealed class RunningTests
{
    private static readonly TaskKey Key = new(7, 1, 0);

    [Theory]
    [InlineData("exit 0", 0, null)]
    [InlineData("exit 3", 3, null)]
    [InlineData("kill -SEGV $$", 139, 11)]
    public async Task An_exit_code_is_carried_through(string script, int code, int? signal)
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Shell(Key, script));

        TaskExited exited = await harness.ExpectAsync<TaskExited>(Key);

        Assert.Equal(code, exited.ExitCode);
        Assert.Equal(signal, exited.Signal);
        Assert.True(exited.EndedAt >= exited.StartedAt);
        Assert.IsType<TaskStarted>(harness.Reports[0]);
    }

    [Fact]
    public async Task Output_and_errors_are_kept_in_the_order_they_were_written()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Shell(Key, "echo one; echo two >&2; echo three"));

        await harness.ExpectAsync<TaskExited>(Key);

        Assert.Equal("one\ntwo\nthree\n", await harness.LogAsync(Key));
    }

    [Fact]
    public async Task A_command_that_is_not_found_exits_127_and_the_log_says_so()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Command(Key, ["no-such-program", "x"]));

        Assert.Equal(127, (await harness.ExpectAsync<TaskExited>(Key)).ExitCode);
        Assert.Contains("no-such-program: not found", await harness.LogAsync(Key), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit")]
    [InlineData("return")]
    [InlineData("identity")]
    public async Task A_command_named_like_part_of_the_shell_is_looked_up_as_a_program(string command)
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Command(Key, [command, "0"]));

        Assert.Equal(127, (await harness.ExpectAsync<TaskExited>(Key)).ExitCode);
    }

    [Fact]
    public async Task What_cannot_run_fails_to_start_with_the_reason_also_after_a_restart()
    {
        TaskLaunch launch = AgentHarness.Command(Key, ["true"]);
        (TaskLaunch Launch, string Reason)[] cases =
        [
            (launch with { WorkingDirectory = "/no/such/folder" }, "'/no/such/folder' does not exist"),
            (launch with { WorkingDirectory = "/nul\0" }, "does not exist"),
            (launch with { Command = [] }, "command is empty"),
            (launch with { Command = ["-x"] }, "begins with a dash"),
            (launch with { Command = ["echo", "\0"] }, "NUL"),
            (launch with { Environment = [new("A B", "1")] }, "'A B' is not a name"),
            (launch with { Environment = [new("A", "\0")] }, "NUL"),
        ];
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        for (int i = 0; i < cases.Length; i++) { agent.Start(cases[i].Launch with { Key = new(i, 0, 0) }); }

        for (int opened = 0; opened < 2; opened++)
        {
            for (int i = 0; i < cases.Length; i++)
            {
                Assert.Contains(cases[i].Reason, (await harness.ExpectAsync<TaskFailedToStart>(new(i, 0, 0))).Reason, StringComparison.Ordinal);
            }

            await harness.OpenAsync();
        }
    }

    [Fact]
    public async Task The_environment_and_the_working_directory_are_the_launch_s()
    {
        await using AgentHarness harness = new();
        string value = "it's \"q\" $HOME `x` \\ \n line two";
        TaskLaunch launch = AgentHarness.Shell(Key, "pwd; echo \"$RANK|$NASTY\"", ("RANK", "1"), ("NASTY", value), ("RANK", "2"));
        (await harness.OpenAsync()).Start(launch with { WorkingDirectory = "/usr/bin/.." });

        await harness.ExpectAsync<TaskExited>(Key);

        Assert.Equal($"/usr\n2|{value}\n", await harness.LogAsync(Key));
    }

    [Fact]
    public async Task The_supervisor_does_not_depend_on_the_task_s_own_path()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Shell(Key, "exit 5", ("PATH", "/nowhere")));

        Assert.Equal(5, (await harness.ExpectAsync<TaskExited>(Key)).ExitCode);
    }

    [Fact]
    public async Task The_command_begins_with_default_signal_actions_and_in_a_session_of_its_own()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Command(Key, ["grep", "-E", "^(SigIgn|SigBlk|NSsid)", "/proc/self/status"]));

        int pid = (await harness.ExpectAsync<TaskStarted>(Key)).Pid;
        await harness.ExpectAsync<TaskExited>(Key);

        string log = await harness.LogAsync(Key);
        // Signals 32 and 33 are glibc's own; its posix_spawn leaves them ignored, and no program can use them.
        ulong ignored = ulong.Parse(log.Split("SigIgn:\t")[1].AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.Equal(0UL, ignored & ~0x1_8000_0000UL);
        Assert.Contains("SigBlk:\t0000000000000000", log, StringComparison.Ordinal);
        Assert.Contains($"NSsid:\t{pid}", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starting_a_key_again_does_nothing()
    {
        await using AgentHarness harness = new();
        TaskLaunch launch = AgentHarness.Shell(Key, "echo ran");
        NodeAgent agent = await harness.OpenAsync();
        agent.Start(launch);
        agent.Start(launch);
        await harness.ExpectAsync<TaskExited>(Key);
        agent.Start(launch);
        agent = await harness.OpenAsync();
        agent.Start(launch);
        await harness.ExpectAsync<TaskExited>(Key);

        Assert.Equal("ran\n", await harness.LogAsync(Key));
        Assert.Single(agent.Tasks);
    }

    [Fact]
    public async Task A_forgotten_task_leaves_its_log_and_is_not_run_again_by_a_late_start()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        agent.Start(AgentHarness.Shell(Key, "echo ran"));
        await harness.ExpectAsync<TaskExited>(Key);

        agent.Forget(Key);

        Assert.Empty(agent.Tasks);
        Assert.False(Directory.Exists(harness.Record(Key)));
        agent = await harness.OpenAsync();
        agent.Start(AgentHarness.Shell(Key, "echo ran"));
        Assert.Contains("run it before", (await harness.ExpectAsync<TaskLost>(Key)).Reason, StringComparison.Ordinal);
        Assert.Equal("ran\n", await harness.LogAsync(Key));
    }

    [Fact]
    public async Task A_running_task_cannot_be_forgotten()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        agent.Start(AgentHarness.Shell(Key, "sleep 60"));

        Assert.Throws<InvalidOperationException>(() => agent.Forget(Key));
    }

    [Fact]
    public async Task Cpu_time_is_reported_and_energy_without_meters_is_left_to_the_model()
    {
        await using AgentHarness harness = new();
        (await harness.OpenAsync()).Start(AgentHarness.Shell(Key, "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"));

        TaskExited exited = await harness.ExpectAsync<TaskExited>(Key);

        Assert.InRange(exited.CpuMilliseconds, 20, 60_000);
        if (!Directory.Exists("/sys/class/powercap")) { Assert.Equal((null, null, EnergyMethod.Modelled), (exited.Energy.Cpu, exited.Energy.Accelerators, exited.Energy.Method)); }
    }

    [Fact]
    public async Task A_second_agent_on_the_same_folder_is_refused()
    {
        await using AgentHarness harness = new();
        await harness.OpenAsync();

        IOException refused = Assert.Throws<IOException>(() => new NodeAgent(harness.Options, TimeProvider.System));

        Assert.Contains("in use by another agent", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_tasks_at_once_are_each_reported_once()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        for (int rank = 0; rank < 30; rank++) { agent.Start(AgentHarness.Shell(new(1, 0, rank), $"exit {rank}")); }

        for (int rank = 0; rank < 30; rank++) { Assert.Equal(rank, (await harness.ExpectAsync<TaskExited>(new(1, 0, rank))).ExitCode); }
        Assert.Equal(30, harness.Reports.OfType<TaskExited>().Count());
        Assert.All(agent.Tasks, task => Assert.Equal(TaskPhase.Ended, task.Phase));
    }
}
