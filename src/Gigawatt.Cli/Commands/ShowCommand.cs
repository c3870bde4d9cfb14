using System.CommandLine;
using System.Globalization;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw show</c>: everything about one job.</summary>
internal static class ShowCommand
{
    public static Verb Create(CliHost host)
    {
        Argument<long> id = JobArgument.Create();
        Option<bool> why = Options.Flag("--why", "Say in full why it waits: every filter, when it is forecast to start, and what would make it start now.");
        var verb = new Verb("show", "Show one job: where it runs and why there, or why it waits, its tasks, and what it used.")
        {
            Group = "Jobs",
            Arguments = { id },
            Options = { why },
            Notes = ["Energy says how it came about: rapl and nvml are the machine's own counters, modelled is computed from the hardware's figures.",
                "--why runs a copy of the cell ahead of its time: no other jobs come, and each job runs to its time limit."],
            Examples = [new("everything about job 12", "gw show 12"), new("why it waits, and until when", "gw show 12 --why"), new("only its phase", "gw show 12 --json | jq -r .phase")],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) => call.Parse.GetValue(why)
            ? call.Print(await call.Client.WhyJobAsync(call.Parse.GetValue(id), cancellationToken), answer => WhyReport.Print(answer, host))
            : call.Print(await call.Client.GetJobAsync(call.Parse.GetValue(id), cancellationToken), job => Print(job, host)));
        return verb;
    }

    private static void Print(JobView job, CliHost host)
    {
        Describe(job, host.Time.GetUtcNow()).WriteTo(host);
        if (job.Tasks.Count == 0) { return; }
        host.Output.WriteLine();
        TasksOf(job).WriteTo(host);
    }

    private static FactSheet Describe(JobView job, DateTimeOffset now)
    {
        var facts = new FactSheet();
        facts.Add("job", $"{job.Id}  {job.Name}", "bold");
        facts.Add("phase", job.Phase, JobStyle.OfPhase(job.Phase));
        facts.Add("waits for", job.WaitReason is { } reason ? $"{reason}: {job.WaitExplanation}" : null, "yellow");
        facts.Add("placed", job.Placement);
        facts.Add("exit code", job.ExitCode?.ToString(CultureInfo.InvariantCulture), job.ExitCode is 0 ? null : "red");
        facts.Add("note", job.Note);
        facts.Add("asks", job.Gang == 1 ? job.Asks : $"{job.Asks}, {job.Gang} tasks that start together");
        facts.Add("command", Words.ShellLine(job.Command));
        facts.Add("tenant", job.Tenant);
        facts.Add("priority", job.Priority);
        facts.Add("attempt", job.Attempt == 0 ? null : job.Requeues == 0 ? $"{job.Attempt}" : $"{job.Attempt}, queued again {(job.Requeues == 1 ? "once" : $"{job.Requeues} times")} after a node failed");
        facts.Add("submitted", When(job.Submitted, now));
        facts.Add("started", job.Placed is { } placed ? When(placed, now) : null);
        facts.Add("ended", job.EndedAt is { } ended ? When(ended, now) : null);
        if (job.Usage is { Tasks: > 0 } usage) { AddUsage(facts, usage); }
        return facts;
    }

    private static void AddUsage(FactSheet facts, UsageTotals usage)
    {
        facts.Add("used", $"{Words.Number(usage.CoreSeconds)} core-seconds, {Words.Number(usage.AcceleratorSeconds)} accelerator-seconds");
        facts.Add("energy", usage.EnergyMethods.Count == 0 ? Words.Energy(usage.Joules) : $"{Words.Energy(usage.Joules)} ({string.Join(" and ", usage.EnergyMethods)})");
        facts.Add("cost", $"{Words.Dollars(usage.Usd)}, {Words.Mass(usage.GramsCO2e)} CO2e, {Words.Volume(usage.Litres)} water");
    }

    private static string When(DateTimeOffset moment, DateTimeOffset now) => $"{Words.Moment(moment)}, {Words.Span(now - moment)} ago";

    private static TextTable TasksOf(JobView job)
    {
        var table = new TextTable(
            new("RANK", IsNumber: true), new("NODE"), new("ACCELERATORS"), new("STATE"), new("STARTED"), new("EXIT", IsNumber: true));
        foreach (TaskView task in job.Tasks)
        {
            table.Add(
                $"{task.Rank}",
                task.Node,
                task.Accelerators.Count == 0 ? "-" : string.Join(',', task.Accelerators),
                task.State,
                task.Started is { } started ? Words.Moment(started) : "-",
                task.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "-");
        }

        return table;
    }
}
