using System.Net.Http.Json;
using Gigawatt.Wire.Control;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>Jobs through a real server process.</summary>
public sealed class JobTests
{
    [Fact]
    public async Task A_job_runs_for_real_and_its_exit_code_output_place_and_use_are_told()
    {
        using var folder = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
        JobView job = await server.SubmitAsync(Request("print('out'); import sys; print('err', file=sys.stderr); sys.exit(7)"));
        job = await server.WaitForEndAsync(job.Id);
        Assert.Equal(("failed", 7), (job.Phase, job.ExitCode));
        Assert.Equal(["err", "out"], (await server.LogAsync(job.Id)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        JobView shown = await server.ShowAsync(job.Id);
        Assert.Contains("this-machine", shown.Placement, StringComparison.Ordinal);
        Assert.Equal((1, "modelled"), (shown.Usage!.Tasks, Assert.Single(shown.Usage.EnergyMethods)));
    }

    [Fact]
    public async Task A_gang_gets_ranks_and_the_addresses_of_its_peers()
    {
        using var folder = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
        JobView job = await server.SubmitAsync(Request("import os; print(os.environ['RANK'], os.environ['WORLD_SIZE'], len(os.environ['GIGAWATT_PEERS'].split(',')))") with { Gang = 3, Cpus = 0.1 });
        Assert.Equal("succeeded", (await server.WaitForEndAsync(job.Id)).Phase);
        for (int rank = 0; rank < 3; rank++) { Assert.Equal($"{rank} 3 3\n", await server.LogAsync(job.Id, rank)); }
    }

    [Fact]
    public async Task A_job_that_waits_is_told_when_it_starts_and_what_would_start_it_now()
    {
        using var folder = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
        JobView first = await server.SubmitAsync(Request("import time; time.sleep(600)") with { Cpus = 0.5, MemoryMib = 1, TimeLimitSeconds = 300 });
        await Until.TrueAsync(async () => (await server.ShowAsync(first.Id)).Phase == "running", "the first job runs");
        int cpus = (await server.Control.GetFromJsonAsync("fleet", ControlJson.Default.FleetView, TestContext.Current.CancellationToken))!.Groups.Sum(g => (int)g.Cpus);
        JobView waits = await server.SubmitAsync(Request("pass") with { Cpus = cpus });
        WhyView why = (await server.Control.GetFromJsonAsync($"jobs/{waits.Id}/why", ControlJson.Default.WhyView, TestContext.Current.CancellationToken))!;
        Assert.Equal(first.Id, Assert.Single(why.After).JobId);
        Assert.InRange((why.Start!.Value - first.Submitted).TotalSeconds, 299, 360);
        Assert.Equal("add-nodes", Assert.Single(why.Remedies).Kind);
        using HttpResponseMessage answer = await server.Control.PostAsJsonAsync(
            "what-if", new WhatIfRequest { AddNodes = [new("this-machine", 1)] }, ControlJson.Default.WhatIfRequest, TestContext.Current.CancellationToken);
        WhatIfView then = (await answer.Content.ReadFromJsonAsync(ControlJson.Default.WhatIfView, TestContext.Current.CancellationToken))!;
        Assert.Equal((waits.Id, then.From), (Assert.Single(then.Differences).JobId, then.Differences[0].StartThen));
    }

    [Fact]
    public async Task Cancelling_ends_a_job_that_ignores_sigterm()
    {
        using var folder = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
        JobView job = await server.SubmitAsync(Request("import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('armed', flush=True); time.sleep(600)") with { StopGraceSeconds = 0.3 });
        await Until.TrueAsync(async () => await server.LogAsync(job.Id) == "armed\n", "the job ignores SIGTERM");
        using HttpResponseMessage answer = await server.Control.PostAsync($"jobs/{job.Id}/cancel", null, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        job = await server.WaitForEndAsync(job.Id);
        Assert.Equal(("cancelled", 137), (job.Phase, job.ExitCode));
    }

    [Fact]
    public async Task A_running_job_is_adopted_after_kill_minus_9_and_keeps_its_exit_code()
    {
        using var folder = new TestFolder();
        ServerProcess first = await ServerProcess.StartAsync(folder.At("data"));
        string go = folder.At("go");
        JobView job = await first.SubmitAsync(Request($"import os,time,sys\nprint('up', flush=True)\nwhile not os.path.exists('{go}'): time.sleep(0.02)\nsys.exit(5)"));
        await Until.TrueAsync(async () => (await first.ShowAsync(job.Id)).Phase == "running", "the job runs");
        await first.KillAsync();
        await using ServerProcess second = await ServerProcess.StartAsync(folder.At("data"));
        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        JobView ended = await second.WaitForEndAsync(job.Id);
        Assert.Equal(("failed", 5, 1, 0), (ended.Phase, ended.ExitCode, ended.Attempt, ended.Requeues));
        Assert.Equal("up\n", await second.LogAsync(job.Id));
        Assert.Null(second.ApiKey);
    }

    [Fact]
    public async Task A_job_waits_with_a_reason_and_starts_when_there_is_room()
    {
        using var folder = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
        JobView first = await server.SubmitAsync(Request("import time; time.sleep(600)") with { Gpus = 8 });
        JobView second = await server.SubmitAsync(Request("pass") with { Gpus = 1 });
        Assert.Equal(("queued", "insufficient-accelerators"), (second.Phase, second.WaitReason));
        using HttpResponseMessage answer = await server.Control.PostAsync($"jobs/{first.Id}/cancel", null, TestContext.Current.CancellationToken);
        Assert.Equal("succeeded", (await server.WaitForEndAsync(second.Id)).Phase);
    }

    private static JobRequest Request(string python) => new() { Name = "test", Command = ["python3", "-c", python], Cpus = 0.5 };
}
