using Gigawatt.Configuration;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Configuration;

public sealed class JobFileTests
{
    [Fact]
    public void A_full_file_becomes_its_job()
    {
        JobSpec job = Read("""
            name: train seven
            cpus: 1.5
            memory: 8GiB
            gpus: 4
            accelerator: [gb200, h100]
            gang: 16
            priority: early-access
            time-limit: 1h30m
            grace: 0s
            max-requeues: 0
            workdir: /data
            env:
              EPOCHS: 3
              EMPTY: ""
            command: [python3, train.py, --lr, 0.1]
            """);

        Assert.Equal(("train seven", "", 1500, 8192, 4, 1000, 16, Priority.EarlyAccess, 0, "/data"),
            (job.Name, job.Tenant, job.CpuMilli, job.MemoryMib, job.Accelerators, job.AcceleratorMilli, job.GangSize, job.Priority, job.MaxRequeues, job.WorkingDirectory));
        Assert.Equal((Duration.FromSeconds(5400), Duration.Zero), (job.TimeLimit, job.StopGrace));
        Assert.Equal(["gb200", "h100"], job.AcceleratorTypes);
        Assert.Equal(["python3", "train.py", "--lr", "0.1"], job.Command);
        Assert.Equal([new("EPOCHS", "3"), new("EMPTY", "")], job.Environment);
    }

    [Fact]
    public void A_short_file_has_the_defaults_of_the_command_line()
    {
        JobSpec job = Read("name: x\ncommand: echo hello | wc -l\n");
        var expected = new JobSpec { Name = "x", Tenant = "" };
        Assert.Equal(["/bin/sh", "-c", "echo hello | wc -l"], job.Command);
        Assert.Equal((expected.CpuMilli, expected.MemoryMib, expected.Accelerators, expected.GangSize, expected.Priority, expected.TimeLimit, expected.StopGrace, expected.MaxRequeues),
            (job.CpuMilli, job.MemoryMib, job.Accelerators, job.GangSize, job.Priority, job.TimeLimit, job.StopGrace, job.MaxRequeues));
    }

    [Theory]
    [InlineData("0.5", 1, 500)]
    [InlineData("1", 1, 1000)]
    [InlineData("64", 64, 1000)]
    [InlineData("0", 0, 1000)]
    public void Gpus_are_whole_or_a_part_of_one(string gpus, int count, int milli)
    {
        JobSpec job = Read($"name: x\ncommand: [x]\ngpus: {gpus}\naccelerator: h100\n");
        Assert.Equal((count, milli), (job.Accelerators, job.AcceleratorMilli));
        Assert.Equal(["h100"], job.AcceleratorTypes);
    }

    [Theory]
    [InlineData("gpus: 65", "2:7: gpus: \"65\" is not a number of accelerators; write 0 to 64, or a part of one such as 0.5, and use gang for more")]
    [InlineData("gpus: 1.5", "2:7: gpus: \"1.5\" is not a number of accelerators; write 0 to 64, or a part of one such as 0.5, and use gang for more")]
    [InlineData("gang: 0", "2:7: gang: \"0\" is out of range; write a whole number from 1 to 1,000,000")]
    [InlineData("priority: urgent", "2:11: priority: \"urgent\" is unknown; write one of production, standard, early-access, spot")]
    [InlineData("time-limit: 0s", "2:13: time-limit: \"0s\" must be longer than zero; write a time such as 90s or 15m")]
    [InlineData("accelerator: h100", "1:1: the job has no gpus; add a line such as gpus: 8")]
    [InlineData("env: [A=1]", "2:6: env: this is a list; write fields, each on its own line and indented below env:")]
    [InlineData("env: {1A: x}", "2:7: \"1A\" is not an environment variable's name; write letters, digits and '_', not starting with a digit")]
    [InlineData("env: {A: [1]}", "2:10: A: this is a list; write a single value such as 1")]
    [InlineData("timelimit: 5m", "2:1: unknown field \"timelimit\"; did you mean time-limit?")]
    [InlineData("tenant: me", "2:1: unknown field \"tenant\"; the fields of a job are name, gpus, queue, cpus, memory, accelerator, gang, priority, time-limit, grace, max-requeues, workdir, env, command")]
    public void A_mistake_is_reported_where_it_is_with_what_to_write_instead(string line, string expected)
    {
        Loaded<JobSpec> loaded = JobFile.Parse($"name: x\n{line}\ncommand: [x]\n", "job.yaml");
        Assert.Equal(["job.yaml:" + expected], loaded.Problems.Select(p => p.ToString()));
    }

    [Theory]
    [InlineData("", "1:1: the job has no command; add a line such as command: python3 train.py")]
    [InlineData("command: []", "2:10: command: the list is empty; write the program and its arguments")]
    [InlineData("command:", "1:1: the job has no command; add a line such as command: python3 train.py")]
    [InlineData("command: {a: b}", "2:10: command: this is a block of fields; write a command line such as python3 train.py, or a list of the program and its arguments")]
    public void A_job_needs_a_command(string line, string expected)
    {
        Assert.Equal(["job.yaml:" + expected], JobFile.Parse($"name: x\n{line}\n", "job.yaml").Problems.Select(p => p.ToString()));
    }

    private static JobSpec Read(string text)
    {
        Loaded<JobSpec> loaded = JobFile.Parse(text, "job.yaml");
        Assert.True(loaded.IsValid, string.Join('\n', loaded.Problems));
        return loaded.Value;
    }
}
