using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Workloads;

namespace Gigawatt.Tests.Placement;

/// <summary>The published policies written straight from their rules: every node is scored for every task and nothing is remembered.
/// What the policies of the product are compared with, in decisions and in time.</summary>
/// <remarks>Rules: Weng et al., "Beware of Fragmentation", USENIX ATC 2023, and the simulator behind it. Shares no code
/// with the product but the fleet's state and the definition of what fits.</remarks>
internal sealed class NaiveScan(string policy, PlacementOptions options) : IPlacementPolicy
{
    private readonly TypicalTask[] _typical = [.. options.Typical ?? []];
    private int[] _order = [];

    public string Name => policy;

    public string Rule => "every node scored";

    public bool TryChoose(FleetState fleet, int shape, in TaskDemand demand, out TaskPlacement placement)
    {
        if (_order.Length != fleet.NodeCount)
        {
            IReadOnlyList<int>? ranks = options.NodeRanks;
            _order = [.. Enumerable.Range(0, fleet.NodeCount).OrderBy(n => ranks is null ? 0 : n < ranks.Count ? ranks[n] : int.MaxValue)];
        }

        int best = -1;
        long bestScore = 0;
        foreach (int node in _order)
        {
            if (!fleet.Fits(node, demand)) { continue; }
            long score = Score(fleet, node, demand, out _);
            if (best >= 0 && score <= bestScore) { continue; }
            best = node;
            bestScore = score;
        }

        placement = default;
        if (best < 0) { return false; }
        Score(fleet, best, demand, out int part);
        placement = new TaskPlacement(best, Mask(fleet.AcceleratorsFreeMilli(best), demand, part));
        return true;
    }

    private long Score(FleetState fleet, int node, in TaskDemand demand, out int part)
    {
        part = -1;
        ReadOnlySpan<ushort> left = fleet.AcceleratorsFreeMilli(node);
        long cpuLeft = fleet.CpuFreeMilli(node), cpu = demand.CpuMilli, gpuLeft = Sum(left), gpu = (long)demand.Accelerators * demand.AcceleratorMilli;
        return policy switch
        {
            "fgd" => FgdScore(left, cpuLeft, fleet.AcceleratorTypeOf(node), demand, out part),
            "best-fit" => (long)(100 * (1 - ((0.5 * ((cpuLeft - cpu) / 128000.0)) + (0.5 * ((gpuLeft - gpu) / 8000.0))))),
            "dot-product" => (long)(100 * (1 - (((cpuLeft / 128000.0 * (cpu / 128000.0)) + (gpuLeft / 8000.0 * (gpu / 8000.0))) / 2))),
            "gpu-packing" => PackingScore(left, demand),
            "gpu-clustering" => ClusteringScore(fleet.AcceleratorHolders(node), gpuLeft, demand),
            _ => throw new ArgumentException(policy),
        };
    }

    private long FgdScore(ReadOnlySpan<ushort> left, long cpuLeft, int type, in TaskDemand demand, out int part)
    {
        part = -1;
        double before = Fragmentation(left, cpuLeft, type);
        Span<ushort> after = stackalloc ushort[left.Length];
        if (!demand.IsFraction)
        {
            left.CopyTo(after);
            for (int i = 0, taken = 0; taken < demand.Accelerators; i++)
            {
                if (after[i] == 1000) { after[i] = 0; taken++; }
            }

            return Sigmoid(before - Fragmentation(after, cpuLeft - demand.CpuMilli, type));
        }

        long best = 0;
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] < demand.AcceleratorMilli) { continue; }
            left.CopyTo(after);
            after[i] -= (ushort)demand.AcceleratorMilli;
            long score = Sigmoid(before - Fragmentation(after, cpuLeft - demand.CpuMilli, type));
            if (part < 0 || score > best) { (best, part) = (score, i); }
        }

        return best;
    }

    private static long Sigmoid(double difference) => (long)(100 * (1 / (1 + Math.Exp(-(difference / 1000)))));

    private double Fragmentation(ReadOnlySpan<ushort> left, long cpuLeft, int type)
    {
        Span<double> bucket = stackalloc double[7];
        double idle = Sum(left);
        foreach (TypicalTask m in _typical)
        {
            TaskDemand d = m.Demand;
            bool cpuFits = cpuLeft >= d.CpuMilli, access = !m.FitsNoType && (d.AcceleratorTypes == 0 || (type >= 0 && (d.AcceleratorTypes & (1UL << type)) != 0));
            int fitting = 0, small = 0;
            foreach (ushort l in left)
            {
                if (l >= d.AcceleratorMilli) { fitting++; } else { small += l; }
            }

            bool gpuFits = fitting >= d.Accelerators;
            if (d.Accelerators == 0) { bucket[cpuFits ? 4 : 5] += m.Share * idle; }
            else if (!access) { bucket[6] += m.Share * idle; }
            else if (cpuFits && gpuFits)
            {
                bucket[1] += m.Share * small;
                bucket[2] += m.Share * (idle - small);
            }
            else { bucket[gpuFits ? 3 : cpuFits ? 1 : 0] += m.Share * idle; }
        }

        return bucket[0] + bucket[1] + bucket[3] + bucket[4] + bucket[5] + bucket[6];
    }

    private static long PackingScore(ReadOnlySpan<ushort> left, in TaskDemand demand)
    {
        if (demand.Accelerators == 0) { return 0; }
        int free = left.Count((ushort)1000);
        if (free == left.Length) { return Math.Max(33 - free, free); }
        Span<ushort> ascending = stackalloc ushort[left.Length];
        left.CopyTo(ascending);
        ascending.Sort();
        int taken = 0, opened = 0, percents = 0;
        for (int i = 0; taken < demand.Accelerators; i++)
        {
            if (ascending[i] < demand.AcceleratorMilli) { continue; }
            taken++;
            opened += ascending[i] == 1000 ? 1 : 0;
            percents += ascending[i] * 100 / 1000;
        }

        return opened > 0 ? Math.Max(50 - opened, 33) : Math.Max(100 - (percents / 10), 50);
    }

    private static long ClusteringScore(ReadOnlySpan<byte> holders, long gpuLeft, in TaskDemand demand)
    {
        if (demand.Accelerators == 0) { return 0; }
        UInt128 classes = 0;
        foreach (byte holder in holders) { classes |= holder == FleetState.HeldByNobody ? 0 : Bit(holder); }
        UInt128 own = Bit(demand.IsFraction ? FleetState.HeldInParts : demand.Accelerators);
        long v = 25 * (8000 - gpuLeft) / 8000;
        return (classes & own) != 0 ? v + (classes == own ? 75 : 50) : classes == 0 ? v + 25 : v;
    }

    private static UInt128 Bit(int taskClass) => UInt128.One << (taskClass & 127);

    private static int Sum(ReadOnlySpan<ushort> left)
    {
        int sum = 0;
        foreach (ushort l in left) { sum += l; }
        return sum;
    }

    private static ulong Mask(ReadOnlySpan<ushort> free, in TaskDemand demand, int part)
    {
        ulong mask = 0;
        if (part >= 0) { return 1UL << part; }
        if (demand.IsFraction)
        {
            int best = -1;
            for (int i = 0; i < free.Length; i++)
            {
                if (free[i] >= demand.AcceleratorMilli && (best < 0 || free[i] < free[best])) { best = i; }
            }

            return 1UL << best;
        }

        for (int i = 0; i < free.Length && ulong.PopCount(mask) < (ulong)demand.Accelerators; i++)
        {
            if (free[i] == 1000) { mask |= 1UL << i; }
        }

        return mask;
    }
}
