using System.ComponentModel;
using System.Threading.Channels;
using Gigawatt.Agents.Telemetry;
using Gigawatt.Units;

namespace Gigawatt.Agents.Node;

/// <summary>
/// Runs tasks as process groups on this Linux machine. Tasks do not depend on it: each runs under a supervisor of
/// its own, a small shell script, and a new agent on the same data folder adopts what it finds, reports what ended
/// meanwhile and never starts a task twice. Disposing the agent, or killing it, leaves its tasks running.
/// </summary>
/// <remarks>Members may be called from any thread.</remarks>
public sealed partial class NodeAgent : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly NodeAgentOptions _options;
    private readonly TimeProvider _time;
    private readonly MachineMeters _meters;
    private readonly AgentFolder _folder;
    private readonly Lease? _lease;
    private readonly Dictionary<string, string> _environment = TaskEnvironment.Base(Environment.GetEnvironmentVariables());
    private readonly SortedDictionary<TaskKey, TaskRun> _tasks = [];
    private readonly List<Detached> _children = [];
    private readonly Channel<TaskReport> _reports = Channel.CreateUnbounded<TaskReport>();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _watching;

    /// <summary>Opens the data folder and adopts the tasks on record there.</summary>
    /// <param name="options">Where and how.</param>
    /// <param name="time">The clock and timers.</param>
    /// <exception cref="IOException">The folder is in use by another agent or cannot be written.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public NodeAgent(NodeAgentOptions options, TimeProvider time)
        : this(options, time, MachineMeters.Open(time))
    {
    }

    internal NodeAgent(NodeAgentOptions options, TimeProvider time, MachineMeters meters)
    {
        if (!OperatingSystem.IsLinux()) { throw new PlatformNotSupportedException("The node agent runs tasks on Linux only."); }
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LogLimitBytes, 64 << 10);
        if (options.LeaseDuration is { } length) { ArgumentOutOfRangeException.ThrowIfLessThan(length, Duration.FromSeconds(1)); }
        _options = options;
        _time = time;
        _meters = meters;
        _folder = new(options.DataFolder);
        _lease = options.LeaseDuration is { } duration ? new(_folder, duration) : null;
        lock (_gate) { Adopt(); }
        _watching = Task.Run(() => WatchAsync(_end.Token));
    }

    /// <summary>
    /// Every start and end of a task, and again after a restart of the agent for tasks that run or were not
    /// forgotten. Completes when the agent is disposed, with an error if it failed.
    /// </summary>
    public ChannelReader<TaskReport> Reports => _reports.Reader;

    /// <summary>The tasks on record, by key.</summary>
    public IReadOnlyList<TaskState> Tasks
    {
        get
        {
            lock (_gate) { return [.. _tasks.Values.Select(task => task.State)]; }
        }
    }

    /// <summary>
    /// Starts a task, once: a key that is on record is left as it is. What prevents a start is reported, not thrown.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The key has a negative part.</exception>
    public void Start(TaskLaunch launch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(launch.Key.Job);
        ArgumentOutOfRangeException.ThrowIfNegative(launch.Key.Attempt);
        ArgumentOutOfRangeException.ThrowIfNegative(launch.Key.Rank);
        lock (_gate)
        {
            if (_tasks.ContainsKey(launch.Key)) { return; }
            string log = _folder.LogOf(launch.Key);
            if (File.Exists(log))
            {
                // A start that arrives late, after the task was run, reported and forgotten.
                Post(new TaskLost(launch.Key, "this node has run it before and has forgotten it"));
                return;
            }

            try
            {
                string? refusal = Refusal(launch);
                TaskRun task = new(_folder.Record(WithDevices(launch), refusal));
                File.Create(log).Dispose();
                _tasks.Add(launch.Key, task);
                if (refusal is not null) { return; }
                task.Energy.Sample(_meters.Read(), 0);
                Launch(task, launch.Key);
            }
            catch (IOException failure)
            {
                if (!_tasks.ContainsKey(launch.Key)) { Post(new TaskLost(launch.Key, $"this node cannot record it: {failure.Message}")); }
            }
        }
    }

    /// <summary>
    /// Ends a task: SIGTERM to its process groups, and SIGKILL to everything that is left after the grace. A task
    /// that has ended is left as it is; one that is not on record is reported lost.
    /// </summary>
    /// <param name="key">The task.</param>
    /// <param name="grace">How long it may take to end by itself; zero or more. Survives a restart of the agent.</param>
    public void Stop(TaskKey key, Duration grace)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(grace, Duration.Zero);
        lock (_gate)
        {
            if (!_tasks.TryGetValue(key, out TaskRun? task)) { Post(new TaskLost(key, "this node has no record of it")); }
            else if (task.Final is null) { task.Stop(Now(), grace); }
        }
    }

    /// <summary>
    /// Deletes the record of a task that has ended, once its last report is kept safe elsewhere. Its log stays. A
    /// key that is not on record is ignored.
    /// </summary>
    /// <exception cref="InvalidOperationException">The task has not ended.</exception>
    public void Forget(TaskKey key)
    {
        lock (_gate)
        {
            if (!_tasks.TryGetValue(key, out TaskRun? task)) { return; }
            if (task.Final is null) { throw new InvalidOperationException($"Task {key} has not ended and cannot be forgotten."); }
            task.Delete();
            _tasks.Remove(key);
        }
    }

    /// <summary>Lets tasks run for another lease. Without <see cref="NodeAgentOptions.LeaseDuration"/> it does nothing.</summary>
    /// <param name="age">
    /// How long ago the request was sent that the server has answered. The server counts from when it heard from
    /// the node, which is not before that.
    /// </param>
    public void RenewLease(Duration age)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(age, Duration.Zero);
        lock (_gate) { _lease?.Renew(age); }
    }

    /// <summary>What a task prints, standard output and standard error as they were written.</summary>
    public LogReader Log(TaskKey key) => new(_folder.LogOf(key), () => HasEnded(key), _options, _time);

    /// <summary>Stops watching and gives the folder free. Tasks go on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_end.IsCancellationRequested) { return; }
        await _end.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _folder.Dispose();
        _end.Dispose();
    }

    private Instant Now() => Instant.From(_time.GetUtcNow());

    private bool HasEnded(TaskKey key)
    {
        lock (_gate) { return !_tasks.TryGetValue(key, out TaskRun? task) || task.Final is not null; }
    }

    private string? Refusal(TaskLaunch launch)
    {
        if (TaskEnvironment.Objection(launch) is { } objection) { return Verdict.Failed(objection); }
        return _lease?.IsExpired() == true ? Verdict.Lost("lease expired") : null;
    }

    // A task sees the NVIDIA devices it holds and no others. Its own variables come later and win.
    private TaskLaunch WithDevices(TaskLaunch launch) => _meters.Accelerators == 0 ? launch : launch with
    {
        Environment =
        [
            new("CUDA_DEVICE_ORDER", "PCI_BUS_ID"),
            new("CUDA_VISIBLE_DEVICES", string.Join(',', launch.Accelerators)),
            .. launch.Environment,
        ],
    };

    private void Adopt()
    {
        foreach (TaskFolder record in _folder.Scan())
        {
            TaskRun task = new(record);
            task.RestoreEnergy();
            _tasks.Add(record.Key, task);
            if (record.ReadClaim(out Verdict? verdict) is not null || verdict is not null) { continue; }

            // On record but not claimed: the earlier agent died around starting it. A supervisor of its own may
            // still come; whichever claims the task runs it.
            if (_lease?.IsExpired() == true) { task.GiveUp(Verdict.Fenced(Now())); }
            else { Launch(task, record.Key); }
        }
    }

    private void Launch(TaskRun task, TaskKey key)
    {
        try
        {
            EnsureGuard();
            string record = _folder.RecordOf(key);
            Dictionary<string, string> marked = new(_environment) { [TaskEnvironment.RecordVariable] = record };
            Detached supervisor = Detached.Start(_folder.TaskScript, [record, _folder.LogOf(key)], marked);
            _children.Add(supervisor);
            task.StartedBy(supervisor);
        }
        catch (Win32Exception failure)
        {
            task.GiveUp(Verdict.Failed($"its supervisor or guard cannot be started: {failure.Message}"));
        }
    }

    private void EnsureGuard()
    {
        if (_lease?.EnsureGuard(_environment) is { } guard) { _children.Add(guard); }
    }

    private void Post(TaskReport report) => _reports.Writer.TryWrite(report);
}
