using System.Text.Json;
using Gigawatt.Tests.EndToEnd;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gigawatt.Tests.Cli;

public sealed class SubmitTests
{
    [Fact]
    public async Task Every_option_reaches_the_server()
    {
        JobRequest sent = await SentAsync(
            "submit", "--name", "train", "--cpus", "0.5", "--memory", "4GiB", "--gpus", "2", "--accelerator", "h100", "--accelerator", "b200", "--gang", "3",
            "--priority", "spot", "--time-limit", "1h30m", "--grace", "5s", "--max-requeues", "0", "--env", "A=1", "--env", "B=x=y", "--workdir", "/data",
            "--tenant", "research", "--", "python3", "-c", "print('a b')");
        var expected = new JobRequest
        {
            Name = "train",
            Command = ["python3", "-c", "print('a b')"],
            Tenant = "research",
            Priority = "spot",
            Gang = 3,
            Cpus = 0.5,
            MemoryMib = 4096,
            Gpus = 2,
            Accelerators = ["h100", "b200"],
            TimeLimitSeconds = 5400,
            StopGraceSeconds = 5,
            MaxRequeues = 0,
            Env = new Dictionary<string, string> { ["A"] = "1", ["B"] = "x=y" },
            WorkingDirectory = "/data",
        };
        Assert.Equivalent(expected, sent, strict: true);
    }

    [Fact]
    public async Task What_is_not_given_takes_the_control_apis_default() =>
        Assert.Equivalent(new JobRequest { Name = "x", Command = ["true"] }, await SentAsync("submit", "--name", "x", "--", "true"), strict: true);

