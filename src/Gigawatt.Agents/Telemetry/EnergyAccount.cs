using System.Globalization;
using Gigawatt.Units;

namespace Gigawatt.Agents.Telemetry;

/// <summary>
/// Adds up one task's energy from reading to reading:
/// <code>
/// cpu          += package energy of the interval × task's CPU time / CPU time of everything on the machine
/// accelerators += energy of the devices it holds, all of it: a device is held by one task at a time
/// </code>
/// The power that idle processors draw is thus shared out over whatever ran, in proportion; over all processes of
/// the machine the shares add up to what the packages used. Memory, fans and power supplies are in neither meter.
/// </summary>
/// <remarks>
/// Intervals without a reading, an agent that was away for example, are not guessed. If less than
/// <see cref="Coverage"/> of the task's life was read, the figure is withheld rather than given too small.
/// </remarks>
internal sealed class EnergyAccount(IReadOnlyList<int> accelerators)
{
    /// <summary>The part of a task's life that must have been metered.</summary>
    public const double Coverage = 0.9;

    private Tally _cpu;
    private Tally _accelerators;
    private MeterReading? _last;

    /// <summary>The task's CPU time so far. It never shrinks, although processes that nobody waited for take theirs with them.</summary>
    public long CpuMilliseconds { get; private set; }

    /// <summary>Takes in a reading and the task's CPU time at that moment.</summary>
    public void Sample(MeterReading reading, long cpuMilliseconds)
    {
        long used = Math.Max(0, cpuMilliseconds - CpuMilliseconds);
        CpuMilliseconds += used;
        if (_last is { } last)
        {
            long interval = reading.AtNs - last.AtNs;
            if (reading.PackageMicrojoules - last.PackageMicrojoules is { } package)
            {
                long busy = Math.Max(reading.BusyMs - last.BusyMs, used);
                _cpu.Add(used == 0 ? 0 : package * (double)used / busy, interval);
            }

            if (accelerators.Count > 0 && Held(reading) - Held(last) is { } devices) { _accelerators.Add(devices * 1e3, interval); }
        }

        _last = reading;
    }

    /// <summary>What was measured over a life of this length.</summary>
    public TaskEnergy Close(Duration lived) => TaskEnergy.From(_cpu.Over(lived), _accelerators.Over(lived));

    /// <summary>One line that <see cref="Restore"/> reads; the meters' positions are not in it, an absence stays a gap.</summary>
    public string Save() => string.Create(
        CultureInfo.InvariantCulture,
        $"{CpuMilliseconds} {_cpu.Microjoules:R} {_cpu.CoveredNs} {_accelerators.Microjoules:R} {_accelerators.CoveredNs}");

    /// <summary>Goes on from a saved line; from nothing when there is none or it cannot be read.</summary>
    public void Restore(string? line)
    {
        if (line?.Split(' ') is [var cpu, var package, var packageNs, var devices, var devicesNs]
            && long.TryParse(cpu, CultureInfo.InvariantCulture, out long milliseconds)
            && Tally.TryParse(package, packageNs, out Tally cpuTally)
            && Tally.TryParse(devices, devicesNs, out Tally acceleratorTally))
        {
            (CpuMilliseconds, _cpu, _accelerators) = (milliseconds, cpuTally, acceleratorTally);
        }
    }

    private long? Held(MeterReading reading)
    {
        long? sum = 0;
        foreach (int index in accelerators)
        {
            sum += index >= 0 && index < reading.AcceleratorMillijoules.Count ? reading.AcceleratorMillijoules[index] : null;
        }

        return sum;
    }

    private record struct Tally(double Microjoules, long CoveredNs)
    {
        public void Add(double microjoules, long intervalNs)
        {
            Microjoules += microjoules;
            CoveredNs += intervalNs;
        }

        public readonly Joules? Over(Duration lived) =>
            CoveredNs > 0 && CoveredNs >= lived.Nanoseconds * Coverage ? Joules.FromJoules(Microjoules / 1e6) : null;

        public static bool TryParse(string microjoules, string coveredNs, out Tally tally)
        {
            tally = default;
            if (!double.TryParse(microjoules, CultureInfo.InvariantCulture, out double energy)
                || !long.TryParse(coveredNs, CultureInfo.InvariantCulture, out long covered))
            {
                return false;
            }

            tally = new(energy, covered);
            return true;
        }
    }
}
