using Gigawatt.Tests.Support;
using Gigawatt.Wire.Control;
using Xunit;

namespace Gigawatt.Tests.Cli;

/// <summary>What commands print for people, and for programs.</summary>
public sealed class TableTests
{
    private static readonly JobList Jobs = new([Samples.Job(), Samples.Waiting, Samples.Job(1_000_014, "running", null) with { Node = "rack-2-n1 and 7 more", Gang = 8 }], 1, 1);

    [Fact]
    public async Task The_queue_is_a_table_whose_cells_cannot_steer_the_terminal()
    {
        await using StubServer server = await StubServer.SayingAsync(Jobs, ControlJson.Default.JobList);
        CliRun run = await CliRun.AtAsync(server, "queue");
        ExpectedText.Matches("queue", run.Output);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.Equal("GET /gigawatt/v1/jobs", server.Requests[0].Line);
        Assert.Equal("Bearer gw-test", server.Requests[0].Authorization);
    }

    [Fact]
    public async Task On_a_terminal_the_queue_has_colours_unless_they_are_not_wanted()
    {
        await using StubServer server = await StubServer.SayingAsync(Jobs, ControlJson.Default.JobList);
        var environment = new Dictionary<string, string> { ["GIGAWATT_SERVER"] = server.Url };
        CliRun coloured = await CliRun.OfAsync(["queue"], environment, terminal: true);
        CliRun plain = await CliRun.OfAsync(["queue"], new Dictionary<string, string>(environment) { ["NO_COLOR"] = "1" }, terminal: true);
        Assert.Contains("\u001b[32mrunning", coloured.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[3", plain.Output, StringComparison.Ordinal);
        Assert.Contains("[brackets]", plain.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_queue_says_so()
    {
        await using StubServer server = await StubServer.SayingAsync(new JobList([], 0, 0), ControlJson.Default.JobList);
        Assert.Equal("No job waits or runs.\n", (await CliRun.AtAsync(server, "queue")).Output);
        Assert.Equal("No jobs yet.\n", (await CliRun.AtAsync(server, "queue", "--all", "--limit", "5")).Output);
        Assert.Equal("GET /gigawatt/v1/jobs?all=true&limit=5", server.Requests[1].Line);
    }

    [Fact]
    public async Task A_job_that_ran_is_shown_with_its_place_its_tasks_and_its_use()
    {
        JobView job = Samples.Job(exitCode: 3, phase: "failed") with
        {
            Requeues = 1,
            Attempt = 2,
            Note = "ended with exit code 3",
            Usage = Samples.Totals,
            Tasks = [new TaskView(0, "rack-1-n7", [0, 1], "ended", CliRun.Now.AddMinutes(-89), 3), new TaskView(1, "rack-1-n8", [], "starting", null, null)],
        };
        await using StubServer server = await StubServer.SayingAsync(job, ControlJson.Default.JobView);
        ExpectedText.Matches("show", (await CliRun.AtAsync(server, "show", "12")).Output);
    }

    [Fact]
    public async Task Why_a_job_waits_is_told_in_full()
    {
        var why = new WhyView
        {
            Job = Samples.Waiting,
            Filters = [new("type", 2, 10), new("up", 1, 9), new("accelerators", 9, 0), new("cpu", 0, 0), new("memory", 0, 0)],
            TasksThatFit = 0,
            Start = CliRun.Now.AddHours(2),
            Horizon = CliRun.Now.AddDays(30),
            After = [new(3, CliRun.Now.AddHours(1)), new(4, CliRun.Now.AddHours(2))],
            EndlessJobs = 1,
            Remedies = [new("add-nodes", "2 more nodes like those of h100")],
        };
        await using StubServer server = await StubServer.SayingAsync(why, ControlJson.Default.WhyView);
        ExpectedText.Matches("show why", (await CliRun.AtAsync(server, "show", "12", "--why")).Output);
        Assert.Equal("GET /gigawatt/v1/jobs/12/why", server.Requests[0].Line);
    }

    [Fact]
    public async Task What_changes_would_do_is_a_table_of_both_futures()
    {
        var answer = new WhatIfView(CliRun.Now, CliRun.Now.AddDays(1), new(1, 2, 3600, 96, 192), new(3, 0, 60, 150, 288),
            [
                new(3, "sooner", CliRun.Now.AddHours(2), CliRun.Now.AddHours(1), false, false),
                new(4, "moved", null, CliRun.Now.AddHours(1), true, false),
                new(5, "mine", null, CliRun.Now, false, true),
            ], 3, 2);
        await using StubServer server = await StubServer.SayingAsync(answer, ControlJson.Default.WhatIfView);
        CliRun run = await CliRun.AtAsync(server, "what-if", "--add-nodes", "h100=2", "--queue-quota", "a:h100=4.5", "--horizon", "24h");
        ExpectedText.Matches("what-if", run.Output);
        Assert.Equal("POST /gigawatt/v1/what-if", server.Requests[0].Line);
    }

    [Fact]
    public async Task All_mistakes_of_a_what_if_are_told_at_once()
    {
        CliRun run = await CliRun.OfAsync(["what-if", "--add-nodes", "h100", "--tenant-quota", "team=x", "--queue-quota", "a=4"], new Dictionary<string, string>());
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--add-nodes: \"h100\" is not of the form GROUP=N.", run.Error, StringComparison.Ordinal);
        Assert.Contains("--tenant-quota: \"x\" is not a number of accelerators.", run.Error, StringComparison.Ordinal);
        Assert.Contains("--queue-quota: \"a\" names no type. Write QUEUE:TYPE=N.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_waits_is_shown_with_its_reason()
    {
        await using StubServer server = await StubServer.SayingAsync(Samples.Waiting, ControlJson.Default.JobView);
        ExpectedText.Matches("show waiting", (await CliRun.AtAsync(server, "show", "13")).Output);
    }

    [Fact]
    public async Task The_fleet_shows_what_is_free_and_what_is_simulated()
    {
        var fleet = new FleetView("two-site", [
            new("this-machine", "here", 1, 1, 16, 12.5, "sim-h100", 8, 4.5, "agent"),
            new("cpu", "north", 40, 39, 2_560, 0, null, 0, 0, "simulated"),
            new("gb200", "north", 5_600, 5_600, 403_200, 403_200, "gb200", 403_200, 401_000, "simulated")]);
        await using StubServer server = await StubServer.SayingAsync(fleet, ControlJson.Default.FleetView);
        ExpectedText.Matches("fleet", (await CliRun.AtAsync(server, "fleet")).Output);
    }

    [Fact]
    public async Task Queues_are_shown_under_their_cohorts_with_what_is_borrowed_and_lent()
    {
        var queues = new QueueList([
            new("lab", "cohort", null, 0, 1, 0, 3, 2, [new("gb200", 1_024, 1_000, 0, null, 0, null, 24)]),
            new("training", "queue", "lab", 1, 2, 0.125, 3, 1, [new("gb200", 512, 768, 256, 300, 0, null, 24), new("h100", 8, 0, 0, null, 0, null, 8)]),
            new("leftovers", "queue", "lab", 1, 0, null, 0, 1, [new("gb200", 0, 0.5, 0.5, null, 0, null, 0)]),
            new("serving", "queue", null, 0, 1, 0, 0, 0, [])]);
        await using StubServer server = await StubServer.SayingAsync(queues, ControlJson.Default.QueueList);
        ExpectedText.Matches("queues", (await CliRun.AtAsync(server, "queues")).Output);
        Assert.Equal("GET /gigawatt/v1/queues", server.Requests[0].Line);
    }

    [Fact]
    public async Task Keys_are_listed_without_their_secrets_and_a_new_one_is_the_only_thing_on_the_output()
    {
        IReadOnlyList<KeyView> keys = [new("key_1", "default", "first", true, null), new("key_2", "research", "notebook", false, null)];
        await using StubServer list = await StubServer.SayingAsync(keys, ControlJson.Default.KeyViews);
        ExpectedText.Matches("keys", (await CliRun.AtAsync(list, "key", "list")).Output);
        await using StubServer made = await StubServer.SayingAsync(new KeyView("key_3", "default", "key", true, "gw-secret"), ControlJson.Default.KeyView, 201);
        Assert.Equal(new CliRun(0, "gw-secret\n", ""), await CliRun.AtAsync(made, "key", "create"));
    }

    [Theory]
    [InlineData("cancelled", "Job 12 is cancelled.\n")]
    [InlineData("stopping", "Job 12 is stopping.\n")]
    [InlineData("failed", "Job 12 had already ended: failed.\n")]
    public async Task Cancelling_says_what_became_of_the_job(string phase, string output)
    {
        await using StubServer server = await StubServer.SayingAsync(Samples.Job(phase: phase), ControlJson.Default.JobView);
        Assert.Equal(new CliRun(0, output, ""), await CliRun.AtAsync(server, "cancel", "12"));
        Assert.Equal("POST /gigawatt/v1/jobs/12/cancel", server.Requests[0].Line);
    }

    [Fact]
    public async Task Json_is_the_control_apis_own_document()
    {
        await using StubServer server = await StubServer.SayingAsync(Samples.Waiting, ControlJson.Default.JobView);
        CliRun run = await CliRun.AtAsync(server, "show", "13", "--json");
        JobView? read = System.Text.Json.JsonSerializer.Deserialize(run.Output, ControlJson.Default.JobView);
        Assert.Equivalent(Samples.Waiting, read, strict: true);
    }

    [Fact]
    public async Task Fields_of_a_newer_server_are_no_reason_to_fail()
    {
        await using StubServer server = await StubServer.StartAsync((http, _) =>
        {
            http.Response.ContentType = "application/json";
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(http.Response, """{"name":"x","groups":[],"colour":"blue"}""", http.RequestAborted);
        });
        Assert.Equal(0, (await CliRun.AtAsync(server, "fleet")).ExitCode);
    }

    [Fact]
    public async Task A_log_comes_through_byte_for_byte()
    {
        byte[] log = [.. "line\n"u8, 0xff, 0x00, 0x1b, .. "end"u8];
        await using StubServer server = await StubServer.StartAsync((http, _) => http.Response.Body.WriteAsync(log, http.RequestAborted).AsTask());
        CliRun run = await CliRun.AtAsync(server, "logs", "12", "-f", "--rank", "3");
        Assert.Equal(System.Text.Encoding.UTF8.GetString(log), run.Output);
        Assert.Equal("GET /gigawatt/v1/jobs/12/logs?rank=3&follow=true", server.Requests[0].Line);
    }
}