    [Fact]
    public async Task Options_override_the_file_and_its_other_fields_stay()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.At("job.yaml"), """
            name: from-file
            command: [python3, train.py]
            cpus: 2
            gpus: 0.5
            priority: production
            time-limit: 10m
            env:
              A: "1"
              B: "2"
            """, TestContext.Current.CancellationToken);
        JobRequest sent = await SentAsync("submit", "--file", folder.At("job.yaml"), "--name", "again", "--cpus", "3", "--env", "B=3");
        var expected = new JobRequest
        {
            Name = "again",
            Command = ["python3", "train.py"],
            Cpus = 3,
            Gpus = 0.5,
            Priority = "production",
            TimeLimitSeconds = 600,
            Env = new Dictionary<string, string> { ["A"] = "1", ["B"] = "3" },
        };
        Assert.Equivalent(expected, sent, strict: true);
    }

    [Fact]
    public async Task All_mistakes_of_a_file_are_told_with_their_lines_and_nothing_is_sent()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.At("job.yaml"), "name: x\ncommand: [true]\ncpus: many\nnmae: y\n", TestContext.Current.CancellationToken);
        await using StubServer server = await StubServer.RefusingAsync(500, "must not be asked");
        CliRun run = await CliRun.AtAsync(server, "submit", "--file", folder.At("job.yaml"));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("job.yaml:3:", run.Error, StringComparison.Ordinal);
        Assert.Contains("job.yaml:4:", run.Error, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_connection_lost_before_the_answer_is_tried_again_with_the_same_key()
    {
        await using StubServer server = await StubServer.StartAsync((http, before) =>
        {
            if (before >= 2) { return StubServer.SayAsync(http, Samples.Job(), ControlJson.Default.JobView, 201); }
            http.Abort();
            return Task.CompletedTask;
        });
        CliRun run = await CliRun.AtAsync(server, "submit", "--name", "x", "--", "true");
        Assert.Equal(new CliRun(0, "12\n", ""), run);
        Assert.Equal(3, server.Requests.Count);
        Assert.Single(server.Requests.Select(asked => asked.IdempotencyKey).Distinct());
        Assert.NotEmpty(server.Requests[0].IdempotencyKey!);
    }

    [Fact]
    public async Task Two_submissions_are_two_jobs_unless_they_share_a_key()
    {
        await using StubServer server = await StubServer.SayingAsync(Samples.Job(), ControlJson.Default.JobView, 201);
        await CliRun.AtAsync(server, "submit", "--name", "x", "--", "true");
        await CliRun.AtAsync(server, "submit", "--name", "x", "--", "true");
        await CliRun.AtAsync(server, "submit", "--name", "x", "--idempotency-key", "mine", "--", "true");
        Assert.NotEqual(server.Requests[0].IdempotencyKey, server.Requests[1].IdempotencyKey);
        Assert.Equal("mine", server.Requests[2].IdempotencyKey);
    }

    [Fact]
    public async Task A_refused_job_says_why_and_is_not_tried_again()
    {
        await using StubServer server = await StubServer.RefusingAsync(422, "A task of 64 accelerators fits on no node of the fleet.");
        CliRun run = await CliRun.AtAsync(server, "submit", "--name", "x", "--gpus", "64", "--", "true");
        Assert.Equal(new CliRun(1, "", "gw: A task of 64 accelerators fits on no node of the fleet.\n"), run);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("succeeded", 0, 0)]
    [InlineData("failed", 7, 7)]
    [InlineData("failed", null, 1)]
    [InlineData("cancelled", 143, 143)]
    [InlineData("cancelled", 0, 1)]
    [InlineData("dropped", null, 1)]
    public async Task Waiting_ends_with_the_jobs_own_exit_code(string phase, int? jobCode, int exitCode)
    {
        await using StubServer server = await StubServer.StartAsync((http, before) => before switch
        {
            0 => StubServer.SayAsync(http, Samples.Job(phase: "queued", exitCode: null), ControlJson.Default.JobView, 201),
            1 => StubServer.SayAsync(http, Samples.Job(phase: "running", exitCode: null), ControlJson.Default.JobView),
            _ => StubServer.SayAsync(http, Samples.Job(phase: phase, exitCode: jobCode), ControlJson.Default.JobView),
        });
        CliRun run = await CliRun.AtAsync(server, "submit", "--name", "x", "--wait", "--", "true");
        Assert.Equal((exitCode, "12\n"), (run.ExitCode, run.Output));
        Assert.Equal("GET /gigawatt/v1/jobs/12/wait?seconds=20", server.Requests[2].Line);
    }

    [Fact]
    public async Task Waiting_endures_a_restart_of_the_server()
    {
        await using StubServer server = await StubServer.StartAsync((http, before) =>
        {
            if (before == 0) { return StubServer.SayAsync(http, Samples.Job(phase: "running", exitCode: null), ControlJson.Default.JobView, 201); }
            if (before == 1) { http.Abort(); }
            if (before == 2) { http.Response.StatusCode = 503; }
            return before < 3 ? Task.CompletedTask : StubServer.SayAsync(http, Samples.Job(), ControlJson.Default.JobView);
        });
        Assert.Equal(0, (await CliRun.AtAsync(server, "submit", "--name", "x", "--wait", "--", "true")).ExitCode);
    }

    [Fact]
    public async Task Following_prints_the_log_of_every_attempt_and_nothing_else()
    {
        int looks = 0;
        await using StubServer server = await StubServer.StartAsync((http, _) =>
        {
            string path = http.Request.Path.Value!;
            if (path.EndsWith("/logs", StringComparison.Ordinal)) { return http.Response.WriteAsync($"attempt {looks}\n", http.RequestAborted); }
            if (http.Request.Method == "POST") { return StubServer.SayAsync(http, Samples.Job(phase: "queued", exitCode: null) with { Attempt = 0 }, ControlJson.Default.JobView, 201); }
            looks++;
            return StubServer.SayAsync(http, looks switch
            {
                1 => Samples.Job(phase: "running", exitCode: null),
                2 => Samples.Job(phase: "running", exitCode: null) with { Attempt = 2 },
                _ => Samples.Job(phase: "failed", exitCode: 5) with { Attempt = 2, Note = "ended with exit code 5" },
            }, ControlJson.Default.JobView);
        });
        CliRun run = await CliRun.AtAsync(server, "submit", "--name", "x", "--follow", "--", "true");
        Assert.Equal(new CliRun(5, "attempt 1\nattempt 2\n", "gw: Job 12 failed: ended with exit code 5\n"), run);
    }

    private static async Task<JobRequest> SentAsync(params string[] args)
    {
        await using StubServer server = await StubServer.SayingAsync(Samples.Job(), ControlJson.Default.JobView, 201);
        Assert.Equal(new CliRun(0, "12\n", ""), await CliRun.AtAsync(server, args));
        StubServer.Asked asked = Assert.Single(server.Requests);
        Assert.Equal("POST /gigawatt/v1/jobs", asked.Line);
        return JsonSerializer.Deserialize(asked.Body, ControlJson.Default.JobRequest)!;
    }
}
