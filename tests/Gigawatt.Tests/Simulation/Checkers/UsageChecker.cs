using Gigawatt.Execution;
using Gigawatt.Metering;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>Each task that was started is metered exactly once, and with sums that can be true.</summary>
internal sealed class UsageChecker : IChecker
{
    private readonly HashSet<(long, int, int)> _open = [];

    public void Check(World world)
    {
        foreach (Command command in world.Commands)
        {
            (long, int, int) key = (command.JobId, command.Attempt, command.Rank);
            if (command.Kind == CommandKind.StartTask) { _open.Add(key); }
            if (command.Kind != CommandKind.RecordUsage) { continue; }
            if (!_open.Remove(key)) { Assert.Fail($"task {key} is metered twice, or never ran"); }
            UsageRecord usage = command.Usage!.Record;
            if (usage.Energy.Millijoules < 0 || usage.Cost.Micros < 0 || usage.Carbon.Micrograms < 0 || usage.Ended < usage.Started) { Assert.Fail($"task {key} used less than nothing"); }
            // A node of 32 cores and 8 accelerators at 700 W draws well under 20 kW.
            if (usage.Energy.InJoules > 20_000 * ((usage.Ended - usage.Started).Seconds + 120)) { Assert.Fail($"task {key} used {usage.Energy.InJoules} J in {(usage.Ended - usage.Started).Seconds} s"); }
        }
    }

    public void CheckEnd(World world)
    {
        if (_open.Count > 0) { Assert.Fail($"{_open.Count} tasks were never metered"); }
    }
}
