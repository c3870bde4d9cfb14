using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Server.Cell;
using Gigawatt.Server.Tasks;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using TaskKey = Gigawatt.Agents.Node.TaskKey;

namespace Gigawatt.Server.Remote;

/// <summary>The agents that join over HTTP.</summary>
/// <remarks>
/// An agent without contact kills its tasks when its lease is over (its guard does, should the agent itself be dead). The server
/// waits longer than the lease before it gives the node up and queues its jobs again: so nothing ever runs twice at once.
/// </remarks>
internal sealed class RemoteNodes(TimeProvider time, TimeSpan lease, TimeSpan lostAfter)
{
    // An agent's lease is renewed by answers, so an answer is never held for more than a third of it.
    private readonly TimeSpan _hold = TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(10).Ticks, lease.Ticks / 3));
    private readonly Lock _lock = new();
    private readonly Dictionary<string, RemoteNode> _nodes = new(StringComparer.Ordinal);

    /// <summary>How long an agent may go on without contact.</summary>
    public TimeSpan Lease => lease;

    /// <summary>The node of that name; made when it is new.</summary>
    public RemoteNode Of(string name)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(name, out RemoteNode? node))
            {
                _nodes.Add(name, node = new RemoteNode(name) { LastContact = time.GetTimestamp() });
            }

            return node;
        }
    }

    /// <summary>After a restart: every node that the loop holds for up is watched from now on.</summary>
    public void Watch(FleetState fleet)
    {
        for (int group = 0; group < fleet.Groups.Count; group++)
        {
            NodeGroup node = fleet.Groups[group];
            if (fleet.JoinedByAgent(node.Name) && fleet.StatusOf(fleet.FirstNodeOf(group)) is NodeStatus.Up or NodeStatus.Quarantined) { Of(node.Name); }
        }
    }

    /// <summary>An agent joins, for the first time or again.</summary>
    public async Task JoinAsync(CellDriver driver, AgentJoin join, int site, Watts perCore, Usd corePerHour, CancellationToken cancellationToken)
    {
        Of(join.Name).LastContact = time.GetTimestamp();
        bool accelerators = join.AcceleratorType is not null && join.Accelerators > 0;
        var node = new NodeGroup
        {
            Name = join.Name,
            Site = site,
            Racks = 1,
            NodesPerRack = 1,
            CpuMilli = join.CpuMilli,
            MemoryMib = join.MemoryMib,
            AcceleratorType = -1,
            Accelerators = accelerators ? join.Accelerators : 0,
            PerCore = perCore,
            CorePerHour = corePerHour,
            Execution = NodeExecution.Agent,
            Address = join.Address,
        };
        AcceleratorType? type = !accelerators ? null : await driver.AskAsync(
            loop => loop.State.Fleet.FindAcceleratorType(join.AcceleratorType!) is >= 0 and int known
                ? loop.State.Fleet.AcceleratorTypes[known]
                : new AcceleratorType(join.AcceleratorType!, join.AcceleratorMemoryMib, default, default, default),
            cancellationToken);
        await driver.ApplyAsync(new NodeJoined(node, type), cancellationToken);
    }

    /// <summary>An agent's turn: its reports enter the loop, and what it should do comes back; null when it has to join again first.</summary>
    public async Task<AgentOrders?> SyncAsync(CellDriver driver, string name, AgentSync sync, CancellationToken cancellationToken)
    {
        RemoteNode? node;
        lock (_lock) { _nodes.TryGetValue(name, out node); }
        if (node is null) { return null; }
        node.LastContact = time.GetTimestamp();
        foreach (AgentTask task in sync.Tasks)
        {
            if (ToEvent(task) is not { } happened) { continue; }
            await driver.ApplyAsync(happened, cancellationToken);
            if (happened is not TaskStarted) { node.Done(RemoteNode.KeyOf(task)); }
        }

        foreach (TaskKey missing in node.Missing(sync.Tasks))
        {
            await driver.ApplyAsync(new TaskLost(missing.Job, missing.Attempt, missing.Rank, $"the agent of {name} no longer knows it"), cancellationToken);
            node.Done(missing);
        }

        Task changed = node.Changed;
        AgentOrders orders = node.Orders(sync.Tasks);
        if (!sync.Wait || orders.Start.Count + orders.Stop.Count + orders.Forget.Count > 0) { return orders; }
        await Task.WhenAny(changed, Task.Delay(_hold, time, cancellationToken));
        return node.Orders(sync.Tasks);
    }

    /// <summary>Gives up nodes without contact, once a second, until cancelled.</summary>
    public async Task WatchContactAsync(CellDriver driver, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (RemoteNode node in Silent())
            {
                await driver.ApplyAsync(new NodeLost(node.Name), cancellationToken);
                node.Clear();
            }
        }
    }

    private List<RemoteNode> Silent()
    {
        lock (_lock)
        {
            List<RemoteNode> silent = [.. _nodes.Values.Where(n => time.GetElapsedTime(n.LastContact) > lostAfter)];
            foreach (RemoteNode node in silent) { _nodes.Remove(node.Name); }
            return silent;
        }
    }

    private static Event? ToEvent(AgentTask task) => task.State switch
    {
        "running" => new TaskStarted(task.Job, task.Attempt, task.Rank),
        "exited" => new TaskExited(task.Job, task.Attempt, task.Rank, task.ExitCode ?? -1, new TaskReading(
            task.CpuMilliseconds,
            task.CpuMillijoules is { } cpu ? new Joules(cpu) : null,
            task.AcceleratorMillijoules is { } accelerators ? new Joules(accelerators) : null)),
        "lost" => new TaskLost(task.Job, task.Attempt, task.Rank, task.Reason ?? "lost"),
        _ => null,
    };
}
