using Gigawatt.Units;

namespace Gigawatt.Placement.Routing.Health;

/// <summary>How long to wait before a provider is called again for the same request.</summary>
/// <remarks>The figures are those of the official clients: half a second, doubled each time, at most eight, less up to a quarter of it by chance.</remarks>
public static class Backoff
{
    private static readonly Duration First = Duration.FromMilliseconds(500);
    private static readonly Duration Most = Duration.FromSeconds(8);

    /// <summary>The wait before a further attempt.</summary>
    /// <param name="failures">How many attempts failed so far, 1 or more.</param>
    /// <param name="random">Any number; equal numbers give equal waits.</param>
    /// <param name="retryAfter">What the provider asked for, which is then waited for exactly; null where it did not.</param>
    public static Duration Before(int failures, ulong random, Duration? retryAfter)
    {
        if (retryAfter is { } asked) { return asked; }
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        long full = Math.Min(Most.Nanoseconds, First.Nanoseconds << Math.Min(failures - 1, 10));
        return new(full - (long)(full / 4 * Chance.Unit(random, (uint)failures)));
    }
}
