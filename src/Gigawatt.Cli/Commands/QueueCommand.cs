using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration.Reading;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw queue</c>: jobs and what each of them waits for.</summary>
internal static class QueueCommand
{
    public static Verb Create(CliHost host)
    {
        Option<bool> all = Options.Flag("--all", "Also show jobs that ended.", "-a");
        Option<int?> limit = Options.Value("--limit", "N", "Show at most so many, the newest ones; 1 to 1000, 200 unless given.", Kinds.Whole(1, 1_000, "200"));
        var verb = new Verb("queue", "Show the jobs that wait and run. A waiting job has a reason from a fixed list; `gw show ID` tells more.")
        {
            Group = "Jobs",
            Options = { all, limit },
            Examples =
            [
                new("what waits and runs now", "gw queue"),
                new("the last 20 jobs, ended ones too", "gw queue --all --limit 20"),
                new("ids of everything that runs", "gw queue --json | jq '.jobs[] | select(.phase == \"running\") | .id'"),
            ],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
        {
            bool ended = call.Parse.GetValue(all);
            Answer<JobList> answer = await call.Client.ListJobsAsync(ended, call.Parse.GetValue(limit), cancellationToken);
            return call.Print(answer, list => Print(list, ended, host));
        });
        return verb;
    }

    private static void Print(JobList list, bool ended, CliHost host)
    {
        if (list.Jobs.Count == 0)
        {
            host.Output.WriteLine(ended ? "No jobs yet." : "No job waits or runs.");
            host.Hint("Submit one with: gw submit --name hello --cpus 1 -- echo hello");
            return;
        }

        DateTimeOffset now = host.Time.GetUtcNow();
        var table = new TextTable(
            new("ID", IsNumber: true), new("NAME"), new("PHASE", Style: JobStyle.OfPhase), new("REASON", Style: _ => "yellow"),
            new("ASKS"), new("GANG", IsNumber: true), new("AGE", IsNumber: true), new("NODE"));
        foreach (JobView job in list.Jobs)
        {
            table.Add(
                $"{job.Id}", job.Name, job.Phase, job.WaitReason ?? "-", job.Asks, $"{job.Gang}", Words.Span(now - job.Submitted), job.Node ?? "-");
        }

        table.WriteTo(host);
        host.Output.WriteLine($"{Words.Count(list.Queued)} queued, {Words.Count(list.Active)} active");
    }
}
