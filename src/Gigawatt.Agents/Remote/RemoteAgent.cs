using Gigawatt.Agents.Node;
using Gigawatt.Agents.Telemetry;
using Gigawatt.Units;
using Gigawatt.Wire.Control;

namespace Gigawatt.Agents.Remote;

/// <summary>Makes this machine a node of a server elsewhere: joins, then again and again tells what runs here and does what it is told.</summary>
public static class RemoteAgent
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly Duration ShortestLease = Duration.FromSeconds(1);

    /// <summary>Runs until cancelled. Tasks go on when it ends, until their lease does.</summary>
    /// <returns>0 when cancelled, 1 when the server refuses the agent.</returns>
    /// <exception cref="IOException">The data folder is in use or cannot be written.</exception>
    public static async Task<int> RunAsync(RemoteAgentOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        using var client = new ControlClient(options.Server, options.JoinToken);
        AgentJoin join = Describe(options, MachineFacts.Detect());
        // Looked at before joining: a second agent on the folder must not take the first one's name in the fleet.
        new AgentFolder(options.DataFolder).Dispose();
        try
        {
            AgentJoined joined = await JoinAsync(client, join, options, cancellationToken).ConfigureAwait(false);
            Duration lease = Duration.FromSeconds(joined.LeaseSeconds);
            var settings = new NodeAgentOptions { DataFolder = options.DataFolder, LeaseDuration = lease < ShortestLease ? ShortestLease : lease };
            await using var agent = new NodeAgent(settings, time);
            await ServeAsync(agent, client, join, options, time, cancellationToken).ConfigureAwait(false);
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (ServerRefusedException e)
        {
            await options.Output.WriteLineAsync($"The server refuses this agent: {e.Message}").ConfigureAwait(false);
            return 1;
        }
    }

    private static async Task ServeAsync(
        NodeAgent agent, ControlClient client, AgentJoin join, RemoteAgentOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var output = new OutputSender(agent, client);
        bool quiet = false, inContact = true;
        while (true)
        {
            try
            {
                long asked = time.GetTimestamp();
                IReadOnlyList<TaskState> tasks = agent.Tasks;
                HashSet<TaskKey> sent = await output.SendNewAsync(tasks, cancellationToken).ConfigureAwait(false);
                // An end is told only after the output is there: whoever waits for the job finds all of it.
                var told = new AgentSync([.. tasks.Where(t => t.Final is null || sent.Contains(t.Key)).Select(ToWire)], quiet && tasks.Count == 0);
                AgentOrders? orders = await client.SyncAsync(told, cancellationToken).ConfigureAwait(false);
                agent.RenewLease(Duration.From(time.GetElapsedTime(asked)));
                if (!inContact) { await options.Output.WriteLineAsync("In contact again.").ConfigureAwait(false); }
                inContact = true;
                if (orders is null)
                {
                    await client.JoinAsync(join, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                quiet = Carry(agent, output, orders);
                if (quiet && tasks.Count > 0) { await WaitForNewsAsync(agent, time, cancellationToken).ConfigureAwait(false); }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException && !cancellationToken.IsCancellationRequested)
            {
                if (inContact) { await options.Output.WriteLineAsync($"Out of contact with {options.Server}: {e.Message}. Trying again.").ConfigureAwait(false); }
                inContact = false;
                await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // With tasks running, a sync a second and one at each report: their output and ends should be seen soon.
    private static async Task WaitForNewsAsync(NodeAgent agent, TimeProvider time, CancellationToken cancellationToken)
    {
        Task report = agent.Reports.WaitToReadAsync(cancellationToken).AsTask();
        await Task.WhenAny(report, Task.Delay(RetryDelay, time, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        while (agent.Reports.TryRead(out _)) { }
    }

    private static async Task<AgentJoined> JoinAsync(ControlClient client, AgentJoin join, RemoteAgentOptions options, CancellationToken cancellationToken)
    {
        for (bool told = false; ; told = true)
        {
            try
            {
                AgentJoined joined = await client.JoinAsync(join, cancellationToken).ConfigureAwait(false);
                await options.Output.WriteLineAsync($"Joined {options.Server} as node {joined.Node}: {join.CpuMilli / 1000.0:0.###} CPU{(join.CpuMilli == 1000 ? "" : "s")}, {join.MemoryMib:N0} MiB"
                    + (join.Accelerators > 0 ? $", {join.Accelerators} {join.AcceleratorType}." : ".")).ConfigureAwait(false);
                return joined;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                if (!told) { await options.Output.WriteLineAsync($"No server at {options.Server} yet: {e.Message}. Trying again.").ConfigureAwait(false); }
                await Task.Delay(RetryDelay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool Carry(NodeAgent agent, OutputSender output, AgentOrders orders)
    {
        foreach (AgentStart start in orders.Start)
        {
            agent.Start(new TaskLaunch(new TaskKey(start.Job, start.Attempt, start.Rank), start.Command, [.. start.Env], start.WorkingDirectory, start.Accelerators));
        }

        HashSet<TaskKey> known = [.. agent.Tasks.Select(t => t.Key)];
        foreach (AgentStop stop in orders.Stop)
        {
            var key = new TaskKey(stop.Job, stop.Attempt, stop.Rank);
            if (known.Contains(key)) { agent.Stop(key, Duration.FromSeconds(stop.GraceSeconds)); }
        }

        foreach (AgentForget forget in orders.Forget)
        {
            var key = new TaskKey(forget.Job, forget.Attempt, forget.Rank);
            output.Forget(key);
            agent.Forget(key);
        }

        return orders.Start.Count + orders.Forget.Count == 0;
    }

    private static AgentJoin Describe(RemoteAgentOptions options, MachineFacts facts)
    {
        bool simulated = options.SimulatedAccelerators > 0;
        string? type = simulated ? options.SimulatedAcceleratorType ?? "sim-accelerator"
            : facts.Accelerators.Count > 0 ? facts.Accelerators[0].TypeName : null;
        return new AgentJoin(
            options.Name ?? facts.HostName,
            options.Address ?? ControlClient.OwnAddressTowards(options.Server),
            options.CpuMilli ?? facts.Cores * 1000,
            options.MemoryMib ?? (int)Math.Min(facts.MemoryMib, int.MaxValue),
            type,
            simulated ? options.SimulatedAccelerators : facts.Accelerators.Count,
            simulated || facts.Accelerators.Count == 0 ? 0 : (int)Math.Min(facts.Accelerators[0].MemoryMib, int.MaxValue));
    }

    private static AgentTask ToWire(TaskState task)
    {
        (long job, int attempt, int rank) = task.Key;
        return task.Final switch
        {
            null => new AgentTask(job, attempt, rank, task.Phase == TaskPhase.Starting ? "starting" : "running"),
            TaskExited e => new AgentTask(job, attempt, rank, "exited", e.ExitCode, null, e.CpuMilliseconds, e.Energy.Cpu?.Millijoules, e.Energy.Accelerators?.Millijoules),
            TaskFailedToStart e => new AgentTask(job, attempt, rank, "exited", 126, e.Reason),
            TaskLost e => new AgentTask(job, attempt, rank, "lost", Reason: e.Reason),
            _ => throw new InvalidOperationException($"Unknown end of task {task.Key}."),
        };
    }
}
