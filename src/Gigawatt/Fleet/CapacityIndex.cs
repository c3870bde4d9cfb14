using Gigawatt.Workloads;

namespace Gigawatt.Fleet;

/// <summary>Nodes that are up, by accelerator type and by how many of their accelerators are wholly free.</summary>
/// <remarks>Placing asks the shelf with the fewest free accelerators that still suffice, so work packs tightly and whole nodes
/// stay whole, and it asks a tree, so no decision looks at every node.</remarks>
internal sealed class CapacityIndex
{
    private readonly List<Pool> _pools = [];
    private int[] _poolOf = [];
    private int[] _positionOf = [];
    private byte[] _shelfOf = [];

    /// <summary>Adds consecutive nodes of one accelerator type; they are absent until <see cref="Set"/>.</summary>
    public void AddPool(int acceleratorType, int accelerators, int firstNode, int nodes)
    {
        int pool = _pools.FindIndex(p => p.AcceleratorType == acceleratorType);
        if (pool < 0)
        {
            // Pools stay sorted by type, CPU-only nodes (-1) first: CPU-only work must not take accelerators' hosts while others are free.
            pool = _pools.FindIndex(p => p.AcceleratorType > acceleratorType);
            pool = pool < 0 ? _pools.Count : pool;
            _pools.Insert(pool, new Pool(acceleratorType));
            for (int node = 0; node < firstNode; node++) { _poolOf[node] += _poolOf[node] >= pool ? 1 : 0; }
        }

        int needed = firstNode + nodes;
        if (needed > _poolOf.Length)
        {
            int size = Math.Max(needed, _poolOf.Length * 2);
            Array.Resize(ref _poolOf, size);
            Array.Resize(ref _positionOf, size);
            Array.Resize(ref _shelfOf, size);
        }

        for (int node = firstNode; node < needed; node++)
        {
            _poolOf[node] = pool;
            _positionOf[node] = _pools[pool].Nodes.Count;
            _shelfOf[node] = (byte)accelerators;
            _pools[pool].Nodes.Add(node);
        }

        _pools[pool].Grow(accelerators);
    }

    /// <summary>Puts a node on the shelf of its wholly free accelerators, with the room it has.</summary>
    public void Set(int node, byte wholeFree, in FreeRoom room)
    {
        Pool pool = _pools[_poolOf[node]];
        int position = _positionOf[node];
        if (_shelfOf[node] != wholeFree)
        {
            pool.Shelves[_shelfOf[node]].Set(position, FreeRoom.None);
            _shelfOf[node] = wholeFree;
        }

        pool.Shelves[wholeFree].Set(position, room);
    }

    /// <summary>The node that fits most tightly: fewest wholly free accelerators, then lowest id; -1 when none fits.</summary>
    public int FindTightest(in TaskDemand demand)
    {
        foreach (Pool pool in _pools)
        {
            if (!demand.Accepts(pool.AcceleratorType)) { continue; }
            int node = demand.IsFraction ? FindPart(pool, demand) : -1;
            if (node < 0) { node = FindWhole(pool, demand); }
            if (node >= 0) { return node; }
        }

        return -1;
    }

    private static int FindPart(Pool pool, in TaskDemand demand)
    {
        var need = new FreeRoom(demand.CpuMilli, demand.MemoryMib, demand.AcceleratorMilli);
        foreach (CapacityTree shelf in pool.Shelves)
        {
            int position = shelf.FindFirst(need);
            if (position >= 0) { return pool.Nodes[position]; }
        }

        return -1;
    }

    private static int FindWhole(Pool pool, in TaskDemand demand)
    {
        var need = new FreeRoom(demand.CpuMilli, demand.MemoryMib, -1);
        for (int shelf = demand.Accelerators; shelf < pool.Shelves.Count; shelf++)
        {
            int position = pool.Shelves[shelf].FindFirst(need);
            if (position >= 0) { return pool.Nodes[position]; }
        }

        return -1;
    }

    private sealed class Pool(int acceleratorType)
    {
        public int AcceleratorType { get; } = acceleratorType;

        public List<int> Nodes { get; } = [];

        public List<CapacityTree> Shelves { get; } = [];

        public void Grow(int accelerators)
        {
            while (Shelves.Count <= accelerators) { Shelves.Add(new CapacityTree()); }
            foreach (CapacityTree shelf in Shelves) { shelf.Grow(Nodes.Count); }
        }
    }
}
