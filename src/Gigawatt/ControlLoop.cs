using Gigawatt.Admission;
using Gigawatt.Execution;
using Gigawatt.Metering;
using Gigawatt.Placement;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt;

/// <summary>The control path of one cell. Events in, commands out; read this first.</summary>
/// <remarks>
/// <code>
///           admit             place              run               meter
/// work ──▶ who, how much, ──▶ where: nodes, ──▶ start and stop ──▶ joules, gCO2,
///           is it allowed?     accelerators      tasks              litres, $
/// </code>
/// The loop is pure and synchronous: it reads no clock, draws no random number and does no I/O. The server feeds it real events
/// and carries out its commands on real machines; the twin feeds it simulated events in virtual time. The state is a fold over
/// the events, so a journal of them is enough to have it again, command for command; <see cref="CellState.Hash"/> proves it.
/// </remarks>
public sealed partial class ControlLoop
{
    private readonly IPlacementPolicy _policy;
    private readonly StepWork _work = new();
    private readonly Lifecycle _lifecycle;

    /// <summary>A loop over a new, empty cell.</summary>
    /// <param name="policy">Chooses the node of each task.</param>
    public ControlLoop(IPlacementPolicy policy) : this(policy, new CellState())
    {
    }

    internal ControlLoop(IPlacementPolicy policy, CellState state)
    {
        _policy = policy;
        State = state;
        _lifecycle = new Lifecycle(state, _work);
    }

    /// <summary>What the loop knows.</summary>
    public CellState State { get; }

    /// <summary>When <see cref="TimePassed"/> is next of use; <see cref="Instant.Never"/> when nothing is due.</summary>
    public Instant NextDeadline => State.Deadlines.Next;

    /// <summary>Takes one event in and adds what follows from it to <paramref name="commands"/>.</summary>
    /// <param name="happened">The event; journalled before its commands are carried out.</param>
    /// <param name="now">When it happened. Time never goes back: an earlier instant counts as the latest seen.</param>
    /// <param name="commands">Where commands are added, in order.</param>
    public void Step(Event happened, Instant now, CommandList commands)
    {
        ArgumentNullException.ThrowIfNull(commands);
        State.Now = now > State.Now ? now : State.Now;
        State.Steps++;
        int first = commands.Count;

        Admit(happened);
        Place();
        Run(commands);
        Meter(commands);

        State.Hash = commands.FoldInto(State.Hash, first);
        _work.Clear();
    }

    /// <summary>Admit: the event enters the state. Jobs join the queue or are refused, reports move their job on, deadlines fall due.</summary>
    private void Admit(Event happened)
    {
        switch (happened)
        {
            case JobSubmitted e: Submit(e); break;
            case TaskStarted e: _lifecycle.Started(e); break;
            case TaskExited e: _lifecycle.Exited(e); break;
            case TaskLost e: _lifecycle.Lost(e); break;
            case JobCancelRequested e: _lifecycle.Cancel(e.JobId); break;
            case NodeJoined e: Join(e); break;
            case NodeLost e: Lose(e.Node); break;
            case NodeReleased e: Release(e.Node); break;
            case FleetDescribed e: Describe(e.Model); break;
            case QuotaSet e: SetQuota(e); break;
            case QueuesSet e: SetQueues(e.Model); break;
            case TimePassed: _lifecycle.TakeDue(); break;
            default: throw new ArgumentOutOfRangeException(nameof(happened), happened, "Unknown event.");
        }
    }

    /// <summary>Place: waiting jobs that fit now get their nodes, most urgent first, each gang whole or not at all.</summary>
    private void Place() => Placer.PlaceWaiting(State, _policy, _work);

    /// <summary>Run: tasks of placed jobs start, tasks of jobs that came to an end are stopped.</summary>
    private void Run(CommandList commands)
    {
        foreach (Job job in _work.Placed) { Lifecycle.StartTasks(job, commands); }
        foreach (Job job in _work.Stopping) { Lifecycle.StopTasks(job, commands); }
    }

    /// <summary>Meter: each task that ended becomes a line of the ledger; each job that ended is announced.</summary>
    private void Meter(CommandList commands)
    {
        foreach (EndedTask task in _work.EndedTasks) { commands.Add(JobMeter.Record(State, task)); }
        foreach (Job job in _work.EndedJobs) { commands.Add(Lifecycle.Announce(job)); }
    }
}
