using Gigawatt.Fleet;
using Gigawatt.Metering;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Traces;

/// <summary>Reads the openb format: nodes, pods, arrival orders and tie-break ranks of Alibaba's cluster-trace-gpu-v2023.</summary>
/// <remarks>
/// Nodes: <c>sn, cpu_milli, memory_mib, gpu, model</c>. Pods: <c>name, cpu_milli, memory_mib, num_gpu, gpu_milli</c> and, where the file has
/// them, <c>gpu_spec, creation_time, deletion_time, scheduled_time</c>; other columns are not read. Every file may be plain or gzip.
/// </remarks>
public static class OpenbTrace
{
    private const int MostTypes = 64;
    private const int MostAccelerators = 64;

    // The trace names no site, power or price, so nothing can be said about energy and cost.
    private static readonly SiteModel Site = new("trace", new SiteFactors
    {
        PueThousandths = 1000,
        GridGramsPerMegawattHour = 0,
        SiteMillilitresPerMegawattHour = 0,
        GridMillilitresPerMegawattHour = 0,
        Source = "none: the trace names no site",
    });

    /// <summary>Reads a node list: each node is a group of its own, named by <c>sn</c>, in the order of the file.</summary>
    /// <exception cref="TraceFormatException">A row cannot be read, a name comes twice, or there are more than 64 GPU models.</exception>
    public static FleetModel ReadNodes(string path)
    {
        CsvReader csv = CsvReader.Open(path);
        int sn = csv.Column("sn"), cpu = csv.Column("cpu_milli"), memory = csv.Column("memory_mib"), gpu = csv.Column("gpu"), model = csv.Column("model");
        var groups = new List<NodeGroup>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var types = new List<AcceleratorType>();
        while (csv.Read())
        {
            string name = csv.Text(sn, "the node's name");
            if (!names.Add(name)) { throw csv.Unexpected(sn, "a name that no earlier node has"); }
            int accelerators = (int)csv.Integer(gpu, 0, MostAccelerators);
            groups.Add(new NodeGroup
            {
                Name = name,
                Site = 0,
                Racks = 1,
                NodesPerRack = 1,
                CpuMilli = (int)csv.Integer(cpu, 0, int.MaxValue),
                MemoryMib = (int)csv.Integer(memory, 0, int.MaxValue),
                Accelerators = accelerators,
                AcceleratorType = accelerators == 0 ? -1 : TypeOf(csv, model, types),
                PerCore = Watts.Zero,
                CorePerHour = Usd.Zero,
                Execution = NodeExecution.Simulated,
            });
        }

        return new FleetModel { Name = Path.GetFileName(path), Sites = [Site], AcceleratorTypes = types, Groups = groups };
    }

    /// <summary>Reads a pod list, in the order of the file.</summary>
    /// <remarks>A pod runs from when it was scheduled to its deletion; one that never was scheduled, from its creation. Without a
    /// deletion time it never ends.</remarks>
    /// <exception cref="TraceFormatException">A row cannot be read.</exception>
    public static IReadOnlyList<TraceJob> ReadPods(string path)
    {
        CsvReader csv = CsvReader.Open(path);
        int name = csv.Column("name"), cpu = csv.Column("cpu_milli"), memory = csv.Column("memory_mib");
        int gpus = csv.Column("num_gpu"), milli = csv.Column("gpu_milli"), spec = csv.FindColumn("gpu_spec");
        var times = new PodTimes(csv);
        var pods = new List<TraceJob>();
        while (csv.Read())
        {
            int accelerators = (int)csv.Integer(gpus, 0, MostAccelerators);
            var job = new JobSpec
            {
                Name = csv.Text(name, "the pod's name"),
                Tenant = "openb",
                CpuMilli = (int)csv.Integer(cpu, 0, int.MaxValue),
                MemoryMib = (int)csv.Integer(memory, 0, int.MaxValue),
                Accelerators = accelerators,
                AcceleratorMilli = ShareOf(csv, milli, accelerators),
                AcceleratorTypes = Models(csv.Field(spec)),
            };
            pods.Add(new TraceJob(job, times.Submitted(), times.RunTime()));
        }

        return pods;
    }

