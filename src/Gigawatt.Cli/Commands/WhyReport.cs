using Gigawatt.Cli.Terminal;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary>What <c>gw show JOB --why</c> prints.</summary>
internal static class WhyReport
{
    private const int JobsNamed = 10;

    public static void Print(WhyView why, CliHost host)
    {
        if (why.Filters.Count == 0)
        {
            host.Output.WriteLine(why.Job.Placement is { } placement
                ? $"Job {why.Job.Id} does not wait, it is {why.Job.Phase}: {Words.Safe(placement)}."
                : $"Job {why.Job.Id} does not wait, it is {why.Job.Phase}.");
            return;
        }

        var facts = new FactSheet();
        facts.Add("job", $"{why.Job.Id}  {why.Job.Name}", "bold");
        facts.Add("waits for", $"{why.Job.WaitReason}: {why.Job.WaitExplanation}", "yellow");
        facts.Add("asks", why.Job.Gang == 1 ? why.Job.Asks : $"{why.Job.Asks}, {Words.Count(why.Job.Gang)} tasks that start together");
        facts.Add("fit now", $"{Words.Count(why.TasksThatFit ?? 0)} of {Words.Count(why.Job.Gang)} tasks");
        facts.Add("starts", Start(why));
        facts.Add("after", After(why));
        facts.WriteTo(host);

        host.Output.WriteLine();
        var table = new TextTable(new("FILTER"), new("NODES REMOVED", IsNumber: true), new("LEFT", IsNumber: true));
        foreach (FilterView filter in why.Filters) { table.Add(filter.Filter, Words.Count(filter.Removed), Words.Count(filter.Left)); }
        table.WriteTo(host);

        host.Output.WriteLine();
        host.Output.WriteLine(why.Remedies.Count == 0 ? "Nothing that was tried would make it start now." : "It would start now with any of:");
        foreach (RemedyView remedy in why.Remedies) { host.Output.WriteLine($"  {Words.Safe(remedy.Sentence)}"); }
    }

    private static string Start(WhyView why) => why.Start is { } start
        ? $"{Words.Moment(start)} by forecast{Endless(why.EndlessJobs)}"
        : $"not before {Words.Moment(why.Horizon!.Value)} by forecast{Endless(why.EndlessJobs)}";

    public static string Endless(int jobs) => jobs switch
    {
        0 => "",
        1 => "; 1 job has no time limit and is taken to run on",
        _ => $"; {Words.Count(jobs)} jobs have no time limit and are taken to run on",
    };

    private static string? After(WhyView why) => why.After.Count == 0 ? null
        : $"{(why.After.Count == 1 ? "1 job ends" : $"{Words.Count(why.After.Count)} jobs end")} by {Words.Moment(why.After[^1].At)}: "
            + string.Join(", ", why.After.Take(JobsNamed).Select(static e => e.JobId)) + (why.After.Count > JobsNamed ? " and others" : "");
}
