using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Simulation;

/// <summary>The machines: they carry commands out, late, and report; agents fall silent, come back, and their reports with them.
/// They know what truly runs, and so whether two tasks ever share an accelerator.</summary>
internal sealed class ModelNodes(World world)
{
    /// <summary>The server waits so long for an agent; by then the agent's guard has killed its tasks.</summary>
    private static readonly Duration Lease = Duration.FromSeconds(60);

    private readonly Dictionary<(long Job, int Attempt, int Rank), ModelTask> _tasks = [];
    private readonly Dictionary<string, Agent> _agents = new(StringComparer.Ordinal);

    public void Join(NodeGroup node, AcceleratorType? type)
    {
        _agents[node.Name] = new Agent(node, type);
        world.Step(new NodeJoined(node, type));
    }

    /// <summary>An agent falls silent. Its tasks go on until the lease is over.</summary>
    public void Leave(string name, Duration away)
    {
        if (!_agents.TryGetValue(name, out Agent? agent) || agent.Away) { return; }
        agent.Away = true;
        if (away > Lease)
        {
            world.After(Lease, () =>
            {
                agent.Lost = true;
                foreach (ModelTask task in On(agent)) { Kill(agent, task); }
                world.Step(new NodeLost(name));
            });
        }

        world.After(away, () => Return(agent));
    }

    public void Carry(ReadOnlySpan<Command> commands)
    {
        foreach (ModelTask task in _tasks.Values)
        {
            if (task.Alive && world.Cell.Fleet.StatusOf(task.Node) == NodeStatus.Removed) { task.Alive = false; }
        }

        foreach (Command command in commands)
        {
            if (command.Kind == CommandKind.StartTask) { Start(command); }
            else if (command.Kind == CommandKind.StopTask) { Stop(command); }
        }
    }

    private void Start(in Command command)
    {
        Job job = world.Cell.Jobs.Find(command.JobId)!;
        var task = new ModelTask(command.JobId, command.Attempt, command.Rank, command.Node, command.Argument, job.Spec);
        Assert.True(_tasks.TryAdd((task.Job, task.Attempt, task.Rank), task), "a task is started twice");
        foreach (ModelTask other in _tasks.Values)
        {
            if (!other.Alive || other.Job != task.Job || other.Attempt == task.Attempt) { continue; }
            Assert.Fail($"attempt {task.Attempt} of job {task.Job} starts while task {other.Rank} of attempt {other.Attempt} still runs");
        }

        task.Alive = true;
        Assert.True(AcceleratorsAreFree(task), $"{task} starts on accelerators that another task uses");
        if (AgentOf(task) is { Away: true } silent) { silent.Unheard.Add(() => Begin(task)); }
        else { Begin(task); }
    }

    private bool AcceleratorsAreFree(ModelTask task)
    {
        for (ulong left = task.Mask; left != 0; left &= left - 1)
        {
            ulong one = left & (~left + 1);
            int milli = 0;
            foreach (ModelTask other in _tasks.Values)
            {
                if (other.Alive && other.Node == task.Node && (other.Mask & one) != 0) { milli += other.Spec.AcceleratorMilli; }
            }

            if (milli > TaskDemand.WholeAccelerator) { return false; }
        }

        return true;
    }

    private void Begin(ModelTask task)
    {
        if (!task.Alive) { return; }
        Duration delay = Duration.FromMilliseconds(world.Random.Next(5_000));
        if (world.Has(Feature.TasksLost) && world.Chance(4))
        {
            world.After(delay, () => End(task, new TaskLost(task.Job, task.Attempt, task.Rank, "the machine rebooted")));
            return;
        }

        world.After(delay, () =>
        {
            if (task.Alive) { Report(task, new TaskStarted(task.Job, task.Attempt, task.Rank)); }
        });
        bool fails = world.Has(Feature.TasksFail) && world.Chance(6);
        Duration runs = Duration.FromMilliseconds(world.Random.Next(world.Chance(10) ? 3_000_000 : 300_000));
        world.After(delay + runs, () => Exit(task, fails ? world.Random.Next(1, 256) : 0));
    }

