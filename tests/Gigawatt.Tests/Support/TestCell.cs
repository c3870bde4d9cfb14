using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Metering;
using Gigawatt.Placement;
using Gigawatt.Placement.BinPack;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Tests.Support;

/// <summary>A control loop with a clock that a test moves, and the commands of the last step.</summary>
internal sealed class TestCell
{
    private readonly CommandList _commands = new();

    public TestCell(FleetModel? fleet = null, IPlacementPolicy? policy = null)
    {
        Loop = new ControlLoop(policy ?? new BinPackPolicy());
        if (fleet is not null) { Step(new FleetDescribed(fleet)); }
    }

    public ControlLoop Loop { get; set; }

    public Instant Now { get; set; } = Instant.Epoch + Duration.FromSeconds(1);

    public List<Command> All { get; } = [];

    public IReadOnlyList<Command> Last { get; private set; } = [];

    public Action<Instant, Event>? OnStep { get; set; }

    public Job this[long id] => Loop.State.Jobs.Find(id)!;

    public void Step(Event happened)
    {
        _commands.Clear();
        OnStep?.Invoke(Now, happened);
        Loop.Step(happened, Now, _commands);
        Last = _commands.Items.ToArray();
        All.AddRange(Last);
    }

    public void Pass(long seconds)
    {
        Now += Duration.FromSeconds(seconds);
        Step(new TimePassed());
    }

    public Job Submit(JobSpec? spec = null)
    {
        long id = Loop.State.Jobs.NextId;
        Step(new JobSubmitted(id, spec ?? Spec()));
        return this[id];
    }

    public void StartAll(Job job)
    {
        for (int rank = 0; rank < job.Tasks.Count; rank++) { Step(new TaskStarted(job.Id, job.Attempt, rank)); }
    }

    public void Exit(Job job, int rank = 0, int exitCode = 0) =>
        Step(new TaskExited(job.Id, job.Attempt, rank, exitCode, default));

    public int Count(CommandKind kind) => Last.Count(c => c.Kind == kind);

    public static JobSpec Spec(int cpuMilli = 1000, int accelerators = 0, int gang = 1) =>
        new() { Name = "job", Tenant = "team", CpuMilli = cpuMilli, Accelerators = accelerators, GangSize = gang, Command = ["true"] };

    public static SiteFactors Factors { get; } = new()
    {
        PueThousandths = 1200,
        GridGramsPerMegawattHour = 400_000,
        SiteMillilitresPerMegawattHour = 300_000,
        GridMillilitresPerMegawattHour = 1_000_000,
        Source = "test",
    };

    public static FleetModel Fleet(params NodeGroup[] groups) => new()
    {
        Name = "test",
        Sites = [new SiteModel("site", Factors)],
        AcceleratorTypes =
        [
            new AcceleratorType("a100", 81_920, Watts.FromWatts(50), Watts.FromWatts(400), Usd.FromDollars(2)),
            new AcceleratorType("h100", 81_920, Watts.FromWatts(70), Watts.FromWatts(700), Usd.FromDollars(4)),
        ],
        Groups = groups,
    };

    public static NodeGroup Group(
        string name, int racks = 1, int nodesPerRack = 1, int cpuMilli = 8000, int memoryMib = 65_536, int type = -1, int accelerators = 0,
        NodeExecution execution = NodeExecution.Simulated) => new()
        {
            Name = name,
            Site = 0,
            Racks = racks,
            NodesPerRack = nodesPerRack,
            CpuMilli = cpuMilli,
            MemoryMib = memoryMib,
            AcceleratorType = type,
            Accelerators = accelerators,
            PerCore = Watts.FromWatts(5),
            CorePerHour = Usd.FromDollars(0.05),
            Execution = execution,
        };
}
