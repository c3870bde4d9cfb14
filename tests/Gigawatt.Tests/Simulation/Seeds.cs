using System.Globalization;
using System.Runtime.CompilerServices;

namespace Gigawatt.Tests.Simulation;

/// <summary>Runs a simulation with many seeds. One that fails prints the command that runs it again, step for step the same:
/// GIGAWATT_SEED runs that one seed, and GIGAWATT_SEEDS sets how many there are.</summary>
internal static class Seeds
{
    /// <param name="count">How many seeds, from 0 on.</param>
    /// <param name="simulate">One run; all its chance comes from its argument.</param>
    /// <param name="file">The file of the test, which is named as its class.</param>
    public static void Run(int count, Action<Random> simulate, [CallerFilePath] string file = "")
    {
        if (Number("GIGAWATT_SEED") is { } one)
        {
            simulate(new Random(one));
            return;
        }

        string test = $"{typeof(Seeds).Namespace}.{Path.GetFileNameWithoutExtension(file)}";
        Parallel.For(0, Number("GIGAWATT_SEEDS") ?? count, seed =>
        {
            try { simulate(new Random(seed)); }
            catch (Exception e) { throw new InvalidOperationException($"Seed {seed} fails. Run it again with: GIGAWATT_SEED={seed} ./gw test --filter-class {test}\n{e.Message}", e); }
        });
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
