using Gigawatt.Fleet;
using Gigawatt.Workloads;

namespace Gigawatt.Placement.Scoring;

/// <summary>Places each task on the node that fits with the highest score; of equal ones the first in order wins.</summary>
/// <remarks>What every node is worth to a demand is remembered by shape. The next task of that shape asks anew only about nodes that
/// changed since, so a decision costs what happened in between and not what the fleet is large. The choice is the one that a
/// look at every node would make.</remarks>
internal sealed class ScoredPolicy(INodeScorer scorer, IReadOnlyList<int>? ranks) : IPlacementPolicy
{
    // Scores in memory, over all shapes: 64 MiB. Shapes beyond that share slots and start afresh when they take turns.
    private const int MostScores = 16 * 1024 * 1024;
    private const int MostSlots = 4096;

    private FleetState? _fleet;
    private NodeOrder _order = new(null, 0);
    private ShapeScores?[] _slots = [];
    private long[] _askedIn = [];
    private long _pass;

    /// <inheritdoc/>
    public string Name => scorer.Name;

    /// <inheritdoc/>
    public string Rule => scorer.Rule;

    /// <inheritdoc/>
    public bool TryChoose(FleetState fleet, int shape, in TaskDemand demand, out TaskPlacement placement)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        if (!ReferenceEquals(fleet, _fleet) || fleet.NodeCount != _order.Count) { StartAfresh(fleet); }
        ShapeScores scores = ScoresOf(shape);
        CatchUp(fleet, scores, demand);
        int position = scores.Best.Find();
        if (position < 0)
        {
            placement = default;
            return false;
        }

        int node = _order.NodeAt(position);
        placement = new TaskPlacement(node, scorer.ChooseAccelerators(fleet, node, demand));
        return true;
    }

    private void StartAfresh(FleetState fleet)
    {
        _fleet = fleet;
        _order = new NodeOrder(ranks, fleet.NodeCount);
        _slots = new ShapeScores?[Math.Clamp(MostScores / Math.Max(1, fleet.NodeCount), 1, MostSlots)];
        _askedIn = new long[fleet.NodeCount];
        _pass = 0;
    }

    private ShapeScores ScoresOf(int shape)
    {
        ref ShapeScores? slot = ref _slots[shape % _slots.Length];
        slot ??= new ShapeScores(_order.Count);
        if (slot.Shape != shape)
        {
            slot.Shape = shape;
            slot.UpTo = ShapeScores.Unknown;
        }

        return slot;
    }

    private void CatchUp(FleetState fleet, ShapeScores scores, in TaskDemand demand)
    {
        ChangeLog changes = fleet.Changes;
        if (scores.UpTo == ShapeScores.Unknown || !changes.Reaches(scores.UpTo))
        {
            for (int node = 0; node < _order.Count; node++) { Ask(fleet, scores, node, demand); }
        }
        else
        {
            _pass++;
            for (long change = scores.UpTo; change < changes.Count; change++)
            {
                int node = changes[change];
                if (_askedIn[node] == _pass) { continue; }
                _askedIn[node] = _pass;
                Ask(fleet, scores, node, demand);
            }
        }

        scores.UpTo = changes.Count;
    }

    private void Ask(FleetState fleet, ShapeScores scores, int node, in TaskDemand demand) =>
        scores.Best.Set(_order.PositionOf(node), fleet.Fits(node, demand) ? scorer.Score(fleet, node, demand) : FirstMaximum.Absent);

    private sealed class ShapeScores(int nodes)
    {
        public const long Unknown = -1;

        public int Shape { get; set; } = -1;

        /// <summary>The number of the first change that is not in the scores yet.</summary>
        public long UpTo { get; set; } = Unknown;

        public FirstMaximum Best { get; } = new(nodes);
    }
}
