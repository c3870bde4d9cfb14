using Gigawatt.Admission;
using Gigawatt.Execution;
using Gigawatt.Workloads;

namespace Gigawatt.Server.Cell;

/// <summary>What became of a submission.</summary>
/// <param name="JobId">The job's number; 0 when refused.</param>
/// <param name="Refusal">Why it was refused, or null.</param>
/// <param name="Repeated">Whether the job was there already, submitted earlier with the same key.</param>
internal readonly record struct Submission(long JobId, Refusal? Refusal, bool Repeated);

/// <summary>Something for the driver to do on its thread.</summary>
internal abstract class Work
{
    /// <summary>The event to journal and step, or null when there is none.</summary>
    public abstract Event? Decide(ControlLoop loop);

    /// <summary>Called when the event is on the disk and its commands were carried out.</summary>
    public abstract void Finish(ControlLoop loop);

    /// <summary>Called when the driver cannot go on.</summary>
    public abstract void Fail(Exception reason);
}

/// <summary>Work with an answer for whoever waits.</summary>
internal abstract class Work<T> : Work
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Completion => _completion.Task;

    public sealed override void Finish(ControlLoop loop)
    {
        try { _completion.TrySetResult(Answer(loop)); }
        catch (Exception e) when (e is not OutOfMemoryException) { _completion.TrySetException(e); }
    }

    public sealed override void Fail(Exception reason) => _completion.TrySetException(reason);

    protected abstract T Answer(ControlLoop loop);
}

/// <summary>An event from outside. Reports about tasks that the loop no longer expects are not journalled.</summary>
internal sealed class EventWork(Event happened) : Work<bool>
{
    public override Event? Decide(ControlLoop loop) => happened switch
    {
        TaskStarted e when !Expects(loop, e.JobId, e.Attempt, e.Rank, started: false) => null,
        TaskExited e when !Expects(loop, e.JobId, e.Attempt, e.Rank) => null,
        TaskLost e when !Expects(loop, e.JobId, e.Attempt, e.Rank) => null,
        TimePassed when loop.NextDeadline == Units.Instant.Never => null,
        _ => happened,
    };

    protected override bool Answer(ControlLoop loop) => true;

    private static bool Expects(ControlLoop loop, long jobId, int attempt, int rank, bool? started = null) =>
        loop.State.Jobs.Find(jobId) is { } job
        && job.Attempt == attempt
        && job.Phase.HoldsCapacity()
        && (uint)rank < (uint)job.Tasks.Count
        && !job.Tasks[rank].Ended
        && (started is null || job.Tasks[rank].Started.HasValue == started);
}

/// <summary>A question about the state.</summary>
internal sealed class QuestionWork<T>(Func<ControlLoop, T> question) : Work<T>
{
    public override Event? Decide(ControlLoop loop) => null;

    protected override T Answer(ControlLoop loop) => question(loop);
}

/// <summary>A submission: checked, numbered and journalled in one go.</summary>
internal sealed class SubmitWork(JobSpec spec) : Work<Submission>
{
    private Submission _result;

    public override Event? Decide(ControlLoop loop)
    {
        if (loop.State.Jobs.FindByKey(spec.Tenant, spec.IdempotencyKey) is { } known)
        {
            _result = new(known.Id, null, Repeated: true);
            return null;
        }

        if (loop.Check(spec) is { } refusal)
        {
            _result = new(0, refusal, Repeated: false);
            return null;
        }

        _result = new(loop.State.Jobs.NextId, null, Repeated: false);
        return new JobSubmitted(_result.JobId, spec);
    }

    protected override Submission Answer(ControlLoop loop) => _result;
}
