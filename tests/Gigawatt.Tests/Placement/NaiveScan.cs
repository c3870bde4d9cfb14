using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Workloads;

namespace Gigawatt.Tests.Placement;

/// <summary>The published policies written straight from their rules: every node is scored for every task and nothing is remembered.
/// What the policies of the product are compared with, in decisions and in time.</summary>
/// <remarks>Rules: Weng et al., "Beware of Fragmentation", USENIX ATC 2023, and the simulator behind it. Shares no code with the
/// product but the fleet's state and the definition of what fits.</remarks>
internal sealed class NaiveScan(string policy, PlacementOptions options) : IPlacementPolicy
{
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
        int[] left = [.. fleet.AcceleratorsFreeMilli(node)];
        long cpuLeft = fleet.CpuFreeMilli(node), cpu = demand.CpuMilli, gpuLeft = left.Sum(), gpu = (long)demand.Accelerators * demand.AcceleratorMilli;
        return policy switch
        {
            "fgd" => FgdScore(left, cpuLeft, fleet.AcceleratorTypeOf(node), demand, out part),
            "best-fit" => (long)(100 * (1 - ((0.5 * ((cpuLeft - cpu) / 128000.0)) + (0.5 * ((gpuLeft - gpu) / 8000.0))))),
            "dot-product" => (long)(100 * (1 - (((cpuLeft / 128000.0 * (cpu / 128000.0)) + (gpuLeft / 8000.0 * (gpu / 8000.0))) / 2))),
            "gpu-packing" => PackingScore(left, demand),
            "gpu-clustering" => ClusteringScore([.. fleet.AcceleratorHolders(node)], gpuLeft, demand),
            _ => throw new ArgumentException(policy),
        };
    }

    private long FgdScore(int[] left, long cpuLeft, int type, in TaskDemand demand, out int part)
    {
        part = -1;
        double before = Fragmentation(left, cpuLeft, type);
        if (!demand.IsFraction)
        {
            int[] after = [.. left];
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
            int[] after = [.. left];
            after[i] -= demand.AcceleratorMilli;
            long score = Sigmoid(before - Fragmentation(after, cpuLeft - demand.CpuMilli, type));
            if (part < 0 || score > best) { (best, part) = (score, i); }
        }

        return best;
    }

    private static long Sigmoid(double difference) => (long)(100 * (1 / (1 + Math.Exp(-(difference / 1000)))));

    private double Fragmentation(int[] left, long cpuLeft, int type)
    {
        double[] bucket = new double[7];
        double idle = left.Sum();
        foreach (TypicalTask m in options.Typical!)
        {
            TaskDemand d = m.Demand;
            bool cpuFits = cpuLeft >= d.CpuMilli, access = !m.FitsNoType && (d.AcceleratorTypes == 0 || (type >= 0 && (d.AcceleratorTypes & (1UL << type)) != 0));
            bool gpuFits = left.Count(l => l >= d.AcceleratorMilli) >= d.Accelerators;
            double small = left.Where(l => l < d.AcceleratorMilli).Sum();
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

    private static long PackingScore(int[] left, in TaskDemand demand)
    {
        int milli = demand.AcceleratorMilli, free = left.Count(l => l == 1000);
        if (demand.Accelerators == 0) { return 0; }
        if (free == left.Length) { return Math.Max(33 - free, free); }
        int[] taken = [.. left.Where(l => l >= milli).Order().Take(demand.Accelerators)];
        int opened = taken.Count(l => l == 1000);
        return opened > 0 ? Math.Max(50 - opened, 33) : Math.Max(100 - (taken.Sum(l => l * 100 / 1000) / 10), 50);
    }

    private static long ClusteringScore(byte[] holders, long gpuLeft, in TaskDemand demand)
    {
        if (demand.Accelerators == 0) { return 0; }
        int own = demand.IsFraction ? FleetState.HeldInParts : demand.Accelerators;
        int[] classes = [.. holders.Where(h => h != FleetState.HeldByNobody).Select(h => (int)h).Distinct()];
        long v = 25 * (8000 - gpuLeft) / 8000;
        return classes.Contains(own) ? v + (classes.Length == 1 ? 75 : 50) : classes.Length == 0 ? v + 25 : v;
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
