using Gigawatt.Fleet;
using Gigawatt.Placement.Scoring;
using Gigawatt.Workloads;

namespace Gigawatt.Placement.Fgd;

/// <summary>Fragmentation gradient descent: the node on which the task adds least to what typical tasks cannot use.</summary>
/// <remarks>Weng et al., USENIX ATC 2023. The score is <c>100 · sigmoid((F before − F after) / 1000)</c>, cut to a whole number. A
/// fraction takes the accelerator with the best score, whole ones are taken from the lowest number up.</remarks>
internal sealed class FgdScorer(IReadOnlyList<TypicalTask> typical) : INodeScorer
{
    private const int MostAccelerators = 64;

    private readonly FragmentationMeasure _measure = new(typical);

    public string Name => "fgd";

    public string Rule => "the node where typical tasks lose least of what is idle (fragmentation gradient descent)";

    public int Score(FleetState fleet, int node, in TaskDemand demand) => Best(fleet, node, demand, out _);

    public ulong ChooseAccelerators(FleetState fleet, int node, in TaskDemand demand)
    {
        if (!demand.IsFraction) { return AcceleratorChoice.BestFit(fleet, node, demand); }
        Best(fleet, node, demand, out int accelerator);
        return 1UL << accelerator;
    }

    private int Best(FleetState fleet, int node, in TaskDemand demand, out int accelerator)
    {
        int cpu = fleet.CpuFreeMilli(node) - demand.CpuMilli, type = fleet.AcceleratorTypeOf(node);
        Span<ushort> after = stackalloc ushort[MostAccelerators];
        ReadOnlySpan<ushort> free = fleet.AcceleratorsFreeMilli(node);
        free.CopyTo(after);
        after = after[..free.Length];
        double before = _measure.Of(fleet, node);
        if (demand.IsFraction) { return BestPart(demand.AcceleratorMilli, before, cpu, type, free, after, out accelerator); }
        TakeWhole(after, demand);
        accelerator = -1;
        return Score(before, _measure.Of(cpu, type, after));
    }

    private int BestPart(
        int milli, double before, int cpu, int type, ReadOnlySpan<ushort> free, Span<ushort> after, out int accelerator)
    {
        int best = 0;
        accelerator = -1;
        for (int i = 0; i < free.Length; i++)
        {
            // An earlier accelerator with as much left has the same score, and the first best wins.
            if (free[i] < milli || free[..i].Contains(free[i])) { continue; }
            after[i] = (ushort)(free[i] - milli);
            int score = Score(before, _measure.Of(cpu, type, after));
            after[i] = free[i];
            if (accelerator >= 0 && score <= best) { continue; }
            best = score;
            accelerator = i;
        }

        return best;
    }

    private static void TakeWhole(Span<ushort> after, in TaskDemand demand)
    {
        for (int i = 0, taken = 0; taken < demand.Accelerators; i++)
        {
            if (after[i] != TaskDemand.WholeAccelerator) { continue; }
            after[i] = 0;
            taken++;
        }
    }

    private static int Score(double before, double after) => (int)(100 * (1 / (1 + Math.Exp((after - before) / 1000))));
}
