using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw cancel</c>: takes a job out of the queue, or stops it.</summary>
internal static class CancelCommand
{
    public static Verb Create(CliHost host)
    {
        Argument<long> id = JobArgument.Create();
        var verb = new Verb("cancel", "Cancel a job. One that waits leaves the queue; one that runs gets SIGTERM, and SIGKILL when its grace is over.")
        {
            Group = "Jobs",
            Arguments = { id },
            Examples = [new("cancel job 12", "gw cancel 12")],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            call.Print(await call.Client.CancelJobAsync(call.Parse.GetValue(id), cancellationToken), job => Print(job, host)));
        return verb;
    }

    private static void Print(JobView job, CliHost host) => host.Output.WriteLine(job.Phase switch
    {
        "cancelled" => $"Job {job.Id} is cancelled.",
        _ when job.Ended => $"Job {job.Id} had already ended: {job.Phase}.",
        _ => $"Job {job.Id} is stopping.",
    });
}
