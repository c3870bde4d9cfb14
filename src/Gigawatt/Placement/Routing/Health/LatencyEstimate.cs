using Gigawatt.Units;

namespace Gigawatt.Placement.Routing.Health;

/// <summary>An exponentially weighted mean of the time to first byte, which fades when nothing is measured. For any number of threads, without a lock.</summary>
/// <remarks>It fades so that a target that was slow once is tried again: an estimate that nobody renews halves every 30 s.</remarks>
public sealed class LatencyEstimate
{
    private const double TimeConstantMs = 10_000;
    private const double WeightMax = 0.8;
    private const double HalfLifeMs = 30_000;

    // The mean in the low half as a float of milliseconds, the time of its last sample in the high half as milliseconds modulo
    // 2^32, so that both change together.
    private long _packed;

    /// <summary>Takes a measured time.</summary>
    public void Add(Instant now, Duration sample)
    {
        uint stamp = Stamp(now);
        float measured = (float)Math.Max(0.001, sample.Nanoseconds / 1e6);
        long seen = Volatile.Read(ref _packed);
        while (true)
        {
            float mean = Mean(seen);
            // Samples that come close together would count for nothing if the weight depended on time alone.
            double keep = mean == 0 ? 0 : Math.Min(WeightMax, Math.Exp(-Age(seen, stamp) / TimeConstantMs));
            long next = Pack((float)(mean * keep + measured * (1 - keep)), stamp);
            long before = Interlocked.CompareExchange(ref _packed, next, seen);
            if (before == seen) { return; }
            seen = before;
        }
    }

    /// <summary>The mean in milliseconds at a moment; 0 while nothing was measured.</summary>
    public double MillisecondsAt(Instant now)
    {
        long packed = Volatile.Read(ref _packed);
        float mean = Mean(packed);
        return mean == 0 ? 0 : mean * Math.Pow(2, -Age(packed, Stamp(now)) / HalfLifeMs);
    }

    private static uint Stamp(Instant now) => unchecked((uint)(now.Nanoseconds / 1_000_000));

    private static float Mean(long packed) => BitConverter.Int32BitsToSingle(unchecked((int)packed));

    private static double Age(long packed, uint stamp) => Math.Max(0, unchecked((int)(stamp - (uint)(packed >> 32))));

    private static long Pack(float mean, uint stamp) => ((long)stamp << 32) | (uint)BitConverter.SingleToInt32Bits(mean);
}
