namespace Gigawatt.Fleet;

/// <summary>Free room of one node, or the component-wise maximum over many. Absent is all -1.</summary>
/// <param name="CpuMilli">Free thousandths of a core.</param>
/// <param name="MemoryMib">Free memory in MiB.</param>
/// <param name="PartMilli">The most that is left of any accelerator already shared, in thousandths.</param>
internal readonly record struct FreeRoom(int CpuMilli, int MemoryMib, int PartMilli)
{
    public static readonly FreeRoom None = new(-1, -1, -1);

    public bool Covers(in FreeRoom need) =>
        CpuMilli >= need.CpuMilli && MemoryMib >= need.MemoryMib && PartMilli >= need.PartMilli;
}

/// <summary>Finds the first position with enough room without looking at every position.</summary>
/// <remarks>A tree of fan-out 16 whose inner entries hold the component-wise maximum below them. A change costs at most
/// 16 comparisons a level (4 levels for 100,000 nodes) and a search descends only where the maximum covers the need. A block's
/// maxima may come from different nodes, so a descent can fail and go on to the next block; it never misses a node.</remarks>
internal sealed class CapacityTree
{
    private const int Shift = 4;
    private const int FanOut = 1 << Shift;

    private FreeRoom[][] _levels = [[]];

    public int Count { get; private set; }

    /// <summary>Makes room for positions up to <paramref name="count"/>; new ones are absent.</summary>
    public void Grow(int count)
    {
        if (count <= _levels[0].Length)
        {
            Count = Math.Max(Count, count);
            return;
        }

        var leaves = new FreeRoom[Math.Max(count, Count * 2)];
        Array.Fill(leaves, FreeRoom.None);
        Array.Copy(_levels[0], leaves, Count);
        Count = count;
        var levels = new List<FreeRoom[]> { leaves };
        while (levels[^1].Length > FanOut)
        {
            FreeRoom[] below = levels[^1];
            var above = new FreeRoom[(below.Length + FanOut - 1) >> Shift];
            for (int block = 0; block < above.Length; block++) { above[block] = Maximum(below, block); }
            levels.Add(above);
        }

        _levels = [.. levels];
    }

    /// <summary>Sets the room at a position and repairs the maxima above it.</summary>
    public void Set(int position, in FreeRoom room)
    {
        if (_levels[0][position] == room) { return; }
        _levels[0][position] = room;
        for (int level = 1; level < _levels.Length; level++)
        {
            position >>= Shift;
            FreeRoom maximum = Maximum(_levels[level - 1], position);
            if (_levels[level][position] == maximum) { return; }
            _levels[level][position] = maximum;
        }
    }

    /// <summary>The first position at or after <paramref name="from"/> whose room covers the need, or -1.</summary>
    public int FindFirst(in FreeRoom need, int from = 0)
    {
        int top = _levels.Length - 1;
        FreeRoom[] entries = _levels[top];
        for (int i = from >> (Shift * top); i < entries.Length; i++)
        {
            int found = entries[i].Covers(need) ? Descend(top, i, need, from) : -1;
            if (found >= 0) { return found; }
        }

        return -1;
    }

    private int Descend(int level, int index, in FreeRoom need, int from)
    {
        if (level == 0) { return index >= from ? index : -1; }
        FreeRoom[] below = _levels[level - 1];
        int end = Math.Min((index + 1) << Shift, below.Length);
        for (int i = Math.Max(index << Shift, from >> (Shift * (level - 1))); i < end; i++)
        {
            int found = below[i].Covers(need) ? Descend(level - 1, i, need, from) : -1;
            if (found >= 0) { return found; }
        }

        return -1;
    }

    private static FreeRoom Maximum(FreeRoom[] below, int block)
    {
        int end = Math.Min((block + 1) << Shift, below.Length);
        int cpu = -1, memory = -1, part = -1;
        for (int i = block << Shift; i < end; i++)
        {
            cpu = Math.Max(cpu, below[i].CpuMilli);
            memory = Math.Max(memory, below[i].MemoryMib);
            part = Math.Max(part, below[i].PartMilli);
        }

        return new FreeRoom(cpu, memory, part);
    }
}
