using Gigawatt.Agents.Telemetry;
using Gigawatt.Units;

namespace Gigawatt.Agents.Node;

/// <summary>
/// One task as the agent follows it. All it decides on lies in the <see cref="TaskFolder"/>, so a later agent that
/// opens the same folder goes on where this one was. Ends and starts are found by looking, because the supervisor
/// of an adopted task is not this process's child and sends it no signal.
/// </summary>
internal sealed class TaskRun(TaskFolder folder)
{
    private const int SignalBase = 128;
    private const int LastSignal = 64;

    private Detached? _supervisor;
    private Verdict? _verdict;
    private SupervisorClaim? _claim;
    private ProcessFamily? _family;
    private Instant? _stopDeadline = folder.ReadStopDeadline();
    private bool _terminated;
    private bool _killed;

    public TaskKey Key => folder.Key;

    public EnergyAccount Energy { get; } = new(folder.ReadAccelerators());

    /// <summary>The report of its end, once <see cref="Close"/> has made it.</summary>
    public TaskReport? Final { get; private set; }

    public bool IsRunning => _claim is not null && Final is null;

    public TaskState State => new(Key, Phase, IsRunning ? _claim!.Process.Pid : null, Final);

    private TaskPhase Phase =>
        Final is not null ? TaskPhase.Ended
        : _stopDeadline is not null ? TaskPhase.Stopping
        : _claim is not null ? TaskPhase.Running
        : TaskPhase.Starting;

    /// <summary>The process that is about to claim the task. If another has done so, it ends by itself.</summary>
    public void StartedBy(Detached supervisor) => _supervisor = supervisor;

    /// <summary>Decides that it shall not run, unless it already does.</summary>
    public bool GiveUp(string verdict) => folder.TryClaimAgainst(verdict);

    /// <summary>
    /// Asks the task to end, and lets it be killed when the grace is over. A second call can bring the end forward,
    /// never put it off.
    /// </summary>
    public void Stop(Instant now, Duration grace)
    {
        Instant deadline = now + grace;
        if (_stopDeadline is { } earlier && earlier <= deadline) { return; }
        _stopDeadline = deadline;
        folder.WriteStopDeadline(deadline);
        Terminate();
    }

    /// <summary>One look at the task.</summary>
    /// <param name="now">The node's clock.</param>
    /// <param name="started">The news that it runs, when this look found it.</param>
    /// <returns>Whether it has ended and can be closed.</returns>
    public bool Observe(Instant now, out TaskStarted? started)
    {
        started = null;
        if (_claim is null)
        {
            _claim = folder.ReadClaim(out _verdict);
            if (_verdict is not null) { return true; }
            if (_claim is null)
            {
                GiveUpWhenHopeless(now);
                return false;
            }

            _family = new(_claim.Process, folder.Path);
            started = new(Key, _claim.Process.Pid, _claim.StartedAt);
        }

        if (ProcessTable.IsAlive(_claim.Process))
        {
            Enforce(now);
            return false;
        }

        // Read after the supervisor was seen dead, so that a status it wrote in its last moment is not missed.
        if (folder.ReadStatus() is null) { folder.Conclude(Unwitnessed(now)); }
        _verdict = folder.ReadStatus();
        return _verdict is not null;
    }

    /// <summary>Takes in the meters while it runs.</summary>
    public void Sample(MeterReading reading, List<ProcessStat> processes)
    {
        if (_family is not null) { Energy.Sample(reading, _family.CpuMilliseconds(processes)); }
    }

    /// <summary>Goes on with the energy an earlier agent has saved.</summary>
    public void RestoreEnergy() => Energy.Restore(folder.Read("energy"));

    public void SaveEnergy() => folder.Save("energy", Energy.Save());

    /// <summary>Kills what the task left behind and makes its last report. Nothing of it runs once the report is out.</summary>
    public TaskReport Close(MeterReading reading)
    {
        Verdict verdict = _verdict!;
        _family?.Kill();
        Energy.Sample(reading, verdict.CpuMilliseconds);
        SaveEnergy();
        return Final = verdict.Kind switch
        {
            VerdictKind.Exited => Exited(verdict.ExitCode, _claim?.StartedAt ?? verdict.EndedAt, verdict.EndedAt),
            VerdictKind.Stopped => Exited(SignalBase + Libc.SigTerm, verdict.EndedAt, verdict.EndedAt),
            VerdictKind.Failed => new TaskFailedToStart(Key, verdict.Reason),
            VerdictKind.Fenced => new TaskLost(Key, "lease expired"),
            _ => new TaskLost(Key, verdict.Reason),
        };
    }

    /// <summary>Removes the record.</summary>
    public void Delete() => folder.Delete();

    private TaskExited Exited(int code, Instant startedAt, Instant endedAt)
    {
        int signal = code - SignalBase;
        return new(
            Key,
            code,
            signal is > 0 and <= LastSignal ? signal : null,
            startedAt,
            endedAt,
            Energy.CpuMilliseconds,
            Energy.Close(endedAt - startedAt));
    }

    private void GiveUpWhenHopeless(Instant now)
    {
        if (_stopDeadline is not null) { GiveUp(Verdict.Stopped(now)); }
        else if (_supervisor?.HasExited() == true) { GiveUp(Verdict.Failed($"the supervisor ended before it began (exit code {_supervisor.ExitCode})")); }
    }

    private void Enforce(Instant now)
    {
        if (_stopDeadline is not { } deadline) { return; }
        // An earlier agent may have died between writing the stop down and sending the signal.
        if (!_terminated) { Terminate(); }
        if (now < deadline) { return; }
        if (!_killed)
        {
            folder.WriteKillIntent();
            _killed = true;
        }

        _family!.Kill();
    }

    private void Terminate()
    {
        if (_family is null || _terminated) { return; }
        _terminated = true;
        _family.Terminate();
    }

    // The supervisor is gone and left no status: the intents on record say whether that was our doing.
    private string Unwitnessed(Instant now)
    {
        if (folder.ReadKillIntent() is { } intent)
        {
            return intent == "fenced" ? Verdict.Fenced(now) : Verdict.Exited(SignalBase + Libc.SigKill, now, Energy.CpuMilliseconds);
        }

        if (_claim!.Process.BootId != ProcessTable.BootId) { return Verdict.Lost("the machine restarted while it ran"); }
        return _stopDeadline is not null
            ? Verdict.Exited(SignalBase + Libc.SigTerm, now, Energy.CpuMilliseconds)
            : Verdict.Lost("its supervisor died without recording how it ended");
    }
}
