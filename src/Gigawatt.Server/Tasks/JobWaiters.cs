namespace Gigawatt.Server.Tasks;

/// <summary>Wakes whoever waits for the end of a job.</summary>
internal sealed class JobWaiters
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, TaskCompletionSource> _waiting = [];

    /// <summary>Completes when the job ends. Ask whether it has ended after taking this, not before.</summary>
    public Task WhenEnded(long jobId)
    {
        lock (_lock)
        {
            if (!_waiting.TryGetValue(jobId, out TaskCompletionSource? source))
            {
                _waiting.Add(jobId, source = new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            return source.Task;
        }
    }

    /// <summary>The job ended.</summary>
    public void Release(long jobId)
    {
        lock (_lock)
        {
            if (_waiting.Remove(jobId, out TaskCompletionSource? source)) { source.SetResult(); }
        }
    }
}
