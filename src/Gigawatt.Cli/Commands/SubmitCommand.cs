using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw submit</c>: puts a job into the queue, and follows it if asked.</summary>
internal static class SubmitCommand
{
    public static Verb Create(CliHost host)
    {
        var job = new SubmitOptions();
        Option<bool> wait = Options.Flag("--wait", "Stay until the job ends, and exit with its exit code.");
        Option<bool> follow = Options.Flag("--follow", "Like --wait, and print what the task of rank 0 prints.", "-f");
        Option<string?> key = Options.Text("--idempotency-key", "KEY", "A key of your own: a second submission with it is the same job. A random one unless given.");
        var verb = new Verb("submit", "Submit a job: a command with what it needs. It starts as soon as it fits, and prints its number at once.")
        {
            Group = "Jobs",
            RequiredOptions = "--name NAME",
            Tail = "-- COMMAND [ARG...]",
            Notes =
            [
                "A job that can never fit the fleet is refused with the reason. One that has to wait says why in `gw queue`.",
                "With --wait or --follow the exit code is the job's own, or 1 when it ended without one. Ctrl-C ends the waiting and not the job.",
                "A lost connection is tried again with the same key, so that one call never makes two jobs.",
            ],
            Examples =
            [
                new("run something small here", "gw submit --name hello --cpus 1 -- python3 -c 'print(\"hello\")'"),
                new("train on four nodes with eight H100 each, at most a day", "gw submit --name train --gang 4 --gpus 8 --accelerator h100 --cpus 64 --time-limit 24h -- torchrun train.py"),
                new("from a file, with another name, to its end", "gw submit --file job.yaml --name again --wait"),
            ],
        };
        job.AddTo(verb);
        verb.Add(wait);
        verb.Add(follow);
        verb.Add(key);
        ConnectionOptions.Connect(verb, host, (call, cancellationToken) =>
        {
            bool follows = call.Parse.GetValue(follow);
            return !job.Read(call.Parse, host).TryGet(out JobRequest? request, out CliFailure? failure) ? Task.FromResult(host.Fail(failure))
                : follows && call.Json ? Task.FromResult(host.Fail(CliFailure.BadUsage("--follow prints the job's output and --json a document: use one of them.")))
                : RunAsync(call, request, call.Parse.GetValue(key) ?? Guid.NewGuid().ToString("N"), follows || call.Parse.GetValue(wait), follows, cancellationToken);
        });
        return verb;
    }

    private static async Task<int> RunAsync(ServerCall call, JobRequest request, string key, bool wait, bool follow, CancellationToken cancellationToken)
    {
        CliHost host = call.Host;
        Answer<JobView> answer = await call.Client.SubmitJobAsync(request, key, cancellationToken);
        if (!answer.TryGet(out JobView? job, out CliFailure? failure)) { return host.Fail(failure); }
        if (!wait)
        {
            return call.Print(answer, accepted =>
            {
                host.Output.WriteLine(accepted.Id);
                host.Hint($"Job {accepted.Id} is submitted. See it with: gw show {accepted.Id}");
            });
        }

        // The log has the output to itself; otherwise the number comes first, as without --wait.
        if (follow) { host.Hint($"Job {job.Id} is submitted."); }
        else if (!call.Json) { host.Output.WriteLine(job.Id); }
        var watch = new JobWatch(host, call.Client);
        Answer<JobView> ended = follow
            ? await watch.FollowAsync(job, cancellationToken)
            : await watch.AwaitEndAsync(job, cancellationToken);
        if (!ended.TryGet(out JobView? last, out failure))
        {
            return host.Fail(failure with { Message = $"{failure.Message} Job {job.Id} is submitted all the same: gw show {job.Id}" });
        }

        if (call.Json) { host.WriteJson(last); }
        JobWatch.Report(last, host);
        return ExitCodes.Of(last);
    }
}
