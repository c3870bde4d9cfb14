using System.Globalization;

namespace Gigawatt.Tests.Simulations;

/// <summary>Runs a simulation with many seeds. One that fails names its seed; GIGAWATT_SEED runs that one again, step for step the
/// same, and GIGAWATT_SEEDS sets how many there are.</summary>
internal static class Seeds
{
    public static void Run(int count, Action<Random> simulate)
    {
        if (Number("GIGAWATT_SEED") is { } one)
        {
            simulate(new Random(one));
            return;
        }

        Parallel.For(0, Number("GIGAWATT_SEEDS") ?? count, seed =>
        {
            try { simulate(new Random(seed)); }
            catch (Exception e) { throw new InvalidOperationException($"Seed {seed} fails; run it again with GIGAWATT_SEED={seed}. {e.Message}", e); }
        });
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
