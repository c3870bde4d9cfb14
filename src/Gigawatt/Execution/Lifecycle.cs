using Gigawatt.Fleet;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Execution;

/// <summary>Run: the life of a job from its place to its end.</summary>
/// <remarks>
/// <code>
/// Queued ──▶ Starting ──▶ Running ──▶ Succeeded | Failed
///   ▲  │         │           │
///   │  │         └─────┬─────┘
///   │  │            Stopping ──▶ Cancelled | TimedOut | Failed
///   │  └──▶ Cancelled  │
///   └──────────────────┘  the node failed and the requeue limit allows
/// </code>
/// A job leaves Stopping when its last task has ended; only then may another attempt begin, so no task runs twice at once.
/// </remarks>
internal sealed class Lifecycle(CellState cell, StepWork work)
{
    // Back-off doubles from one second to five minutes, as Kubernetes does for crashing containers (10 s to 5 min there).
    private const int FirstBackoffSeconds = 1;
    private const int LongestBackoffSeconds = 300;

    public void Started(TaskStarted report)
    {
        if (FindTask(report.JobId, report.Attempt, report.Rank, out Job? job) is not { Started: null } task) { return; }
        task.Started = cell.Now;
        if (++job!.TasksStarted < job._tasks.Length || job.Phase != JobPhase.Starting) { return; }
        job.Phase = JobPhase.Running;
        if (job.Spec.TimeLimit is { } limit)
        {
            cell.Deadlines.Add(cell.Now + limit, new Deadline(DeadlineKind.TimeLimit, job.Id, job.Attempt));
        }
    }

    public void Exited(TaskExited report)
    {
        if (FindTask(report.JobId, report.Attempt, report.Rank, out Job? job) is not { } task) { return; }
        task.ExitCode = report.ExitCode;
        bool failed = report.ExitCode != 0 && job!.StopCause == StopCause.None;
        string outcome = job!.StopCause != StopCause.None ? "stopped" : failed ? "failed" : "ok";
        if (report.ExitCode != 0) { job.ExitCode ??= report.ExitCode; }
        if (failed)
        {
            job.Note = job._tasks.Length == 1
                ? $"ended with exit code {report.ExitCode}"
                : $"task {report.Rank} ended with exit code {report.ExitCode}";
        }

        EndTask(job, report.Rank, report.Reading, outcome);
        if (failed) { Stop(job, StopCause.TaskFailed); }
        FinishWhenAllEnded(job);
    }

    public void Lost(TaskLost report)
    {
        if (FindTask(report.JobId, report.Attempt, report.Rank, out Job? job) is not null) { Lose(job!, report.Rank, report.Reason); }
    }

    public void LoseTasksOn(int group, string reason)
    {
        foreach (Job job in cell.Jobs.InOrder())
        {
            if (!job.Phase.HoldsCapacity()) { continue; }
            int attempt = job.Attempt;
            for (int rank = 0; rank < job._tasks.Length && job.Attempt == attempt && job.Phase.HoldsCapacity(); rank++)
            {
                TaskState task = job._tasks[rank];
                if (!task.Ended && cell.Fleet.GroupIndexOf(task.Placement.Node) == group) { Lose(job, rank, reason); }
            }
        }
    }

    public void Cancel(long jobId)
    {
        if (cell.Jobs.Find(jobId) is not { } job || job.Phase.IsEnded()) { return; }
        if (job.Phase == JobPhase.Queued)
        {
            job.StopCause = StopCause.Cancel;
            End(job, JobPhase.Cancelled);
            return;
        }

        // A job that is stopping because its node failed would be queued again: its owner's word counts for more.
        if (job.Phase == JobPhase.Stopping && job.StopCause == StopCause.AgentFailed) { job.StopCause = StopCause.Cancel; }
        Stop(job, StopCause.Cancel);
    }

    public void TakeDue()
    {
        while (cell.Deadlines.TryTakeDue(cell.Now, out Deadline due))
        {
            if (due.Kind == DeadlineKind.Quarantine)
            {
                EndQuarantine((int)due.JobId);
                continue;
            }

            if (cell.Jobs.Find(due.JobId) is not { } job || job.Attempt != due.Attempt) { continue; }
            if (due.Kind == DeadlineKind.TimeLimit && job.Phase == JobPhase.Running)
            {
                job.Note = $"reached its time limit of {job.Spec.TimeLimit}";
                Stop(job, StopCause.TimeLimit);
            }
            else if (due.Kind == DeadlineKind.Retry && job.Phase == JobPhase.Queued)
            {
                cell.Queue.Add(job);
            }
        }
    }

