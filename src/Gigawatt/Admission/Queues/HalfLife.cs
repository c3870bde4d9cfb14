using Gigawatt.Units;

namespace Gigawatt.Admission.Queues;

/// <summary>Forgetting by half, the same to the last bit on every machine.</summary>
internal static class HalfLife
{
    private const int Bits = 32;

    // Roots of one half: the square root is exact to the last bit by IEEE 754, which the power function is not.
    private static readonly double[] Roots = MakeRoots();

    /// <summary>What is left of 1 after a time: 2^(-elapsed / half-life), from 1 to 0.</summary>
    public static double Decay(Duration elapsed, Duration halfLife)
    {
        if (elapsed <= Duration.Zero) { return 1; }
        (long whole, long rest) = Math.DivRem(elapsed.Nanoseconds, halfLife.Nanoseconds);
        if (whole > 1000) { return 0; }
        var fraction = (ulong)(((UInt128)(ulong)rest << Bits) / (ulong)halfLife.Nanoseconds);
        double left = 1;
        for (int bit = 0; bit < Bits; bit++)
        {
            if ((fraction >> (Bits - 1 - bit) & 1) != 0) { left *= Roots[bit]; }
        }

        for (; whole > 0; whole--) { left *= 0.5; }
        return left;
    }

    private static double[] MakeRoots()
    {
        var roots = new double[Bits];
        double root = 0.5;
        for (int bit = 0; bit < Bits; bit++) { roots[bit] = root = Math.Sqrt(root); }
        return roots;
    }
}
