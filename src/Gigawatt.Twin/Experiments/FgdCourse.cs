using Gigawatt.Fleet;
using Gigawatt.Placement.Fgd;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Experiments;

/// <summary>Follows allocation and fragmentation while pods arrive.</summary>
/// <remarks>After each pod, placed or not, the arrived accelerators in percent of all, rounded half to even, name the load at which the
/// percentages of that moment count. The allocated one is rounded to 0.01 first, as in the published tables.</remarks>
internal sealed class FgdCourse
{
    private readonly FleetState _fleet;
    private readonly FragmentationMeasure _measure;
    private readonly double[] _fragmentedOf;
    private long _arrivedMilli;

    public FgdCourse(FleetState fleet, FragmentationMeasure measure)
    {
        _fleet = fleet;
        _measure = measure;
        _fragmentedOf = new double[fleet.NodeCount];
        for (int node = 0; node < _fragmentedOf.Length; node++) { Measure(node); }
    }

    /// <summary>Allocated percent by load.</summary>
    public LoadCurve Allocation { get; } = new();

    /// <summary>Fragmented percent by load.</summary>
    public LoadCurve Fragmented { get; } = new();

    /// <summary>Sum of F over the nodes, in thousandths of accelerators.</summary>
    public double FragmentedMilli { get; private set; }

    /// <summary>Takes note of a pod that arrived.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="node">Where it was placed, or -1.</param>
    public void Note(JobSpec pod, int node)
    {
        _arrivedMilli += (long)pod.Accelerators * pod.AcceleratorMilli;
        if (node >= 0) { Measure(node); }
        long capacity = _fleet.AcceleratorCapacityMilli;
        int load = (int)RoundHalfEven(100 * _arrivedMilli, capacity);
        Allocation.Add(load, RoundHalfEven(10_000 * _fleet.AcceleratorUsedMilli, capacity) / 100.0);
        Fragmented.Add(load, 100 * FragmentedMilli / capacity);
    }

    // The whole number nearest to a fraction that is not negative; of two equally near, the even one.
    private static long RoundHalfEven(long numerator, long denominator)
    {
        (long whole, long rest) = Math.DivRem(numerator, denominator);
        long half = rest * 2 - denominator;
        return half > 0 || (half == 0 && whole % 2 != 0) ? whole + 1 : whole;
    }

    private void Measure(int node)
    {
        double now = _measure.Of(_fleet, node);
        FragmentedMilli += now - _fragmentedOf[node];
        _fragmentedOf[node] = now;
    }
}
