using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Twin.Experiments;
using Gigawatt.Twin.Traces;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin;

/// <summary>Drives the control loop from a trace in virtual time: the same code that runs real jobs, on a fleet that only takes time.</summary>
/// <remarks>
/// <code>
/// trace ──▶ submissions ─┐
///           task ends  ──┼──▶ the earliest ──▶ ControlLoop.Step ──▶ commands ──▶ task ends
///           deadlines ───┘
/// </code>
/// Of things at the same instant, tasks end first, then deadlines fall due, then jobs come: what is freed can be had at once.
/// Nothing here reads a clock or draws a number that the seed does not fix, so equal inputs give equal commands.
/// </remarks>
public sealed class Simulation
{
    // What a shell reports of a process that SIGTERM ended.
    private const int ExitCodeOfStopped = 128 + 15;

    private readonly SimulationInput _input;
    private readonly TraceJob[] _jobs;
    private readonly ControlLoop _loop;
    private readonly CommandList _commands = new();
    private readonly PriorityQueue<TaskExited, (long At, long Entry)> _ends = new();
    private readonly SimulationMeter _meter;
    private long _entries;
    private int _submitted;

    private Simulation(SimulationInput input)
    {
        _input = input;
        _jobs = [.. input.Jobs.OrderBy(j => j.Submitted)];
        IReadOnlyList<TypicalTask> typical = TypicalTasks.Of(_jobs.Select(j => j.Spec), input.Fleet.AcceleratorTypes);
        var options = new PlacementOptions { NodeRanks = NodeShuffle.Ranks(input.Fleet.Groups.Sum(g => g.Nodes), input.Seed), Typical = typical };
        _loop = new ControlLoop(PlacementPolicies.Create(input.Policy, options)
            ?? throw new ArgumentException($"There is no placement policy '{input.Policy}'; there are {string.Join(", ", PlacementPolicies.Names)}."));
        FleetModel fleet = input.Fleet with { Groups = [.. input.Fleet.Groups.Select(g => g with { Execution = NodeExecution.Simulated })] };
        _loop.Step(new FleetDescribed(fleet), Start, _commands);
        _meter = new SimulationMeter(_loop.State.Fleet, typical, _jobs.Length, Start);
    }

    private Instant Start => _jobs.Length > 0 ? _jobs[0].Submitted : Instant.Epoch;

    /// <summary>Runs a trace until nothing is left to happen.</summary>
    /// <param name="input">The fleet, the jobs and the policy.</param>
    /// <param name="progress">Told how many jobs have been submitted, now and then; may be null.</param>
    /// <exception cref="ArgumentException">There is no such policy.</exception>
    public static SimulationResult Run(SimulationInput input, Action<int>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        var simulation = new Simulation(input);
        while (simulation.TryTakeNext(out Event? next, out Instant at))
        {
            simulation.Step(next!, at);
            if (progress is not null && next is JobSubmitted { JobId: var id } && id % 128 == 0) { progress((int)id); }
        }

        return simulation._meter.Result(input, simulation._loop.State);
    }

    private bool TryTakeNext(out Event? next, out Instant at)
    {
        Instant end = _ends.TryPeek(out _, out (long At, long Entry) first) ? new Instant(first.At) : Instant.Never;
        Instant deadline = _loop.NextDeadline;
        Instant submission = _submitted < _jobs.Length ? _jobs[_submitted].Submitted : Instant.Never;
        at = Earliest(end, Earliest(deadline, submission));
        next = at == Instant.Never ? null
            : at == end ? _ends.Dequeue()
            : at == deadline ? new TimePassed()
            : new JobSubmitted(_submitted + 1, _jobs[_submitted++].Spec);
        return next is not null;
    }

    private static Instant Earliest(Instant a, Instant b) => a <= b ? a : b;

    private void Step(Event next, Instant at)
    {
        _meter.PassTo(at);
        _commands.Clear();
        _loop.Step(next, at, _commands);

        // A start is reported at once, which may bring further commands behind those at hand.
        for (int i = 0; i < _commands.Items.Length; i++) { CarryOut(_commands.Items[i], at); }
        _meter.CatchUp();
    }

    private void CarryOut(in Command command, Instant at)
    {
        int job = (int)command.JobId - 1;
        switch (command.Kind)
        {
            case CommandKind.StartTask:
                if (command.Attempt == 1 && command.Rank == 0) { _meter.Placed(at - _jobs[job].Submitted); }
                if (_jobs[job].RunTime is { } runTime) { EndTask(command, at + runTime, exitCode: 0); }
                _loop.Step(new TaskStarted(command.JobId, command.Attempt, command.Rank), at, _commands);
                break;
            case CommandKind.StopTask:
                EndTask(command, at, ExitCodeOfStopped);
                break;
            case CommandKind.JobEnded:
                _meter.Ended((JobPhase)command.Argument);
                break;
            case CommandKind.RecordUsage:
                break;
            default:
                throw new InvalidOperationException($"Unknown command {command.Kind}.");
        }
    }

    private void EndTask(in Command task, Instant at, int exitCode) =>
        _ends.Enqueue(new TaskExited(task.JobId, task.Attempt, task.Rank, exitCode, default), (at.Nanoseconds, _entries++));
}
