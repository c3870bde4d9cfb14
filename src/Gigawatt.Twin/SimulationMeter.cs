using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Placement.Fgd;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin;

/// <summary>Keeps the figures of a simulation while time passes.</summary>
internal sealed class SimulationMeter
{
    private readonly FleetState _fleet;
    private readonly FragmentationMeasure _measure;
    private readonly double[] _fragmentedOf;
    private readonly List<long> _waits;
    private readonly Instant _start;
    private Instant _now;
    private Int128 _usedMilliNanoseconds;
    private double _fragmentedMilli;
    private double _fragmentedMilliSeconds;
    private long _changesSeen;
    private int _dropped;
    private int _refused;
    private int _completed;

    public SimulationMeter(FleetState fleet, IReadOnlyList<TypicalTask> typical, int jobs, Instant start)
    {
        _fleet = fleet;
        _measure = new FragmentationMeasure(typical);
        _fragmentedOf = new double[fleet.NodeCount];
        _waits = new List<long>(jobs);
        _start = _now = start;
        MeasureAll();
    }

    /// <summary>Counts what is held for the time up to an instant.</summary>
    public void PassTo(Instant at)
    {
        Duration passed = at - _now;
        _usedMilliNanoseconds += (Int128)_fleet.AcceleratorUsedMilli * passed.Nanoseconds;
        _fragmentedMilliSeconds += _fragmentedMilli * passed.Seconds;
        _now = at;
    }

    /// <summary>Takes note of the nodes that changed.</summary>
    public void CatchUp()
    {
        if (!_fleet.Changes.Reaches(_changesSeen))
        {
            MeasureAll();
            return;
        }

        for (; _changesSeen < _fleet.Changes.Count; _changesSeen++) { Measure(_fleet.Changes[_changesSeen]); }
    }

    public void Placed(Duration wait) => _waits.Add(wait.Nanoseconds);

    public void Ended(JobPhase phase)
    {
        if (phase == JobPhase.Succeeded) { _completed++; }
        if (phase == JobPhase.Dropped) { _dropped++; }

        // A job of a trace exits with 0 or is stopped, so one that failed was refused.
        if (phase == JobPhase.Failed) { _refused++; }
    }

    public SimulationResult Result(SimulationInput input, CellState cell)
    {
        _waits.Sort();
        Duration elapsed = _now - _start;
        double capacity = _fleet.AcceleratorCapacityMilli;
        bool timed = elapsed > Duration.Zero;
        double used = timed ? (double)_usedMilliNanoseconds / elapsed.Nanoseconds : _fleet.AcceleratorUsedMilli;
        double fragmented = timed ? _fragmentedMilliSeconds / elapsed.Seconds : _fragmentedMilli;
        return new SimulationResult
        {
            Policy = input.Policy,
            Seed = input.Seed,
            Workload = input.Workload,
            Jobs = input.Jobs.Count,
            Placed = _waits.Count,
            Dropped = _dropped,
            Refused = _refused,
            Completed = _completed,
            WaitMean = new Duration(_waits.Count == 0 ? 0 : (long)(_waits.Aggregate((Int128)0, (sum, wait) => sum + wait) / _waits.Count)),
            WaitMedian = Wait(50),
            WaitP90 = Wait(90),
            WaitP99 = Wait(99),
            WaitMax = Wait(100),
            Elapsed = elapsed,
            AllocationPercent = capacity == 0 ? 0 : 100 * used / capacity,
            FragmentedPercent = capacity == 0 ? 0 : 100 * fragmented / capacity,
            Steps = cell.Steps,
            Hash = cell.Hash.ToString(),
        };
    }

    // The smallest wait that so many percent do not exceed (nearest rank).
    private Duration Wait(int percent) =>
        _waits.Count == 0 ? Duration.Zero : new Duration(_waits[(int)(((long)_waits.Count * percent + 99) / 100) - 1]);

    private void MeasureAll()
    {
        for (int node = 0; node < _fragmentedOf.Length; node++) { Measure(node); }
        _changesSeen = _fleet.Changes.Count;
    }

    private void Measure(int node)
    {
        double now = _measure.Of(_fleet, node);
        _fragmentedMilli += now - _fragmentedOf[node];
        _fragmentedOf[node] = now;
    }
}
