using System.CommandLine;
using System.Globalization;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Placement;
using Gigawatt.Twin;
using Gigawatt.Twin.Experiments;
using Gigawatt.Twin.Traces;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw simulate</c>: a trace through the control loop in virtual time.</summary>
internal static class SimulateCommand
{
    private static readonly Kind<long> SeedKind = new("42", static (string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) ? null : $"{Numbers.Quote(text)} is not a whole number; write one such as 42");

    private static readonly Kind<string> ExperimentKind = Kinds.OneOf(("fgd", "fgd"));

    public static Verb Create(CliHost host)
    {
        Option<string?> trace = Options.Text("--trace", "FILE", "The jobs, CSV, plain or gzip.");
        Option<string?> format = Options.Word("--format", "NAME", "The trace's format: openb, philly or auto, which looks at its header; auto unless given.", SimulationFiles.FormatKind);
        Option<string?> fleet = Options.Text("--fleet", "FILE", "The fleet: a YAML fleet file, or an openb node list as CSV.");
        Option<string?> policy = PolicyOption.Create(PlacementPolicies.Names, $"{PlacementPolicies.Default}, or fgd in its experiment,");
        Option<long?> seed = Options.Value("--seed", "N", "Draws what is left to chance, or chooses the column of an experiment's files; 42 unless given.", SeedKind);
        Option<string?> experiment = Options.Word("--experiment", "NAME", "A published experiment instead of a trace: fgd.", ExperimentKind);
        Option<string?> nodes = Options.Text("--nodes", "FILE", "fgd: the node list.");
        Option<string?> pods = Options.Text("--pods", "FILE", "fgd: the pod list.");
        Option<string?> arrival = Options.Text("--arrival", "FILE", "fgd: the order of arrival, a column for each seed; the list's own order unless given.");
        Option<string?> ranks = Options.Text("--node-ranks", "FILE", "fgd: which of equal nodes is preferred, a column for each seed; the list's own order unless given.");
        Option<bool> json = Options.Flag("--json", "Print one JSON document.");
        var verb = new Verb("simulate", "Run a trace of jobs through the control loop on a simulated fleet, in virtual time. It is the same code that runs real jobs.")
        {
            Group = "Simulation",
            Options = { trace, format, fleet, policy, seed, experiment, nodes, pods, arrival, ranks, json },
            Notes =
            [
                "Equal inputs and seeds give equal hashes, on any machine. The hash covers every command of the control loop.",
                "The fgd experiment is that of Weng et al., \"Beware of Fragmentation\", USENIX ATC 2023: pods arrive until their requests pass 130 % of the cluster, each is tried once, none leaves. allocation_percent and fragmented_percent are the published columns for 130 %.",
            ],
            Examples =
            [
                new("the Philly trace on a fleet of your own", "gw simulate --trace philly.csv.gz --fleet fleets/two-site.yaml"),
                new("the fgd experiment for one seed", "gw simulate --experiment fgd --nodes nodes.csv --pods pods.csv --arrival order.csv.gz --node-ranks ranks.csv.gz --seed 42 --policy fgd --json"),
            ],
        };
        verb.SetAction(parse => Run(
            host,
            parse.GetValue(json),
            parse.GetValue(experiment) is null
                ? progress => RunTrace(host, parse.GetValue(trace), parse.GetValue(format), parse.GetValue(fleet), parse.GetValue(policy) ?? PlacementPolicies.Default, parse.GetValue(seed) ?? 42, progress)
                : progress => RunFgd(host, parse.GetValue(nodes), parse.GetValue(pods), parse.GetValue(arrival), parse.GetValue(ranks), parse.GetValue(policy) ?? "fgd", parse.GetValue(seed) ?? 42, progress)));
        return verb;
    }

    private static int Run(CliHost host, bool json, Func<ProgressBar, Answer<SimulationReport>> simulate)
    {
        Answer<SimulationReport> answer;
        try
        {
            answer = ProgressBar.Run(host, "reading", simulate);
        }
        catch (Exception e) when (e is TraceFormatException or IOException or UnauthorizedAccessException)
        {
            return host.Fail(CliFailure.BadUsage(e.Message));
        }

        if (!answer.TryGet(out SimulationReport? report, out CliFailure? failure)) { return host.Fail(failure); }
        if (json) { host.Output.WriteLine(report.ToJson()); }
        else { report.WriteTo(host); }
        return ExitCodes.Ok;
    }

    private static Answer<SimulationReport> RunTrace(
        CliHost host, string? trace, string? format, string? fleetPath, string policy, long seed, ProgressBar progress)
    {
        if (trace is null) { return CliFailure.BadUsage("There is nothing to simulate. Name a trace with --trace FILE, or an experiment with --experiment fgd."); }
        if (fleetPath is null) { return CliFailure.BadUsage("The trace needs a fleet. Name one with --fleet FILE, such as fleets/two-site.yaml."); }
        if (!SimulationFiles.ReadFleet(host.FullPath(fleetPath), fleetPath).TryGet(out Fleet.FleetModel? fleet, out CliFailure? failure)) { return failure; }
        IReadOnlyList<TraceJob> jobs = SimulationFiles.ReadTrace(host.FullPath(trace), format ?? "auto", fleet);
        progress.Begin("simulating", jobs.Count);
        return SimulationReport.Of(Simulation.Run(new SimulationInput(Path.GetFileName(trace), fleet, jobs, policy, seed), progress.Report));
    }

    private static Answer<SimulationReport> RunFgd(
        CliHost host, string? nodes, string? pods, string? arrival, string? ranks, string policy, long seed, ProgressBar progress)
    {
        if (nodes is null || pods is null) { return CliFailure.BadUsage("The fgd experiment needs a node list and a pod list: --nodes FILE --pods FILE."); }
        FgdInput input = FgdInput.Read(
            host.FullPath(nodes), host.FullPath(pods), arrival is null ? null : host.FullPath(arrival), ranks is null ? null : host.FullPath(ranks), seed);
        progress.Begin("simulating", input.Arrival.Count);
        return SimulationReport.Of(FgdExperiment.Run(input, policy, progress.Report));
    }
}
