using Gigawatt.Cli.Connection;
using Gigawatt.Cli.Terminal;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary>Stays with a job until it ends.</summary>
internal sealed class JobWatch(CliHost host, ControlClient client)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(300);

    /// <summary>Waits for the end, with the job's state on a terminal.</summary>
    public Task<Answer<JobView>> AwaitEndAsync(JobView job, CancellationToken cancellationToken) =>
        StatusLine.RunAsync(host, StateOf(job), async show => await OrLeaveAsync(job.Id, async () =>
        {
            while (true)
            {
                Answer<JobView> answer = await client.AwaitJobAsync(job.Id, cancellationToken);
                if (!answer.TryGet(out JobView? now, out _) || now.Ended) { return answer; }
                show(StateOf(now));
            }
        }));

    /// <summary>Prints the log of rank 0, attempt after attempt, until the end.</summary>
    public Task<Answer<JobView>> FollowAsync(JobView job, CancellationToken cancellationToken) => OrLeaveAsync(job.Id, async () =>
    {
        int seenAttempt = 0;
        while (true)
        {
            Answer<JobView> answer = await AwaitAttemptAsync(job.Id, seenAttempt, cancellationToken);
            if (!answer.TryGet(out JobView? now, out _)) { return answer; }
            if (now.Attempt > seenAttempt)
            {
                seenAttempt = now.Attempt;
                if (await client.CopyLogAsync(now.Id, rank: 0, follow: true, host.OutputBytes, cancellationToken) is { } failure) { return failure; }
            }

            if (now.Ended) { return answer; }
        }
    });

    /// <summary>Says on a terminal how the job ended; anywhere when it ended badly.</summary>
    public static void Report(JobView job, CliHost host)
    {
        string note = job.Note.Length == 0 ? "" : $": {Words.Safe(job.Note)}";
        string line = $"Job {job.Id} {job.Phase}{note}";
        if (job.Phase == "succeeded") { host.Hint(line); }
        else { host.Error.WriteLine($"gw: {line}"); }
    }

    /// <summary>The job, once an attempt after <paramref name="seen"/> runs or the job ended.</summary>
    private Task<Answer<JobView>> AwaitAttemptAsync(long id, int seen, CancellationToken cancellationToken) =>
        StatusLine.RunAsync(host, $"Job {id}", async show =>
        {
            while (true)
            {
                Answer<JobView> answer = await client.GetJobAsync(id, cancellationToken);
                if (!answer.TryGet(out JobView? now, out _) || now.Ended) { return answer; }
                if (now.Attempt > seen && now.Phase is "running" or "stopping") { return answer; }
                show(StateOf(now));
                await Task.Delay(LookAgain, host.Time, cancellationToken);
            }
        });

    private static string StateOf(JobView job) => job.WaitReason is { } reason
        ? $"Job {job.Id} {job.Phase}: {reason}"
        : $"Job {job.Id} {job.Phase}";

    /// <summary>Who interrupts a wait should know that the job goes on.</summary>
    private async Task<Answer<JobView>> OrLeaveAsync(long id, Func<Task<Answer<JobView>>> wait)
    {
        try
        {
            return await wait();
        }
        catch (OperationCanceledException)
        {
            host.Error.WriteLine($"gw: Job {id} goes on. See it with: gw show {id}; stop it with: gw cancel {id}");
            throw;
        }
    }
}
