using System.Text;
using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Tests.Simulation.Checkers;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit.Sdk;

namespace Gigawatt.Tests.Simulation;

/// <summary>One run: a real control loop in virtual time, nodes that carry its commands out, and checkers after every event.</summary>
internal sealed class World
{
    /// <summary>Far more than any run takes: one that gets here goes round in circles.</summary>
    private const int MostEvents = 20_000;

    private readonly PriorityQueue<Action, (long At, long Entry)> _ahead = new();
    private readonly CommandList _commands = new();
    private readonly List<string> _lastEvents = [];
    private readonly IReadOnlyList<IChecker> _checkers;
    private readonly ModelNodes _nodes;
    private long _entries;

    public World(Random random)
    {
        Random = random;
        Features = (Feature)random.Next((int)Feature.All + 1);
        Policy = Has(Feature.OtherPolicy) ? PlacementPolicies.Names[random.Next(PlacementPolicies.Names.Count)] : PlacementPolicies.Default;
        if (PlacementPolicies.Create(Policy, new PlacementOptions()) is null) { Policy = PlacementPolicies.Default; }
        Loop = new ControlLoop(NewPolicy());
        _nodes = new ModelNodes(this);
        _checkers = AllCheckers.New(this);
    }

    public Random Random { get; }

    public Feature Features { get; }

    public string Policy { get; }

    public ControlLoop Loop { get; }

    public CellState Cell => Loop.State;

    public Instant Now { get; private set; } = Instant.Epoch + Duration.FromSeconds(1_000_000);

    /// <summary>What happened last, and the time that the loop was told.</summary>
    public (Instant At, Event Event) Last { get; private set; }

    public ReadOnlySpan<Command> Commands => _commands.Items;

    public int Events { get; private set; }

    /// <summary>How often what happened, to see that runs are worth their time.</summary>
    public Dictionary<string, int> Seen { get; } = [];

    public bool Has(Feature feature) => (Features & feature) != 0;

    public bool Chance(int percent) => Random.Next(100) < percent;

    public IPlacementPolicy NewPolicy() => PlacementPolicies.Create(Policy, new PlacementOptions())!;

    public void After(Duration time, Action then) => _ahead.Enqueue(then, ((Now + time).Nanoseconds, _entries++));

    public void Note(string what) => Seen[what] = Seen.GetValueOrDefault(what) + 1;

    /// <summary>The whole run, to the point where nothing is left to happen.</summary>
    public void Run()
    {
        Scenario.Begin(this, _nodes);
        while (_ahead.TryPeek(out _, out (long At, long Entry) next) || Loop.NextDeadline != Instant.Never)
        {
            if (_ahead.Count == 0 || Loop.NextDeadline.Nanoseconds <= next.At)
            {
                Now = new(Math.Max(Now.Nanoseconds, Loop.NextDeadline.Nanoseconds));
                Step(new TimePassed());
                continue;
            }

            Now = new(Math.Max(Now.Nanoseconds, next.At));
            _ahead.Dequeue()();
        }

        Settle();
    }

    public void Step(Event happened)
    {
        // A clock that goes back: the loop goes on from the latest time it has seen.
        bool back = Has(Feature.ClockGoesBack) && happened is not TimePassed && Chance(10);
        Last = (back ? Now + Duration.FromMilliseconds(-Random.Next(1, 30_000)) : Now, happened);
        _lastEvents.Add($"{(Now - Instant.Epoch).Seconds - 1_000_000:0.###} s: {happened}");
        if (_lastEvents.Count > 12) { _lastEvents.RemoveAt(0); }
        Note(happened.GetType().Name);
        Guard("The control loop", () =>
        {
            _commands.Clear();
            Loop.Step(happened, Last.At, _commands);
        });
        Guard(nameof(ModelNodes), () => _nodes.Carry(_commands.Items));
        foreach (IChecker checker in _checkers) { Guard(checker.GetType().Name, () => checker.Check(this)); }
        if (++Events > MostEvents) { throw Failure("The run", "does not come to an end."); }
    }

    /// <summary>Nothing runs and nothing is due: jobs that still wait can never be placed, and say why; their owners give up.</summary>
    private void Settle()
    {
        foreach (Job job in Cell.Jobs.InOrder())
        {
            if (job.Phase.IsEnded()) { continue; }
            bool mayBeStuck = job.Phase == JobPhase.Queued && Has(Feature.FleetChanges | Feature.LimitsChange);
            if (!mayBeStuck) { throw Failure("Quiescence", $"job {job.Id} is {job.Phase} and nothing will ever happen to it: {PlacementExplanation.WhyWaiting(Cell, job)}"); }
            Note("waits for ever");
            Step(new JobCancelRequested(job.Id));
        }

        foreach (IChecker checker in _checkers) { Guard(checker.GetType().Name, () => checker.CheckEnd(this)); }
    }

    private void Guard(string who, Action what)
    {
        try { what(); }
        catch (XunitException e) { throw Failure(who, e.Message); }
        catch (Exception e) when (e is not SimulationFailure) { throw Failure(who, e.ToString()); }
    }

    private SimulationFailure Failure(string who, string what)
    {
        var text = new StringBuilder($"{who}: {what}\nAfter event {Events} of a run with {Policy} and {Features}; the last events:");
        foreach (string line in _lastEvents) { text.Append("\n  ").Append(line); }
        return new SimulationFailure(text.ToString());
    }
}

/// <summary>What a checker found.</summary>
internal sealed class SimulationFailure(string message) : Exception(message);
