using Gigawatt.Workloads;

namespace Gigawatt.Fleet;

/// <content>Holding and releasing capacity.</content>
public sealed partial class FleetState
{
    /// <summary>Nodes whose free capacity changed, in order, for policies that remember scores.</summary>
    public ChangeLog Changes { get; } = new();

    /// <summary>Takes a placement's capacity. The placement must fit: a policy that says otherwise is a bug.</summary>
    /// <exception cref="InvalidOperationException">Something is held already, or more than there is.</exception>
    public void Hold(in TaskDemand demand, in TaskPlacement placement)
    {
        int node = placement.Node;
        if (_cpuFreeMilli[node] < demand.CpuMilli || _memoryFreeMib[node] < demand.MemoryMib
            || ulong.PopCount(placement.AcceleratorMask) != (ulong)demand.Accelerators)
        {
            ThrowDoesNotFit(node);
        }

        Take(node, placement.AcceleratorMask, demand.AcceleratorMilli, HolderOf(demand));
        _cpuFreeMilli[node] -= demand.CpuMilli;
        _memoryFreeMib[node] -= demand.MemoryMib;
        AcceleratorUsedMilli += demand.TotalAcceleratorMilli;
        CpuUsedMilli += demand.CpuMilli;
        Reindex(node);
    }

    /// <summary>Gives a placement's capacity back.</summary>
    /// <exception cref="InvalidOperationException">It was not held.</exception>
    public void Release(in TaskDemand demand, in TaskPlacement placement)
    {
        Undo(demand, placement);
        FreedVersion++;
    }

    /// <summary>Takes back a <see cref="Hold"/> of the same decision: nothing became free that was not free before it.</summary>
    internal void Undo(in TaskDemand demand, in TaskPlacement placement)
    {
        int node = placement.Node;
        Take(node, placement.AcceleratorMask, -demand.AcceleratorMilli, HolderOf(demand));
        _cpuFreeMilli[node] += demand.CpuMilli;
        _memoryFreeMib[node] += demand.MemoryMib;
        AcceleratorUsedMilli -= demand.TotalAcceleratorMilli;
        CpuUsedMilli -= demand.CpuMilli;
        Reindex(node);
    }

    private void Take(int node, ulong mask, int milli, byte holder)
    {
        Span<ushort> free = _acceleratorFreeMilli.AsSpan(_firstAccelerator[node], _acceleratorCount[node]);
        Span<byte> holders = _acceleratorHolder.AsSpan(_firstAccelerator[node], _acceleratorCount[node]);
        int whole = _wholeFree[node];
        for (; mask != 0; mask &= mask - 1)
        {
            int accelerator = System.Numerics.BitOperations.TrailingZeroCount(mask);
            if (accelerator >= free.Length) { ThrowDoesNotFit(node); }
            int before = free[accelerator];
            int after = before - milli;
            if (after is < 0 or > TaskDemand.WholeAccelerator) { ThrowDoesNotFit(node); }
            free[accelerator] = (ushort)after;
            holders[accelerator] = after == TaskDemand.WholeAccelerator ? HeldByNobody : holder;
            whole += (after == TaskDemand.WholeAccelerator ? 1 : 0) - (before == TaskDemand.WholeAccelerator ? 1 : 0);
        }

        _wholeFree[node] = (byte)whole;
    }

    private static byte HolderOf(in TaskDemand demand) => demand.IsFraction ? HeldInParts : (byte)demand.Accelerators;

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void ThrowDoesNotFit(int node) =>
        throw new InvalidOperationException($"A placement on {NameOf(node)} does not fit what is free there.");
}
