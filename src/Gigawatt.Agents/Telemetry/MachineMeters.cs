using System.Globalization;

namespace Gigawatt.Agents.Telemetry;

/// <summary>All meters of the machine at one moment. Counters only grow; differences between two readings mean something.</summary>
/// <param name="AtNs">When, on a clock that is never set.</param>
/// <param name="PackageMicrojoules">Energy of the processor packages; null when not readable.</param>
/// <param name="BusyMs">Time all processors together spent working.</param>
/// <param name="AcceleratorMillijoules">Energy per accelerator index; null where there is no meter.</param>
internal sealed record MeterReading(long AtNs, long? PackageMicrojoules, long BusyMs, IReadOnlyList<long?> AcceleratorMillijoules);

/// <summary>Reads the machine's meters together.</summary>
internal sealed class MachineMeters(RaplMeter? rapl, NvmlMeter? nvml, int accelerators, TimeProvider time, string root = "/")
{
    /// <summary>The meters this machine has.</summary>
    public static MachineMeters Open(TimeProvider time)
    {
        Nvml? driver = Nvml.TryLoad();
        return new(RaplMeter.TryOpen(), driver is null ? null : new(driver, time), driver?.Count ?? 0, time);
    }

    /// <summary>How many NVIDIA devices the driver knows.</summary>
    public int Accelerators => accelerators;

    public MeterReading Read()
    {
        long?[] energy = new long?[accelerators];
        for (int i = 0; i < energy.Length; i++) { energy[i] = nvml?.ReadMillijoules(i); }
        long now = (long)time.GetElapsedTime(0).TotalNanoseconds;
        return new(now, rapl?.ReadMicrojoules(), rapl is null ? 0 : BusyMilliseconds(), energy);
    }

    // proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user. Idle and
    // iowait are no work, steal is another machine's.
    private long BusyMilliseconds()
    {
        using StreamReader reader = new(Path.Combine(root, "proc/stat"));
        string[] fields = reader.ReadLine()!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long Ticks(int index) => long.Parse(fields[index], CultureInfo.InvariantCulture);
        return (Ticks(1) + Ticks(2) + Ticks(3) + Ticks(6) + Ticks(7)) * Node.ProcessTable.TickMs;
    }
}
