using System.ComponentModel;
using Gigawatt.Agents.Telemetry;

namespace Gigawatt.Agents.Node;

/// <content>Looks at the running tasks again and again: ends, graces, guard, meters, log limits.</content>
public sealed partial class NodeAgent
{
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(10);

    private long _sampledAt;
    private long _savedAt;

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using PeriodicTimer timer = new(_options.PollInterval.ToTimeSpan(), _time);
            do
            {
                lock (_gate) { Look(); }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            _reports.Writer.TryComplete();
        }
#pragma warning disable CA1031 // Whatever it is, the receiver of the reports must hear that there will be no more.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _reports.Writer.TryComplete(failure);
        }
    }

    private void Look()
    {
        _children.RemoveAll(child => child.HasExited());
        List<TaskRun> live = [.. _tasks.Values.Where(task => task.Final is null)];
        if (live.Count == 0) { return; }
        foreach (TaskRun task in live)
        {
            try
            {
                bool ended = task.Observe(Now(), out TaskStarted? started);
                if (started is not null) { Post(started); }
                if (ended) { Post(task.Close(_meters.Read())); }
            }
            catch (IOException)
            {
                // A full disk, most likely. The task is as it was; the next look tries again.
            }
        }

        try
        {
            EnsureGuard();
        }
        catch (Win32Exception)
        {
            // The machine is out of processes; the next look tries again.
        }

        if (_time.GetElapsedTime(_sampledAt) >= _options.SampleInterval.ToTimeSpan()) { Sample(live); }
    }

    private void Sample(List<TaskRun> live)
    {
        _sampledAt = _time.GetTimestamp();
        bool save = _time.GetElapsedTime(_savedAt) >= SaveInterval;
        if (save) { _savedAt = _sampledAt; }
        MeterReading reading = _meters.Read();
        List<ProcessStat> processes = ProcessTable.ReadAll();
        foreach (TaskRun task in live.Where(task => task.IsRunning))
        {
            task.Sample(reading, processes);
            try
            {
                LogLimit.Enforce(_folder.LogOf(task.Key), _options.LogLimitBytes);
                if (save) { task.SaveEnergy(); }
            }
            catch (IOException)
            {
                // Costs at most the energy since the last save, and only if the agent dies as well.
            }
        }
    }
}
