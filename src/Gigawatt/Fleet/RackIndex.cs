namespace Gigawatt.Fleet;

/// <summary>What is free in each rack in sum, so that a gang finds a rack without a look at every one.</summary>
internal sealed class RackIndex
{
    private readonly CapacityTree _tree = new();
    private readonly List<(int FirstNode, int Nodes)> _racks = [];
    private int[] _cpuMilli = [];
    private int[] _wholeFree = [];
    private int[] _countedCpuMilli = [];
    private int[] _countedWholeFree = [];

    public int FirstNodeOf(int rack) => _racks[rack].FirstNode;

    public int NodesOf(int rack) => _racks[rack].Nodes;

    /// <summary>Adds racks of equal size with consecutive nodes; nothing is free in them until <see cref="Set"/>.</summary>
    public void Add(int firstRack, int racks, int firstNode, int nodesPerRack)
    {
        for (int rack = 0; rack < racks; rack++) { _racks.Add((firstNode + rack * nodesPerRack, nodesPerRack)); }
        Grow(ref _cpuMilli, firstRack + racks);
        Grow(ref _wholeFree, firstRack + racks);
        Grow(ref _countedCpuMilli, firstNode + racks * nodesPerRack);
        Grow(ref _countedWholeFree, firstNode + racks * nodesPerRack);
        _tree.Grow(firstRack + racks);
    }

    /// <summary>Counts what a node has free; what it had before no longer counts.</summary>
    public void Set(int rack, int node, int cpuMilli, int wholeFree)
    {
        // A node that is down has -1; it adds nothing.
        cpuMilli = Math.Max(cpuMilli, 0);
        _cpuMilli[rack] += cpuMilli - _countedCpuMilli[node];
        _wholeFree[rack] += wholeFree - _countedWholeFree[node];
        _countedCpuMilli[node] = cpuMilli;
        _countedWholeFree[node] = wholeFree;
        _tree.Set(rack, new FreeRoom(_cpuMilli[rack], _wholeFree[rack], 0));
    }

    /// <summary>The first rack from <paramref name="from"/> on with so much free in sum, or -1.</summary>
    public int FindFirst(int cpuMilli, int wholeFree, int from) => from >= _racks.Count ? -1 : _tree.FindFirst(new FreeRoom(cpuMilli, wholeFree, 0), from);

    private static void Grow(ref int[] array, int size)
    {
        if (size > array.Length) { Array.Resize(ref array, Math.Max(size, array.Length * 2)); }
    }
}
