using Gigawatt.Admission.Queues;
using Gigawatt.Fleet;
using Gigawatt.Units;

namespace Gigawatt.Workloads;

/// <summary>Why a running job is being stopped.</summary>
public enum StopCause : byte
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>Its owner asked.</summary>
    Cancel,

    /// <summary>Its time limit was reached.</summary>
    TimeLimit,

    /// <summary>One task of the gang failed, so the others have no use.</summary>
    TaskFailed,

    /// <summary>A node or agent failed; the job is queued again when its limit allows.</summary>
    AgentFailed,
}

/// <summary>One task of a gang in its current attempt.</summary>
public sealed class TaskState
{
    /// <summary>Where it runs.</summary>
    public TaskPlacement Placement { get; internal set; }

    /// <summary>Port at which its peers reach it.</summary>
    public int Port { get; internal set; }

    /// <summary>When it reported that it runs; null before.</summary>
    public Instant? Started { get; internal set; }

    /// <summary>Whether it is over and its capacity given back.</summary>
    public bool Ended { get; internal set; }

    /// <summary>Exit code, once ended; null when it was lost.</summary>
    public int? ExitCode { get; internal set; }

    /// <summary>The place that is being tried; <see cref="Placement"/> once the whole gang has one.</summary>
    internal TaskPlacement Tentative { get; set; }

    internal void Begin()
    {
        Placement = Tentative;
        Started = null;
        Ended = false;
        ExitCode = null;
    }
}

/// <summary>A job and its state. Only <c>ControlLoop</c> changes it.</summary>
public sealed class Job
{
    internal Job(long id, JobSpec spec, Instant submitted)
    {
        Id = id;
        Spec = spec;
        Submitted = submitted;
    }

    /// <summary>Unique and ascending in the order of submission.</summary>
    public long Id { get; }

    /// <summary>What was asked for.</summary>
    public JobSpec Spec { get; }

    /// <summary>The name of its queue; empty when there were none.</summary>
    public string Queue { get; internal set; } = "";

    /// <summary>Its queue; null when there are none, or when it is gone.</summary>
    internal QueueNode? QueueNode { get; set; }

    /// <summary>When it was accepted.</summary>
    public Instant Submitted { get; }

    /// <summary>Where it is in its life.</summary>
    public JobPhase Phase { get; internal set; }

    /// <summary>Number of the current or last attempt; 0 before the first.</summary>
    public int Attempt { get; internal set; }

    /// <summary>Times it was queued again after a failure that was not its own.</summary>
    public int Requeues { get; internal set; }

    /// <summary>Not to be started before this instant (back-off after a failure).</summary>
    public Instant NotBefore { get; internal set; }

    /// <summary>When the current attempt was placed.</summary>
    public Instant? Placed { get; internal set; }

    /// <summary>When it ended.</summary>
    public Instant? Ended { get; internal set; }

    /// <summary>Exit code of the job: 0, or that of the first task that failed.</summary>
    public int? ExitCode { get; internal set; }

    /// <summary>Why it is or was being stopped.</summary>
    public StopCause StopCause { get; internal set; }

    /// <summary>One sentence on how it came to its end or last failure; empty when there is nothing to say.</summary>
    public string Note { get; internal set; } = "";

    /// <summary>Tasks of the current attempt; empty before the first.</summary>
    public IReadOnlyList<TaskState> Tasks => _tasks;

    /// <summary>Name of the policy that placed the current attempt; empty before the first.</summary>
    public string PlacedBy { get; internal set; } = "";

    /// <summary>Number of the job's demand in <see cref="ShapeTable"/>.</summary>
    public int Shape { get; internal set; }

    internal TaskState[] _tasks = [];

    internal int TasksStarted { get; set; }

    internal int TasksEnded { get; set; }

    // Made at admission, so that placing allocates nothing.
    internal void MakeTasks()
    {
        _tasks = new TaskState[Spec.GangSize];
        for (int rank = 0; rank < _tasks.Length; rank++) { _tasks[rank] = new TaskState(); }
    }

    internal void BeginAttempt(Instant now, string policy)
    {
        Attempt++;
        Phase = JobPhase.Starting;
        Placed = now;
        PlacedBy = policy;
        StopCause = StopCause.None;
        TasksStarted = TasksEnded = 0;
        foreach (TaskState task in _tasks) { task.Begin(); }
    }
}
