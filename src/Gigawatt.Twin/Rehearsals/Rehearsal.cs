using Gigawatt.Execution;
using Gigawatt.Journal;
using Gigawatt.Placement;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Rehearsals;

/// <summary>Runs a copy of a cell ahead of its time: the same control loop, on jobs that end when they are expected to.</summary>
/// <remarks>
/// <code>
/// snapshot ──▶ copy ──▶ what if ... ──▶ expected ends and deadlines, in order ──▶ who starts when
/// </code>
/// A job is expected to end at its time limit; one without a limit is taken to run on, and is counted in <see cref="EndlessJobs"/>.
/// No new jobs come. So a start found here is a forecast: earlier when jobs end early, later when more urgent ones come.
/// </remarks>
public sealed class Rehearsal
{
    // What a shell reports of a process that SIGTERM ended.
    private const int ExitCodeOfStopped = 128 + 15;

    private readonly ControlLoop _loop;
    private readonly CommandList _commands = new();
    private readonly PriorityQueue<Ending, (long At, long Entry)> _ends = new();
    private readonly SortedDictionary<long, Instant> _starts = [];
    private readonly List<FreedRoom> _freed = [];
    private readonly HashSet<long> _endless = [];
    private readonly HashSet<long> _requeued = [];
    private long _entries;
    private double _heldAcceleratorSeconds;

    private Rehearsal(ControlLoop copy, Instant now)
    {
        _loop = copy;
        Begins = Now = now > copy.State.Now ? now : copy.State.Now;
        foreach (Job job in copy.State.Jobs.InOrder())
        {
            if (job.Phase.HoldsCapacity()) { Resume(job); }
        }
    }

    /// <summary>The present, at which it begins.</summary>
    public Instant Begins { get; }

    /// <summary>How far it has come.</summary>
    public Instant Now { get; private set; }

    /// <summary>The copy as it stands.</summary>
    public CellState State => _loop.State;

    /// <summary>When each job started that did, by number. Jobs that ran when it began are not among them.</summary>
    public IReadOnlyDictionary<long, Instant> Starts => _starts;

    /// <summary>Jobs that gave room back, in order.</summary>
    public IReadOnlyList<FreedRoom> Freed => _freed;

    /// <summary>Jobs that were stopped by a change and queued again.</summary>
    public IReadOnlySet<long> Requeued => _requeued;

    /// <summary>Jobs that ran with nothing to say when they end, and so never did.</summary>
    public int EndlessJobs => _endless.Count;

    /// <summary>Accelerators held, in accelerator-hours, since it began.</summary>
    public double HeldAcceleratorHours => _heldAcceleratorSeconds / 3600;

    /// <summary>A copy from a snapshot of a cell, ready to be changed and run.</summary>
    /// <param name="snapshot">From <see cref="Snapshot.Save"/>.</param>
    /// <param name="policy">A placement policy that no other loop uses.</param>
    /// <param name="now">The present; the copy's own time when that is later.</param>
    /// <exception cref="JournalFormatException">The bytes are damaged.</exception>
    public static Rehearsal Of(ReadOnlySpan<byte> snapshot, IPlacementPolicy policy, Instant now)
    {
        return new Rehearsal(Snapshot.Load(snapshot, policy), now);
    }

    /// <summary>Has something happen now, and what follows from it.</summary>
    public void Apply(Event happened)
    {
        _commands.Clear();
        _loop.Step(happened, Now, _commands);

        // A start is reported at once, which may bring further commands behind those at hand.
        for (int i = 0; i < _commands.Items.Length; i++) { CarryOut(_commands.Items[i]); }
    }

    /// <summary>Why a job would be refused by the copy as it stands, or null.</summary>
    public Admission.Refusal? Check(JobSpec spec) => _loop.Check(spec);

