namespace Gigawatt.Placement.Fgd;

/// <summary>Remembers F by what it depends on, so that equal nodes are measured once.</summary>
/// <remarks>F asks of a node which typical CPU demands it covers, its accelerator type where a typical task cares for types, and
/// what its accelerators have left, in any order. Up to eight accelerators make an exact key of 128 bits; larger nodes are not
/// remembered. A slot holds the last key that fell on it, so the memory never grows.</remarks>
internal sealed class FragmentationMemo
{
    private const int MostAccelerators = 8;
    private const int SlotBits = 14;
    private const int BitsForMilli = 10;

    private readonly int[] _cpuLevels;
    private readonly bool _typesMatter;
    private readonly (ulong High, ulong Low, double Value)[] _slots = new (ulong, ulong, double)[1 << SlotBits];

    public FragmentationMemo(ReadOnlySpan<TypicalTask> typical)
    {
        var levels = new SortedSet<int>();
        foreach (TypicalTask task in typical)
        {
            levels.Add(task.Demand.CpuMilli);
            _typesMatter |= task.FitsNoType || task.Demand.AcceleratorTypes != 0;
        }

        _cpuLevels = [.. levels];
    }

    /// <summary>Looks a node up.</summary>
    /// <param name="cpuFreeMilli">Its free CPU.</param>
    /// <param name="type">Its accelerator type or -1.</param>
    /// <param name="free">What is left of each accelerator.</param>
    /// <param name="slot">Where to <see cref="Remember"/> it when it is not known; -1 when it cannot be.</param>
    /// <param name="value">F, when true is returned.</param>
    public bool TryFind(int cpuFreeMilli, int type, ReadOnlySpan<ushort> free, out int slot, out double value)
    {
        value = 0;
        slot = -1;
        if (free.Length > MostAccelerators) { return false; }
        Span<ushort> sorted = stackalloc ushort[MostAccelerators];
        Sort(free, sorted);
        ulong low = 0, high = (ulong)CpuLevel(cpuFreeMilli) << 32 | (_typesMatter ? (ulong)(type + 1) << 24 : 0);
        for (int i = 0; i < 6; i++) { low = low << BitsForMilli | sorted[i]; }
        high |= (ulong)sorted[6] << BitsForMilli | sorted[7];

        // The top bit tells a key from a slot that was never used.
        high |= 1UL << 63;
        slot = (int)(((low * 0x9E3779B97F4A7C15) ^ (high * 0xC2B2AE3D27D4EB4F)) * 0x9E3779B97F4A7C15 >> (64 - SlotBits));
        ref (ulong High, ulong Low, double Value) entry = ref _slots[slot];
        if (entry.High == high && entry.Low == low)
        {
            value = entry.Value;
            return true;
        }

        (entry.High, entry.Low) = (high, low);
        return false;
    }

    /// <summary>Keeps F of the node that <see cref="TryFind"/> just did not find.</summary>
    public void Remember(int slot, double value)
    {
        if (slot >= 0) { _slots[slot].Value = value; }
    }

    // Insertion sort, largest first: eight values at most, mostly in order already. Absent accelerators count as used up.
    private static void Sort(ReadOnlySpan<ushort> free, Span<ushort> sorted)
    {
        for (int i = 0; i < free.Length; i++)
        {
            int at = i;
            for (; at > 0 && sorted[at - 1] < free[i]; at--) { sorted[at] = sorted[at - 1]; }
            sorted[at] = free[i];
        }
    }

    private int CpuLevel(int cpuFreeMilli)
    {
        int at = Array.BinarySearch(_cpuLevels, cpuFreeMilli);
        return at >= 0 ? at + 1 : ~at;
    }
}
