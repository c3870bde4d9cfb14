using Gigawatt.Fleet;

namespace Gigawatt.Placement.Fgd;

/// <summary>How much of a node's idle accelerators a typical task cannot use: F of the fragmentation gradient descent paper.</summary>
/// <remarks>
/// Weng et al., "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX ATC 2023.
/// F is the expectation, over the typical tasks, of the idle thousandths that the task cannot use: all of them where it does not
/// fit or asks for none, else those of accelerators with less left than it needs. Memory is not looked at.
/// Policies cut scores to whole numbers, so a difference of 1e-13 turns a 50 into a 49. Terms are therefore added in the order of
/// the authors' simulator: into buckets by why the task cannot use what is idle, and then bucket by bucket.
/// </remarks>
public sealed class FragmentationMeasure
{
    private readonly TypicalTask[] _typical;
    private readonly FragmentationMemo _memo;

    /// <summary>A measure against a typical workload.</summary>
    /// <param name="typical">Its tasks, in the order in which they are summed; the shares add up to 1.</param>
    public FragmentationMeasure(IReadOnlyList<TypicalTask> typical)
    {
        ArgumentNullException.ThrowIfNull(typical);
        _typical = [.. typical];
        _memo = new FragmentationMemo(_typical);
    }

    /// <summary>F of a node as it stands, in thousandths of an accelerator.</summary>
    public double Of(FleetState fleet, int node)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        return Of(fleet.CpuFreeMilli(node), fleet.AcceleratorTypeOf(node), fleet.AcceleratorsFreeMilli(node));
    }

    /// <summary>F of a node with this much free.</summary>
    internal double Of(int cpuFreeMilli, int type, ReadOnlySpan<ushort> free)
    {
        if (!_memo.TryFind(cpuFreeMilli, type, free, out int slot, out double known))
        {
            known = Compute(cpuFreeMilli, type, free);
            _memo.Remember(slot, known);
        }

        return known;
    }

    private double Compute(int cpuFreeMilli, int type, ReadOnlySpan<ushort> free)
    {
        int idle = 0;
        foreach (ushort milli in free) { idle += milli; }
        double lacksBoth = 0, lacksAccelerators = 0, lacksCpu = 0, noneAsked = 0, noneAskedLacksCpu = 0, noAccess = 0;
        foreach (ref readonly TypicalTask task in _typical.AsSpan())
        {
            bool cpuFits = cpuFreeMilli >= task.Demand.CpuMilli;
            double all = task.Share * idle;
            if (task.Demand.Accelerators == 0)
            {
                if (cpuFits) { noneAsked += all; } else { noneAskedLacksCpu += all; }
            }
            else if (!task.MayUse(type)) { noAccess += all; }
            else if (CountFitting(free, task.Demand.AcceleratorMilli, out int tooSmall) < task.Demand.Accelerators)
            {
                if (cpuFits) { lacksAccelerators += all; } else { lacksBoth += all; }
            }
            else if (!cpuFits) { lacksCpu += all; }
            else { lacksAccelerators += task.Share * tooSmall; }
        }

        return lacksBoth + lacksAccelerators + lacksCpu + noneAsked + noneAskedLacksCpu + noAccess;
    }

    private static int CountFitting(ReadOnlySpan<ushort> free, int milli, out int tooSmall)
    {
        int fitting = 0;
        tooSmall = 0;
        foreach (ushort left in free)
        {
            if (left >= milli) { fitting++; } else { tooSmall += left; }
        }

        return fitting;
    }
}
