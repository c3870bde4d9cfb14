using System.Collections.Concurrent;
using Xunit;

namespace Gigawatt.Tests.Simulation;

/// <summary>
/// Goal: whatever happens to a cell, and in whatever order, its promises hold. Method: from a seed a fleet, limits, jobs and faults
/// are drawn, each feature on or off by a coin; the real control loop is driven in virtual time by nodes that start, finish, fail
/// and fall silent; after every event all checkers look, most of them by computing anew from the jobs alone what the loop keeps in
/// indexes. See README.md for how to run one seed again and how to add to it.
/// </summary>
public sealed class CellSimulation
{
    [Fact]
    public void Every_promise_holds_after_every_event_of_a_thousand_histories()
    {
        var seen = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        Seeds.Run(1_000, random =>
        {
            var world = new World(random);
            world.Run();
            foreach ((string what, int times) in world.Seen) { seen.AddOrUpdate(what, times, (_, sum) => sum + times); }
            seen.AddOrUpdate("events", world.Events, (_, sum) => sum + world.Events);
        });
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", seen.OrderByDescending(static p => p.Value).Select(static p => $"{p.Value:N0} {p.Key}")));
        if (Environment.GetEnvironmentVariable("GIGAWATT_SEED") is not null || Environment.GetEnvironmentVariable("GIGAWATT_SEEDS") is not null) { return; }
        Assert.All(WorthSeeing, what => Assert.True(seen.ContainsKey(what), $"In none of the histories was there: {what}."));
    }

    private static readonly string[] WorthSeeing =
    [
        "NodeJoined", "NodeLost", "TaskLost", "JobCancelRequested", "QuotaSet", "QueuesSet", "FleetDescribed", "refused",
        "came back with tasks finished", "NodeReleased", "rests in quarantine", "waits: RetryBackoff", "waits: QuotaExhausted", "waits: InsufficientQuota", "waits: QueueGone",
        "waits: NodesDown", "waits: InsufficientAccelerators", "waits: InsufficientCpu", "waits: InsufficientMemory", "waits: GangIncomplete",
        "ends: Succeeded", "ends: Failed", "ends: Cancelled", "ends: TimedOut", "ends: Dropped",
    ];
}
