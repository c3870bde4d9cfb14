namespace Gigawatt.Placement.Scoring;

/// <summary>The order in which equal nodes are preferred: by rank, then by id. Nodes without a rank come last.</summary>
internal sealed class NodeOrder
{
    private readonly int[] _nodeAt;
    private readonly int[] _positionOf;

    public NodeOrder(IReadOnlyList<int>? ranks, int nodes)
    {
        _nodeAt = new int[nodes];
        _positionOf = new int[nodes];
        long[] keys = new long[nodes];
        for (int node = 0; node < nodes; node++)
        {
            long rank = ranks is null ? 0 : node < ranks.Count ? ranks[node] : int.MaxValue;
            keys[node] = (rank << 32) | (uint)node;
            _nodeAt[node] = node;
        }

        Array.Sort(keys, _nodeAt);
        for (int position = 0; position < nodes; position++) { _positionOf[_nodeAt[position]] = position; }
    }

    /// <summary>Nodes in the order.</summary>
    public int Count => _nodeAt.Length;

    /// <summary>The node at a position.</summary>
    public int NodeAt(int position) => _nodeAt[position];

    /// <summary>The position of a node.</summary>
    public int PositionOf(int node) => _positionOf[node];
}
