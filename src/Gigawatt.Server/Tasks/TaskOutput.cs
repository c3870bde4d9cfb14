using Gigawatt.Agents.Node;

namespace Gigawatt.Server.Tasks;

/// <summary>The output of any task, wherever it is kept: by the agent of this machine, or at the server.</summary>
internal sealed class TaskOutput(NodeAgent? agent, TaskLogs logs, TimeProvider time)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>Copies what a task printed; following, until it has ended.</summary>
    /// <param name="key">The task. An attempt of 0 is one that has not begun.</param>
    /// <param name="follow">Whether to wait for more.</param>
    /// <param name="isOver">Whether nothing more will come.</param>
    /// <param name="target">Where to.</param>
    /// <param name="cancellationToken">Ends the copying.</param>
    public async Task CopyAsync(TaskKey key, bool follow, Func<Task<bool>> isOver, Stream target, CancellationToken cancellationToken)
    {
        long sent = 0;
        while (true)
        {
            // Asked before the reading: what was written up to the end is then certainly read.
            bool last = !follow || await isOver();
            sent += await CopyStoredAsync(key, sent, target, cancellationToken);
            if (agent?.Log(key) is { Exists: true } log)
            {
                await foreach (LogChunk chunk in log.ReadAsync(0, follow, cancellationToken))
                {
                    await target.WriteAsync(chunk.Bytes, cancellationToken);
                    await target.FlushAsync(cancellationToken);
                }

                return;
            }

            if (last) { return; }
            await target.FlushAsync(cancellationToken);
            await Task.Delay(LookAgain, time, cancellationToken);
        }
    }

    private async Task<long> CopyStoredAsync(TaskKey key, long offset, Stream target, CancellationToken cancellationToken)
    {
        if (logs.LengthOf(key) <= offset) { return 0; }
        await using var file = new FileStream(logs.PathOf(key), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = offset;
        await file.CopyToAsync(target, cancellationToken);
        return file.Position - offset;
    }
}