    /// <summary>Reads an arrival order: the column <c>seedN</c> of row numbers of the pod list, from 0.</summary>
    /// <remarks>The column is as long as the order is; what is longer than the pod list repeats pods of it, by the same numbers. It
    /// may end before the file does; it must not go on after a gap.</remarks>
    /// <param name="path">The file.</param>
    /// <param name="seed">N.</param>
    /// <param name="pods">Pods in the list.</param>
    /// <exception cref="TraceFormatException">A row cannot be read, or names a pod that there is not.</exception>
    public static IReadOnlyList<int> ReadArrival(string path, long seed, int pods)
    {
        CsvReader csv = CsvReader.Open(path);
        int column = csv.Column(SeedColumn(seed));
        var order = new List<int>();
        bool ended = false;
        while (csv.Read())
        {
            if (csv.Field(column).IsWhiteSpace())
            {
                ended = true;
                continue;
            }

            if (ended) { throw csv.Unexpected(column, "nothing, because an earlier row of this column is empty"); }
            order.Add((int)csv.Integer(column, 0, pods - 1));
        }

        return order;
    }

    /// <summary>Reads tie-break ranks: the columns <c>node</c> and <c>seedN</c>; nodes with lower ranks are preferred.</summary>
    /// <param name="path">The file.</param>
    /// <param name="seed">N.</param>
    /// <param name="fleet">The nodes, as <see cref="ReadNodes"/> returns them. Rows about other nodes are passed over.</param>
    /// <returns>The rank of each node, by its index in the fleet.</returns>
    /// <exception cref="TraceFormatException">A row cannot be read, a node comes twice or has no rank.</exception>
    public static IReadOnlyList<int> ReadRanks(string path, long seed, FleetModel fleet)
    {
        ArgumentNullException.ThrowIfNull(fleet);
        CsvReader csv = CsvReader.Open(path);
        int name = csv.Column("node"), column = csv.Column(SeedColumn(seed));
        var missing = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int node = 0; node < fleet.Groups.Count; node++) { missing.Add(fleet.Groups[node].Name, node); }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        int[] ranks = new int[fleet.Groups.Count];
        while (csv.Read())
        {
            string node = csv.Text(name, "a node's name");
            if (!seen.Add(node)) { throw csv.Unexpected(name, "a node that no earlier row has"); }
            if (missing.Remove(node, out int index)) { ranks[index] = (int)csv.Integer(column, 0, int.MaxValue - 1); }
        }

        if (missing.Count == 0) { return ranks; }
        string first = fleet.Groups[missing.Values.Min()].Name;
        throw new TraceFormatException(path, Math.Max(1, csv.Line), "node", $"expected a row for each node of the node list; {missing.Count} lack one, such as {first}");
    }

    private static string SeedColumn(long seed) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"seed{seed}");

    private static int TypeOf(CsvReader csv, int column, List<AcceleratorType> types)
    {
        string name = csv.Text(column, "a GPU model, because the node has GPUs");
        int known = types.FindIndex(t => t.Name == name);
        if (known >= 0) { return known; }
        if (types.Count == MostTypes) { throw csv.Unexpected(column, $"one of the {MostTypes} GPU models of earlier rows (there may not be more)"); }
        types.Add(new AcceleratorType(name, 0, Watts.Zero, Watts.Zero, Usd.Zero));
        return types.Count - 1;
    }

    // gpu_milli is for each GPU; without a GPU it means nothing, and several GPUs are whole ones.
    private static int ShareOf(CsvReader csv, int column, int accelerators) => accelerators switch
    {
        0 => TaskDemand.WholeAccelerator,
        1 => (int)csv.Integer(column, 1, TaskDemand.WholeAccelerator),
        _ when csv.Integer(column, 1, TaskDemand.WholeAccelerator) == TaskDemand.WholeAccelerator => TaskDemand.WholeAccelerator,
        _ => throw csv.Unexpected(column, "1000, because a pod with several GPUs holds whole ones"),
    };

    private static string[] Models(ReadOnlySpan<char> spec) => spec.IsWhiteSpace()
        ? []
        : spec.ToString().Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private sealed class PodTimes(CsvReader csv)
    {
        private const long MostSeconds = 100L * 366 * 86_400;

        private readonly int _created = csv.FindColumn("creation_time");
        private readonly int _deleted = csv.FindColumn("deletion_time");
        private readonly int _scheduled = csv.FindColumn("scheduled_time");

        public Instant Submitted() => Instant.Epoch + Duration.FromSeconds(Seconds(_created) ?? 0);

        public Duration? RunTime()
        {
            if (Seconds(_deleted) is not { } end) { return null; }
            long start = Seconds(_scheduled) ?? Seconds(_created) ?? 0;
            return Duration.FromSeconds(Math.Max(0, end - start));
        }

        private long? Seconds(int column) => csv.Field(column).IsWhiteSpace() ? null : csv.Integer(column, 0, MostSeconds);
    }
}
