using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Tests.Simulation;

/// <summary>Draws a fleet, limits, jobs and faults, and puts them on the calendar of a world.</summary>
internal sealed class Scenario
{
    private const int Hour = 3_600_000;
    private readonly World _world;
    private readonly ModelNodes _nodes;
    private readonly List<string> _agents = [];
    private FleetModel _fleet;

    private Scenario(World world, ModelNodes nodes)
    {
        _world = world;
        _nodes = nodes;
        _fleet = TestCell.Fleet([.. Enumerable.Range(0, world.Random.Next(1, 4)).Select(i => Group($"g{i}"))]);
    }

    private Random Random => _world.Random;

    public static void Begin(World world, ModelNodes nodes)
    {
        var scenario = new Scenario(world, nodes);
        world.Step(new FleetDescribed(scenario._fleet));
        scenario.JoinAgents();
        scenario.SetLimits();
        scenario.SubmitJobs();
        scenario.PlanFaults();
    }

    private NodeGroup Group(string name) => TestCell.Group(
        name, racks: Random.Next(1, 4), nodesPerRack: Random.Next(1, 4), cpuMilli: 1000 * Random.Next(4, 33), memoryMib: 1024 * Random.Next(8, 65),
        type: Random.Next(-1, 2) is var type ? type : 0, accelerators: type < 0 ? 0 : 1 << Random.Next(4));

    private void JoinAgents()
    {
        if (!_world.Has(Feature.Agents)) { return; }
        for (int i = Random.Next(1, 4); i > 0; i--)
        {
            NodeGroup node = Group($"agent{i}") with { Racks = 1, NodesPerRack = 1, Execution = NodeExecution.Agent };
            _agents.Add(node.Name);
            _nodes.Join(node, node.AcceleratorType < 0 ? null : _fleet.AcceleratorTypes[node.AcceleratorType]);
        }
    }

    private void SetLimits()
    {
        if (_world.Has(Feature.Queues)) { _world.Step(new QueuesSet(DrawnQueues.Draw(Random))); }
        if (_world.Has(Feature.Quotas)) { SetQuota(); }
        if (!_world.Has(Feature.LimitsChange)) { return; }
        for (int i = Random.Next(1, 5); i > 0; i--)
        {
            _world.After(At(), () =>
            {
                if (_world.Has(Feature.Queues) && _world.Chance(50)) { _world.Step(new QueuesSet(DrawnQueues.Draw(Random))); }
                else { SetQuota(); }
            });
        }
    }

    private void SetQuota() =>
        _world.Step(new QuotaSet(DrawnJobs.Tenant(Random), _world.Chance(20) ? null : 500 * Random.Next(60)));

    private void SubmitJobs()
    {
        for (int i = Random.Next(8, 40); i > 0; i--) { _world.After(At(), Submit); }
    }

    private void Submit()
    {
        JobSpec spec = DrawnJobs.Draw(_world);
        // The server journals nothing for a job that it refuses. A few come through all the same: limits changed in between.
        if (_world.Loop.Check(spec) is not null && !_world.Chance(5)) { _world.Note("refused"); return; }
        long id = _world.Cell.Jobs.NextId;
        _world.Step(new JobSubmitted(id, spec));
        if (!_world.Has(Feature.Cancels) || !_world.Chance(25)) { return; }
        _world.After(Duration.FromMilliseconds(Random.Next(600_000)), () => _world.Step(new JobCancelRequested(id)));
    }

    private void PlanFaults()
    {
        foreach (string agent in _agents)
        {
            if (_world.Has(Feature.AgentsAway)) { Repeat(3, () => _nodes.Leave(agent, Duration.FromMilliseconds(Random.Next(59_000)))); }
            if (!_world.Has(Feature.NodesLost)) { continue; }
            Repeat(3, () => _nodes.Leave(agent, Duration.FromMilliseconds(Random.Next(61_000, Hour))));
            // Some flap, and are let off at times.
            if (!_world.Chance(50)) { continue; }
            Repeat(8, () => _nodes.Leave(agent, Duration.FromMilliseconds(Random.Next(61_000, 200_000))));
            Repeat(2, () => _world.Step(new NodeReleased(agent)));
        }

        if (_world.Has(Feature.FleetChanges)) { Repeat(2, ChangeFleet); }
    }

    private void ChangeFleet()
    {
        var groups = _fleet.Groups.ToList();
        int which = Random.Next(groups.Count);
        if (_world.Chance(30) && groups.Count > 1) { groups.RemoveAt(which); }
        else { groups[which] = Group(groups[which].Name); }
        _fleet = _fleet with { Groups = groups };
        _world.Step(new FleetDescribed(_fleet));
    }

    private void Repeat(int most, Action what)
    {
        for (int i = Random.Next(1, most + 1); i > 0; i--) { _world.After(At(), what); }
    }

    // All at once, or over an hour.
    private Duration At() => Duration.FromMilliseconds(Random.Next(_world.Has(Feature.Burst) ? 60_000 : Hour));
}
