namespace Gigawatt.Agents.Telemetry;

/// <summary>
/// Energy per accelerator. Where the device counts energy itself, that counter is read; where it only shows its
/// power (before Volta), power times time is summed from read to read.
/// </summary>
internal sealed class NvmlMeter(IAcceleratorDriver driver, TimeProvider time)
{
    private readonly Integral[] _integrals = new Integral[driver.Count];

    /// <summary>
    /// Millijoules up to now, from an origin that is the same for every read of this meter. Null for an unknown
    /// device and for one that answers neither question.
    /// </summary>
    public long? ReadMillijoules(int index)
    {
        if (index < 0 || index >= _integrals.Length) { return null; }
        if (driver.TotalMillijoules(index) is { } counted) { return counted; }
        if (driver.PowerMilliwatts(index) is not { } power) { return null; }
        ref Integral integral = ref _integrals[index];
        long now = time.GetTimestamp();
        if (integral.Begun)
        {
            double seconds = time.GetElapsedTime(integral.At, now).TotalSeconds;
            integral.Millijoules += (integral.Milliwatts + power) / 2.0 * seconds;
        }

        integral = integral with { Begun = true, At = now, Milliwatts = power };
        return (long)integral.Millijoules;
    }

    private record struct Integral(bool Begun, long At, long Milliwatts, double Millijoules);
}
