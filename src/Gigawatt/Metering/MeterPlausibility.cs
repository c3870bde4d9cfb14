using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Metering;

/// <summary>Readings that cannot be true count as not taken, and the model takes their place: counters wrap, are reset when a driver
/// restarts, and jump. One such reading would spoil a tenant's sums for ever, or overflow them.</summary>
internal static class MeterPlausibility
{
    // No core and no accelerator there is draws as much; a bound for what is impossible, not for what is unusual.
    private const int WattsOfACore = 100;
    private const int WattsOfAnAccelerator = 5_000;
    // A counter is read some time before and after the task.
    private static readonly Duration Slack = Duration.FromSeconds(60);

    /// <summary>The reading with only those values that could be true.</summary>
    public static TaskReading Filter(in TaskReading reading, NodeGroup node, in TaskDemand demand, Duration held)
    {
        Int128 milliseconds = (held + Slack).Nanoseconds / 1_000_000;
        // Watts times milliseconds are millijoules; CPUs are in thousandths. A task may use more of its node than it asked for.
        Int128 cpuTime = milliseconds * node.CpuMilli / 1000;
        return new TaskReading(
            IsBelow(reading.CpuMilliseconds, cpuTime) ? reading.CpuMilliseconds : null,
            IsBelow(reading.CpuEnergy?.Millijoules, cpuTime * WattsOfACore) ? reading.CpuEnergy : null,
            IsBelow(reading.AcceleratorEnergy?.Millijoules, milliseconds * WattsOfAnAccelerator * demand.Accelerators) ? reading.AcceleratorEnergy : null);
    }

    private static bool IsBelow(long? value, Int128 most) => value is >= 0 && value <= most;
}
