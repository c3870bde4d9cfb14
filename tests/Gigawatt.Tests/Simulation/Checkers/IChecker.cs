namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>One promise, looked at after every event. It fails by an assertion.</summary>
internal interface IChecker
{
    void Check(World world);

    /// <summary>Looks once more when nothing is left to happen.</summary>
    void CheckEnd(World world)
    {
    }
}

internal static class AllCheckers
{
    public static IReadOnlyList<IChecker> New(World world) =>
    [
        new CapacityChecker(), new QuotaChecker(), new CohortChecker(), new GangChecker(), new EndsOnceChecker(), new UsageChecker(),
        new OrderChecker(), new PriorityChecker(), new CancelChecker(), new QuarantineChecker(), new TimeLimitChecker(), new ExplanationChecker(), new ReplayChecker(world), new SnapshotChecker(),
    ];
}
