using Gigawatt.Execution;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>No queue or cohort comes to use more than its limits. One whose limits were lowered may go on, but takes nothing more.</summary>
internal sealed class CohortChecker : IChecker
{
    private Dictionary<(string, bool, string), long> _before = [];

    public void Check(World world)
    {
        if (!world.Cell.Queues.IsActive) { return; }
        var queues = new NaiveQueues(world.Cell);
        var now = new Dictionary<(string, bool, string), long>();
        foreach ((string name, bool isQueue) in queues.Nodes)
        {
            foreach (string type in world.Cell.Fleet.AcceleratorTypes.Select(static t => t.Name))
            {
                long used = queues.Used(name, isQueue, type);
                now[(name, isQueue, type)] = used;
                if (world.Last.Event is QueuesSet || used <= _before.GetValueOrDefault((name, isQueue, type))) { continue; }
                if (used > queues.Limit(name, isQueue, type)) { Assert.Fail($"{name} comes to use {used} {type} of {queues.Limit(name, isQueue, type)}"); }
                if (isQueue && !queues.Uses(name, type)) { Assert.Fail($"queue {name} uses {type}, of which it has no quota"); }
            }
        }

        _before = now;
    }
}
