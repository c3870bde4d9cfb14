namespace Gigawatt.Placement.Routing;

/// <summary>Numbers that look random, as functions of one that is. The mixing is that of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
internal static class Chance
{
    /// <summary>A number from 0 up to, not including, 1.</summary>
    public static double Unit(ulong random, ulong salt) => (Mix(random ^ Mix(salt)) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A key by which the smallest of several is each with a probability of its weight (Efraimidis and Spirakis, 2006).</summary>
    public static double Key(ulong random, ulong salt, int weight) =>
        weight <= 0 ? double.MaxValue : -Math.Log(1 - Unit(random, salt)) / weight;

    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
