using System.Runtime.InteropServices;

namespace Gigawatt.Twin.Experiments;

/// <summary>Means of a percentage over the arrivals at each whole percent of load.</summary>
/// <remarks>As the published tables were made from the simulator's log, with pandas: where no arrival fell on a load, those one percent
/// to either side count. A mean that lies on a tie of its last digit is rounded by the last bits of the sum, so the sum is
/// added up in NumPy's order.</remarks>
internal sealed class LoadCurve
{
    private const int HeadlineLoad = 130;

    private readonly List<List<double>> _byLoad = [];

    /// <summary>The mean at each load, to 0.01; null where no arrival was within one percent.</summary>
    public IReadOnlyList<decimal?> ByLoad => [.. Enumerable.Range(0, _byLoad.Count).Select(At)];

    /// <summary>The mean at load 130, where the published tables end, or at the last load before it; 0 without arrivals.</summary>
    public decimal Headline
    {
        get
        {
            for (int load = HeadlineLoad; load >= 0; load--)
            {
                if (At(load) is { } mean) { return mean; }
            }

            return 0;
        }
    }

    /// <summary>Adds the percentage after one arrival.</summary>
    /// <param name="load">Arrived percent.</param>
    /// <param name="percent">The value.</param>
    public void Add(int load, double percent)
    {
        while (_byLoad.Count <= load) { _byLoad.Add([]); }
        _byLoad[load].Add(percent);
    }

    private decimal? At(int load)
    {
        List<double> values = Values(load);
        if (values.Count == 0) { values = [.. Values(load - 1), .. Values(load + 1)]; }
        return values.Count == 0 ? null : (decimal)Math.Round(PairwiseSum(CollectionsMarshal.AsSpan(values)) / values.Count * 100) / 100;
    }

    private List<double> Values(int load) => load >= 0 && load < _byLoad.Count ? _byLoad[load] : [];

    // NumPy's order (numpy/_core/src/umath/loops_utils.h.src): eight running sums up to 128 values, halves beyond.
    private static double PairwiseSum(ReadOnlySpan<double> values)
    {
        if (values.Length > 128)
        {
            int half = values.Length / 2 / 8 * 8;
            return PairwiseSum(values[..half]) + PairwiseSum(values[half..]);
        }

        int whole = values.Length / 8 * 8;
        double sum = 0;
        if (whole > 0)
        {
            Span<double> sums = stackalloc double[8];
            for (int i = 0; i < whole; i++) { sums[i % 8] += values[i]; }
            sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
        }

        foreach (double value in values[whole..]) { sum += value; }
        return sum;
    }
}