    private void Stop(in Command command)
    {
        if (!_tasks.TryGetValue((command.JobId, command.Attempt, command.Rank), out ModelTask? task)) { return; }
        Duration within = new(world.Random.NextInt64((long)command.Argument + 1));
        if (AgentOf(task) is { Away: true } silent) { silent.Unheard.Add(() => world.After(within, () => Exit(task, 143))); }
        else { world.After(within, () => Exit(task, 143)); }
    }

    private void Exit(ModelTask task, int code) => End(task, new TaskExited(task.Job, task.Attempt, task.Rank, code, Reading()));

    private void End(ModelTask task, Event report)
    {
        if (!task.Alive) { return; }
        task.Alive = false;
        Report(task, report);
    }

    private TaskReading Reading()
    {
        if (world.Has(Feature.MeterJumps) && world.Chance(30))
        {
            // Counters wrap, are reset, or come from a driver that is out of its mind.
            long jump = world.Random.Next(4) switch { 0 => long.MaxValue, 1 => -1, 2 => long.MinValue, _ => world.Random.NextInt64() };
            return new TaskReading(world.Chance(50) ? jump : null, new Joules(jump), new Joules(world.Chance(50) ? jump : 1_000));
        }

        return world.Chance(50) ? default : new TaskReading(world.Random.Next(60_000), new Joules(world.Random.Next(100_000)), null);
    }

    private void Report(ModelTask task, Event report)
    {
        Agent? agent = AgentOf(task);
        Send(agent, report);
        if (!world.Has(Feature.ReportsTwice) || !world.Chance(20)) { return; }
        world.After(Duration.FromMilliseconds(world.Random.Next(100_000)), () => Send(agent, report));
    }

    private void Send(Agent? agent, Event report)
    {
        if (agent is { Away: true }) { agent.Unsent.Add(report); }
        else { world.Step(report); }
    }

    private static void Kill(Agent agent, ModelTask task)
    {
        task.Alive = false;
        agent.Unsent.Add(new TaskLost(task.Job, task.Attempt, task.Rank, "stopped when its agent's lease was over"));
    }

    private void Return(Agent agent)
    {
        agent.Away = false;
        (List<Action> unheard, List<Event> unsent) = (agent.Unheard, agent.Unsent);
        (agent.Unheard, agent.Unsent) = ([], []);
        if (agent.Lost || world.Chance(50))
        {
            if (world.Has(Feature.FleetChanges) && world.Chance(20)) { agent.Node = agent.Node with { CpuMilli = 1000 * world.Random.Next(4, 40) }; }
            if (agent.Lost && unsent.Exists(static report => report is TaskExited)) { world.Note("came back with tasks finished"); }
            agent.Lost = false;
            world.Step(new NodeJoined(agent.Node, agent.Type));
        }

        foreach (Action command in unheard) { command(); }
        foreach (Event report in unsent) { world.Step(report); }
    }

    private List<ModelTask> On(Agent agent) => [.. _tasks.Values.Where(task => task.Alive && AgentOf(task) == agent)];

    private Agent? AgentOf(ModelTask task) => _agents.GetValueOrDefault(world.Cell.Fleet.NameOf(task.Node));

    private sealed class Agent(NodeGroup node, AcceleratorType? type)
    {
        public NodeGroup Node { get; set; } = node;

        public AcceleratorType? Type { get; } = type;

        public bool Away { get; set; }

        public bool Lost { get; set; }

        /// <summary>Commands that have not reached it.</summary>
        public List<Action> Unheard { get; set; } = [];

        /// <summary>Reports that have not reached the server.</summary>
        public List<Event> Unsent { get; set; } = [];
    }

    private sealed record ModelTask(long Job, int Attempt, int Rank, int Node, ulong Mask, JobSpec Spec)
    {
        public bool Alive { get; set; }
    }
}
