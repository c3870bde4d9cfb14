using System.Net.Http.Json;
using Gigawatt.Agents.Remote;
using Gigawatt.Wire.Control;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>Two agents on one machine, joined over HTTP.</summary>
public sealed class RemoteAgentTests
{
    [Fact]
    public async Task A_gang_spreads_over_two_joined_agents_and_its_output_and_ends_come_back()
    {
        using var folder = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
        await using var a = await Joined.AgentAsync(server, folder, "agent-a");
        await using var b = await Joined.AgentAsync(server, folder, "agent-b");
        JobView job = await server.SubmitAsync(new JobRequest
        {
            Name = "gang",
            Command = ["python3", "-c", "import os; print(os.environ['GIGAWATT_NODE'], os.environ['RANK'])"],
            Gang = 2,
            Gpus = 4,
            Accelerators = ["sim-test"],
        });
        Assert.Equal("succeeded", (await server.WaitForEndAsync(job.Id)).Phase);
        string[] said = [await server.LogAsync(job.Id, 0), await server.LogAsync(job.Id, 1)];
        Assert.Equal(["agent-a 0\n", "agent-b 1\n"], said.Order());
    }

    [Fact]
    public async Task An_agent_that_waited_longer_than_its_lease_for_work_takes_it_at_the_first_attempt()
    {
        using var folder = new TestFolder();
        string config = folder.At("config.yaml");
        await File.WriteAllTextAsync(config, "agents:\n  lease: 1s\n  lost-after: 5s\n", TestContext.Current.CancellationToken);
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"), null, "--config", config);
        await using var agent = await Joined.AgentAsync(server, folder, "agent-a");
        // A job of two seconds on this machine passes the time; the agent has nothing to do meanwhile.
        JobView pause = await server.SubmitAsync(new JobRequest { Name = "pause", Command = ["sleep", "2"], Gpus = 1, Accelerators = ["sim-h100"] });
        Assert.Equal("succeeded", (await server.WaitForEndAsync(pause.Id)).Phase);
        JobView job = await server.SubmitAsync(new JobRequest { Name = "work", Command = ["true"], Gpus = 1, Accelerators = ["sim-test"] });
        job = await server.WaitForEndAsync(job.Id);
        Assert.Equal(("succeeded", 1, 0), (job.Phase, job.Attempt, job.Requeues));
    }

    [Fact]
    public async Task A_wrong_join_token_is_refused()
    {
        using var folder = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
        var output = new StringWriter();
        int exit = await RemoteAgent.RunAsync(Joined.Options(server, folder, "agent-a", "gwj-99999999999-wrong", output), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(1, exit);
        Assert.Contains("gw join-token", output.ToString(), StringComparison.Ordinal);
    }

    private sealed class Joined : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _running;

        private Joined(RemoteAgentOptions options) => _running = RemoteAgent.RunAsync(options, TimeProvider.System, _stop.Token);

        public static RemoteAgentOptions Options(ServerProcess server, TestFolder folder, string name, string token, TextWriter output) => new()
        {
            Server = new Uri(server.Url),
            JoinToken = token,
            Name = name,
            DataFolder = folder.At(name),
            SimulatedAccelerators = 4,
            SimulatedAcceleratorType = "sim-test",
            Output = output,
        };

        public static async Task<Joined> AgentAsync(ServerProcess server, TestFolder folder, string name)
        {
            using HttpResponseMessage response = await server.Control.PostAsync("join-tokens", null);
            JoinToken token = (await response.Content.ReadFromJsonAsync(ControlJson.Default.JoinToken))!;
            var joined = new Joined(Options(server, folder, name, token.Token, TextWriter.Null));
            await Until.TrueAsync(async () => (await server.Control.GetFromJsonAsync("fleet", ControlJson.Default.FleetView))!.Groups.Any(g => g.Name == name && g.NodesUp == 1), $"{name} joined");
            return joined;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _stop.Dispose();
        }
    }
}
