using Gigawatt.Configuration;
using Gigawatt.Configuration.Reading;
using Gigawatt.Fleet;
using Gigawatt.Twin.Traces;

namespace Gigawatt.Cli.Commands;

/// <summary>Fleets and traces in the formats that a simulation takes.</summary>
internal static class SimulationFiles
{
    public static Kind<string> FormatKind { get; } = Kinds.OneOf(("auto", "auto"), ("openb", "openb"), ("philly", "philly"));

    /// <summary>Reads a fleet file, or an openb node list by its ending.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="name">What messages call it.</param>
    public static Answer<FleetModel> ReadFleet(string path, string name)
    {
        if (path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase))
        {
            return OpenbTrace.ReadNodes(path);
        }

        Loaded<FleetFile> file = FleetFile.Load(path);
        if (!file.IsValid) { return CliFailure.BadUsage(string.Join('\n', file.Problems)); }
        return file.Value.Model.Groups.Count > 0
            ? file.Value.Model
            : CliFailure.BadUsage($"{name} has no groups of nodes, which is what a simulation runs on. Take another, such as fleets/one-rack.yaml.");
    }

    /// <summary>Reads a trace; a gang's tasks are as large as the fleet's largest node allows.</summary>
    /// <exception cref="TraceFormatException">A row cannot be read.</exception>
    public static IReadOnlyList<TraceJob> ReadTrace(string path, string format, FleetModel fleet)
    {
        if (format == "auto") { format = FormatOf(path); }
        if (format == "openb") { return OpenbTrace.ReadPods(path); }
        int gpusPerNode = Math.Clamp(fleet.Groups.Max(group => group.Accelerators), 1, 64);
        return PhillyTrace.Read(path, gpusPerNode);
    }

    private static string FormatOf(string path)
    {
        CsvReader header = CsvReader.Open(path);
        return header.FindColumn("cpu_milli") >= 0 ? "openb"
            : header.FindColumn("num_gpus") >= 0 ? "philly"
            : throw new TraceFormatException(path, 1, "", "expected the columns of an openb pod list (cpu_milli, num_gpu, ...) or of the Philly subset (timestamp, duration, num_gpus, ...)");
    }
}
