using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Experiments;

/// <summary>Finds the tasks that are typical of a workload: the most frequent kinds that make up 95 % of it.</summary>
/// <remarks>As the simulator behind Weng et al., USENIX ATC 2023, does it, to the order and the last bit of each share: kinds by how
/// often they come, then by CPU, share of an accelerator, accelerators and accepted types, each from the highest down. Memory
/// makes no difference.</remarks>
public static class TypicalTasks
{
    private const long CoveredPercent = 95;

    /// <summary>The typical tasks of a workload, most frequent first.</summary>
    /// <param name="jobs">The workload; each task of a gang counts.</param>
    /// <param name="types">The fleet's accelerator types.</param>
    public static IReadOnlyList<TypicalTask> Of(IEnumerable<JobSpec> jobs, IReadOnlyList<AcceleratorType> types)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(types);
        var counts = new Dictionary<Kind, long>();
        long total = 0;
        foreach (JobSpec job in jobs)
        {
            var kind = Kind.Of(job);
            counts[kind] = counts.GetValueOrDefault(kind) + job.GangSize;
            total += job.GangSize;
        }

        var kinds = counts.ToList();
        kinds.Sort(static (a, b) => a.Value != b.Value ? b.Value.CompareTo(a.Value) : b.Key.CompareTo(a.Key));
        int taken = 0;
        long covered = 0;
        while (covered * 100 < total * CoveredPercent) { covered += kinds[taken++].Value; }
        double coveredShare = (double)covered / total;
        return [.. kinds.Take(taken).Select(k => k.Key.ToTask((double)k.Value / total / coveredShare, types))];
    }

    private readonly record struct Kind(int CpuMilli, int AcceleratorMilli, int Accelerators, string Types) : IComparable<Kind>
    {
        public static Kind Of(JobSpec job) => new(
            job.CpuMilli,
            job.Accelerators == 0 ? 0 : job.AcceleratorMilli,
            job.Accelerators,
            job.AcceleratorTypes.Count == 0 ? "" : string.Join('|', job.AcceleratorTypes));

        public int CompareTo(Kind other)
        {
            int order = CpuMilli.CompareTo(other.CpuMilli);
            if (order == 0) { order = AcceleratorMilli.CompareTo(other.AcceleratorMilli); }
            if (order == 0) { order = Accelerators.CompareTo(other.Accelerators); }
            return order != 0 ? order : string.CompareOrdinal(Types, other.Types);
        }

        public TypicalTask ToTask(double share, IReadOnlyList<AcceleratorType> types)
        {
            ulong accepted = 0;
            foreach (string name in Types.Split('|', StringSplitOptions.RemoveEmptyEntries))
            {
                for (int type = 0; type < types.Count; type++)
                {
                    if (types[type].Name == name) { accepted |= 1UL << type; }
                }
            }

            var demand = new TaskDemand(CpuMilli, 0, Accelerators, AcceleratorMilli, accepted);
            return new TypicalTask(demand, share, FitsNoType: Types.Length > 0 && accepted == 0);
        }
    }
}
