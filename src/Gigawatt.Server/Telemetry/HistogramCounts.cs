namespace Gigawatt.Server.Telemetry;

/// <summary>Counts of values by size. Recording takes no lock and allocates nothing.</summary>
/// <param name="bounds">Upper bounds of the buckets, inclusive and ascending; one more bucket takes what is above.</param>
internal sealed class HistogramCounts(long[] bounds)
{
    private static readonly double[] DurationSeconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    private static readonly double[] FirstSeconds = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>The GenAI conventions' bounds for tokens.</summary>
    public static readonly long[] TokenBounds = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

    /// <summary>The GenAI conventions' bounds for the duration of an operation, in nanoseconds.</summary>
    public static readonly long[] DurationBounds = [.. DurationSeconds.Select(s => (long)(s * 1e9))];

    /// <summary>The GenAI conventions' bounds for the time to the first token, in nanoseconds.</summary>
    public static readonly long[] FirstBounds = [.. FirstSeconds.Select(s => (long)(s * 1e9))];

    private readonly long[] _counts = new long[bounds.Length + 1];
    private long _sum;

    /// <summary>Upper bounds of the buckets.</summary>
    public ReadOnlySpan<long> Bounds => bounds;

    /// <summary>The sum of all values.</summary>
    public long Sum => Volatile.Read(ref _sum);

    /// <summary>The count of a bucket alone, by its index.</summary>
    public long Count(int bucket) => Volatile.Read(ref _counts[bucket]);

    /// <summary>Counts a value.</summary>
    public void Record(long value)
    {
        int bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket]) { bucket++; }
        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _sum, value);
    }
}
