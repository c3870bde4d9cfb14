using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>A node that was lost three times within an hour gets no work until its time is over; then it does, unless it is away.</summary>
internal sealed class QuarantineChecker : IChecker
{
    private readonly Dictionary<string, List<Instant>> _losses = new(StringComparer.Ordinal);
    private readonly HashSet<string> _present = new(StringComparer.Ordinal);

    public void Check(World world)
    {
        Instant now = world.Cell.Now;
        switch (world.Last.Event)
        {
            case NodeJoined e: _present.Add(e.Node.Name); _losses.TryAdd(e.Node.Name, []); break;
            case NodeLost e: _present.Remove(e.Node); _losses[e.Node].Add(now); break;
            case NodeReleased e: _losses[e.Node].Clear(); break;
        }

        foreach ((string name, List<Instant> losses) in _losses)
        {
            bool rests = Until(losses) > now;
            NodeStatus status = world.Cell.Fleet.StatusOf(world.Cell.Fleet.FindSingleNode(name));
            NodeStatus expected = !_present.Contains(name) ? NodeStatus.Down : rests ? NodeStatus.Quarantined : NodeStatus.Up;
            // Time moves with every event, and the deadline is due at the next TimePassed at the latest.
            bool isDue = status == NodeStatus.Quarantined && expected == NodeStatus.Up && world.Loop.NextDeadline <= now;
            if (status != expected && !isDue) { Assert.Fail($"{name} is {status} and should be {expected}"); }
            if (status == NodeStatus.Quarantined) { world.Note("rests in quarantine"); }
        }
    }

    // All losses told again from the first, by the definition.
    private static Instant Until(List<Instant> losses)
    {
        Instant until = Instant.Epoch;
        int times = 0;
        for (int i = 0; i < losses.Count; i++)
        {
            if (losses.Take(i + 1).Count(loss => losses[i] - loss < Duration.FromSeconds(3_600)) < 3) { continue; }
            until = losses[i] + Duration.FromSeconds(Math.Min(600L << times++, 86_400));
        }

        return until;
    }
}
