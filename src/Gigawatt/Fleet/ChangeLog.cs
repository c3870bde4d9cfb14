namespace Gigawatt.Fleet;

/// <summary>The last 4,096 changed nodes, so that a reader that remembers something per node can catch up without looking at all of them.</summary>
public sealed class ChangeLog
{
    private const int Capacity = 4096;
    private readonly int[] _nodes = new int[Capacity];

    /// <summary>Changes ever made; the number of the next one.</summary>
    public long Count { get; private set; }

    /// <summary>The node of change number <paramref name="change"/>.</summary>
    /// <param name="change">From <see cref="Count"/> - 4,096 to <see cref="Count"/> - 1.</param>
    public int this[long change] => _nodes[change & (Capacity - 1)];

    /// <summary>Whether every change since number <paramref name="since"/> is still there; otherwise the reader starts afresh.</summary>
    public bool Reaches(long since) => Count - since <= Capacity;

    internal void Add(int node) => _nodes[Count++ & (Capacity - 1)] = node;
}
