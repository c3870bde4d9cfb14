using System.Globalization;
using Gigawatt.Agents.Node;
using Gigawatt.Execution;
using Gigawatt.Units;

namespace Gigawatt.Server.Tasks;

/// <summary>Lets time pass for tasks on simulated nodes. No command is run, and the task's log says so.</summary>
/// <remarks>A task "runs" for <see cref="SecondsVariable"/> seconds of its environment, else ten, and ends with exit code 0.</remarks>
internal sealed class SimulatedRunner(TimeProvider time, TaskLogs logs, Action<Event> report) : ITaskRunner, IAsyncDisposable
{
    /// <summary>The variable that says how long a simulated task takes.</summary>
    public const string SecondsVariable = "GIGAWATT_SIMULATED_SECONDS";

    private const double DefaultSeconds = 10;
    private const int ExitCodeOfSigterm = 128 + 15;
    private readonly Lock _lock = new();
    private readonly Dictionary<TaskKey, ITimer> _running = [];

    /// <inheritdoc/>
    public void Start(PlacedTask task)
    {
        TimeSpan left = LengthOf(task) - (task.Started is { } since ? (Instant.From(time.GetUtcNow()) - since).ToTimeSpan() : TimeSpan.Zero);
        lock (_lock)
        {
            if (_running.ContainsKey(task.Key)) { return; }
            // Made and set in two steps: a timer that is due at once must find itself in the table.
            ITimer timer = time.CreateTimer(_ => End(task.Key, 0), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _running.Add(task.Key, timer);
            timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        if (task.Started is not null) { return; }
        logs.Write(task.Key, $"[simulated] {task.Node} is simulated: nothing is executed; time passes for {LengthOf(task).TotalSeconds:0.###} s.\n");
        report(new Execution.TaskStarted(task.Key.Job, task.Key.Attempt, task.Key.Rank));
    }

    /// <inheritdoc/>
    public void Stop(TaskKey key, Duration grace) => End(key, ExitCodeOfSigterm);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        ITimer[] timers;
        lock (_lock)
        {
            timers = [.. _running.Values];
            _running.Clear();
        }

        foreach (ITimer timer in timers) { await timer.DisposeAsync(); }
    }

    private void End(TaskKey key, int exitCode)
    {
        lock (_lock)
        {
            if (!_running.Remove(key, out ITimer? timer)) { return; }
            timer.Dispose();
        }

        report(new Execution.TaskExited(key.Job, key.Attempt, key.Rank, exitCode, default));
    }

    private static TimeSpan LengthOf(PlacedTask task)
    {
        string? text = task.Launch.Environment.LastOrDefault(v => v.Key == SecondsVariable).Value;
        return TimeSpan.FromSeconds(
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and < 1e9
                ? seconds
                : DefaultSeconds);
    }
}
