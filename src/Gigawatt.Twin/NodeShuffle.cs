namespace Gigawatt.Twin;

/// <summary>Draws a preference among equal nodes from a seed, the same one everywhere.</summary>
internal static class NodeShuffle
{
    /// <summary>A permutation of 0 to <paramref name="nodes"/> - 1: Fisher and Yates's shuffle with Vigna's SplitMix64.</summary>
    public static int[] Ranks(int nodes, long seed)
    {
        int[] ranks = [.. Enumerable.Range(0, nodes)];
        ulong state = (ulong)seed;
        for (int i = nodes - 1; i > 0; i--)
        {
            int j = (int)((UInt128)Next(ref state) * (uint)(i + 1) >> 64);
            (ranks[i], ranks[j]) = (ranks[j], ranks[i]);
        }

        return ranks;
    }

    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