    /// <summary>Lets time pass to the horizon, or until a job has started.</summary>
    /// <param name="horizon">Nothing that happens later is looked at.</param>
    /// <param name="untilStarted">The job whose start is enough; 0 for none.</param>
    /// <param name="cancellationToken">Asked between two steps.</param>
    public void RunTo(Instant horizon, long untilStarted, CancellationToken cancellationToken)
    {
        // Jobs may wait that fit: a step places them.
        Apply(new TimePassed());
        while (!_starts.ContainsKey(untilStarted) && Next() is var next && next <= horizon)
        {
            cancellationToken.ThrowIfCancellationRequested();
            PassTo(next);
            if (_ends.TryPeek(out Ending ending, out (long At, long Entry) first) && first.At <= next.Nanoseconds)
            {
                _ends.Dequeue();
                End(ending);
            }
            else
            {
                Apply(new TimePassed());
            }
        }

        if (!_starts.ContainsKey(untilStarted) && horizon != Instant.Never) { PassTo(horizon); }
    }

    private Instant Next()
    {
        Instant end = _ends.TryPeek(out _, out (long At, long Entry) first) ? new Instant(first.At) : Instant.Never;
        Instant deadline = _loop.NextDeadline;
        Instant next = end <= deadline ? end : deadline;
        return next == Instant.Never || next > Now ? next : Now;
    }

    private void PassTo(Instant moment)
    {
        _heldAcceleratorSeconds += State.Fleet.AcceleratorUsedMilli / 1000.0 * (moment - Now).Seconds;
        Now = moment;
    }

    private void Resume(Job job)
    {
        for (int rank = 0; rank < job.Tasks.Count; rank++)
        {
            if (job.Tasks[rank] is { Ended: false, Started: null }) { Apply(new TaskStarted(job.Id, job.Attempt, rank)); }
        }

        if (job.Phase == JobPhase.Stopping) { Expect(job, Now + job.Spec.StopGrace, ExitCodeOfStopped); }
        else { Expect(job, ExpectedEnd.Of(job, Now), exitCode: 0); }
    }

    private void CarryOut(in Command command)
    {
        Job? job = State.Jobs.Find(command.JobId);
        switch (command.Kind)
        {
            case CommandKind.StartTask:
                _starts.TryAdd(command.JobId, Now);
                _loop.Step(new TaskStarted(command.JobId, command.Attempt, command.Rank), Now, _commands);
                if (command.Rank == 0 && job is not null) { Expect(job, ExpectedEnd.Of(job, Now), exitCode: 0); }
                break;
            case CommandKind.StopTask:
                // Told once for each task; the end of the first is the end of all.
                if (job is { Phase: JobPhase.Stopping }) { Expect(job, Now + job.Spec.StopGrace, ExitCodeOfStopped); }
                break;
            default:
                break;
        }
    }

    private void Expect(Job job, Instant end, int exitCode)
    {
        if (end == Instant.Never) { _endless.Add(job.Id); }
        else { _ends.Enqueue(new Ending(job.Id, job.Attempt, exitCode), (end.Nanoseconds, _entries++)); }
    }

    private void End(in Ending ending)
    {
        if (State.Jobs.Find(ending.JobId) is not { } job || job.Attempt != ending.Attempt || !job.Phase.HoldsCapacity()) { return; }
        int[] nodes = [.. job.Tasks.Where(static t => !t.Ended).Select(static t => t.Placement.Node).Distinct()];
        _freed.Add(new FreedRoom(job.Id, Now, nodes));
        for (int rank = 0; rank < job.Tasks.Count && job.Attempt == ending.Attempt; rank++)
        {
            if (!job.Tasks[rank].Ended) { Apply(new TaskExited(job.Id, ending.Attempt, rank, ending.ExitCode, default)); }
        }

        if (!job.Phase.IsEnded()) { _requeued.Add(job.Id); }
    }

    private readonly record struct Ending(long JobId, int Attempt, int ExitCode);
}

/// <summary>A job that gave its room back in a rehearsal.</summary>
/// <param name="JobId">The job.</param>
/// <param name="At">When.</param>
/// <param name="Nodes">The nodes that its tasks were on.</param>
public sealed record FreedRoom(long JobId, Instant At, IReadOnlyList<int> Nodes);
