using Gigawatt.Agents.Node;
using Gigawatt.Server.Tasks;
using Gigawatt.Units;
using Gigawatt.Wire.Control;

namespace Gigawatt.Server.Remote;

/// <summary>What one remote agent should be doing, kept until it says that it is.</summary>
/// <remarks>Level, not edge: every answer is made from what should be and what the agent says is, so a lost answer costs nothing.</remarks>
internal sealed class RemoteNode(string name) : ITaskRunner
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TaskKey, Wanted> _wanted = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The node's name.</summary>
    public string Name => name;

    /// <summary>When the agent was last heard of, in timestamps of the server's <see cref="TimeProvider"/>.</summary>
    public long LastContact { get; set; }

    /// <inheritdoc/>
    public void Start(PlacedTask task)
    {
        lock (_lock) { _wanted.TryAdd(task.Key, new Wanted(task)); }
        Wake();
    }

    /// <inheritdoc/>
    public void Stop(TaskKey key, Duration grace)
    {
        lock (_lock)
        {
            if (_wanted.TryGetValue(key, out Wanted? wanted)) { wanted.StopGrace = grace; }
        }

        Wake();
    }

    /// <summary>Tasks that ran here by the agent's own word and that it no longer knows.</summary>
    public IReadOnlyList<TaskKey> Missing(IReadOnlyList<AgentTask> told)
    {
        HashSet<TaskKey> known = [.. told.Select(KeyOf)];
        lock (_lock) { return [.. _wanted.Where(w => w.Value.WasSeen && !known.Contains(w.Key)).Select(w => w.Key)]; }
    }

    /// <summary>Notes that a task is over.</summary>
    public void Done(TaskKey key)
    {
        lock (_lock) { _wanted.Remove(key); }
    }

    /// <summary>Forgets everything: the node is lost.</summary>
    public void Clear()
    {
        lock (_lock) { _wanted.Clear(); }
    }

    /// <summary>What the agent has to do to get from what it told to what should be.</summary>
    public AgentOrders Orders(IReadOnlyList<AgentTask> told)
    {
        Dictionary<TaskKey, AgentTask> known = told.ToDictionary(KeyOf);
        var start = new List<AgentStart>();
        var stop = new List<AgentStop>();
        var forget = new List<AgentForget>();
        lock (_lock)
        {
            foreach ((TaskKey key, Wanted wanted) in _wanted)
            {
                wanted.WasSeen |= known.ContainsKey(key);
                if (!known.ContainsKey(key) && !wanted.WasSeen) { start.Add(ToStart(wanted.Task)); }
                if (wanted.StopGrace is { } grace) { stop.Add(new(key.Job, key.Attempt, key.Rank, grace.Seconds)); }
            }

            foreach ((TaskKey key, AgentTask task) in known)
            {
                if (_wanted.ContainsKey(key)) { continue; }
                bool over = task.State is "exited" or "lost" or "failed";
                if (over) { forget.Add(new(key.Job, key.Attempt, key.Rank)); }
                else { stop.Add(new(key.Job, key.Attempt, key.Rank, 0)); }
            }
        }

        return new AgentOrders(start, stop, forget);
    }

    /// <summary>Completes at the next change of what should be. Take it before <see cref="Orders"/>.</summary>
    public Task Changed
    {
        get { lock (_lock) { return _changed.Task; } }
    }

    internal static TaskKey KeyOf(AgentTask task) => new(task.Job, task.Attempt, task.Rank);

    private void Wake()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }

    private static AgentStart ToStart(PlacedTask task)
    {
        var env = new Dictionary<string, string>();
        foreach ((string variable, string value) in task.Launch.Environment) { env[variable] = value; }
        return new(task.Key.Job, task.Key.Attempt, task.Key.Rank, task.Launch.Command, env, task.Launch.WorkingDirectory, task.Launch.Accelerators);
    }

    private sealed class Wanted(PlacedTask task)
    {
        public PlacedTask Task { get; } = task;

        /// <summary>Whether the agent has named it, now or, by the job's state, before a restart of the server.</summary>
        public bool WasSeen { get; set; } = task.Started is not null;

        public Duration? StopGrace { get; set; }
    }
}