    // It may have been lost again, or longer, since the deadline was set.
    private void EndQuarantine(int node)
    {
        bool isOver = cell.Quarantine.UntilOf(cell.Fleet.NameOf(node)) <= cell.Now;
        if (isOver && cell.Fleet.StatusOf(node) == NodeStatus.Quarantined) { cell.Fleet.SetStatus(node, NodeStatus.Up); }
    }

    /// <summary>Brings a job to its end and has it announced.</summary>
    public void End(Job job, JobPhase phase)
    {
        job.Phase = phase;
        cell.Jobs.MarkEnded(job, cell.Now);
        work.EndedJobs.Add(job);
    }

    public static void StartTasks(Job job, CommandList commands)
    {
        for (int rank = 0; rank < job._tasks.Length; rank++)
        {
            TaskPlacement place = job._tasks[rank].Placement;
            commands.Add(new Command(CommandKind.StartTask, job.Id, job.Attempt, rank, place.Node, place.AcceleratorMask));
        }
    }

    public static void StopTasks(Job job, CommandList commands)
    {
        for (int rank = 0; rank < job._tasks.Length; rank++)
        {
            TaskState task = job._tasks[rank];
            if (task.Ended) { continue; }
            commands.Add(new Command(CommandKind.StopTask, job.Id, job.Attempt, rank, task.Placement.Node, (ulong)job.Spec.StopGrace.Nanoseconds));
        }
    }

    public static Command Announce(Job job) => new(CommandKind.JobEnded, job.Id, job.Attempt, 0, -1, (ulong)job.Phase);

    private TaskState? FindTask(long jobId, int attempt, int rank, out Job? job)
    {
        job = cell.Jobs.Find(jobId);
        if (job is null || !job.Phase.HoldsCapacity() || job.Attempt != attempt || (uint)rank >= (uint)job._tasks.Length) { return null; }
        return job._tasks[rank].Ended ? null : job._tasks[rank];
    }

    private void Lose(Job job, int rank, string reason)
    {
        if (job.StopCause == StopCause.None) { job.Note = job._tasks.Length == 1 ? reason : $"task {rank}: {reason}"; }
        EndTask(job, rank, default, "lost");
        Stop(job, StopCause.AgentFailed);
        FinishWhenAllEnded(job);
    }

    private void EndTask(Job job, int rank, in TaskReading reading, string outcome)
    {
        TaskState task = job._tasks[rank];
        task.Ended = true;
        job.TasksEnded++;
        TaskDemand demand = cell.Shapes[job.Shape];
        cell.Fleet.Release(demand, task.Placement);
        cell.Quotas.Hold(job.Spec.Tenant, -demand.TotalAcceleratorMilli);
        cell.Queues.Hold(job.QueueNode, cell.Fleet.AcceleratorTypeOf(task.Placement.Node), -demand.TotalAcceleratorMilli, cell.Now);
        work.EndedTasks.Add(new EndedTask(job, job.Attempt, rank, reading, outcome));
    }

    private void Stop(Job job, StopCause cause)
    {
        if (job.Phase is not (JobPhase.Starting or JobPhase.Running)) { return; }
        job.Phase = JobPhase.Stopping;
        job.StopCause = cause;
        work.Stopping.Add(job);
    }

    private void FinishWhenAllEnded(Job job)
    {
        if (job.TasksEnded < job._tasks.Length) { return; }
        switch (job.StopCause)
        {
            case StopCause.None: job.ExitCode = 0; End(job, JobPhase.Succeeded); break;
            case StopCause.Cancel: End(job, JobPhase.Cancelled); break;
            case StopCause.TimeLimit: End(job, JobPhase.TimedOut); break;
            case StopCause.AgentFailed when job.Requeues < job.Spec.MaxRequeues: Requeue(job); break;
            case StopCause.AgentFailed: job.Note += $"; the requeue limit of {job.Spec.MaxRequeues} is reached"; End(job, JobPhase.Failed); break;
            default: End(job, JobPhase.Failed); break;
        }
    }

    private void Requeue(Job job)
    {
        int backoff = Math.Min(FirstBackoffSeconds << Math.Min(job.Requeues, 16), LongestBackoffSeconds);
        job.Requeues++;
        job.Phase = JobPhase.Queued;
        job.NotBefore = cell.Now + Duration.FromSeconds(backoff);
        job.ExitCode = null;
        cell.Deadlines.Add(job.NotBefore, new Deadline(DeadlineKind.Retry, job.Id, job.Attempt));
    }
}
