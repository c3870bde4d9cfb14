using System.Text;

namespace Gigawatt.Agents.Node;

/// <summary>
/// All processes of one task: the session of its supervisor, and descendants that left the session but still carry
/// the task's mark in their environment (launchers such as torchrun start their workers in sessions of their own).
/// A descendant that does both, leave the session and clear its environment, is not found.
/// </summary>
internal sealed class ProcessFamily(ProcessIdentity supervisor, string recordFolder)
{
    private readonly byte[] _mark = Encoding.UTF8.GetBytes($"{TaskEnvironment.RecordVariable}={recordFolder}");

    /// <summary>Milliseconds of CPU time used by the session and the children it has waited for, by this snapshot.</summary>
    public long CpuMilliseconds(List<ProcessStat> processes)
    {
        long ticks = 0;
        foreach (ProcessStat process in processes)
        {
            if (process.Session == supervisor.Pid) { ticks += process.CpuTicks; }
        }

        return ticks * ProcessTable.TickMs;
    }

    /// <summary>
    /// Asks every process group of the session to end. Groups, because a command such as timeout(1) leads a group
    /// of its own; stopped processes are woken, or they would never see it.
    /// </summary>
    public void Terminate()
    {
        if (IsSomebodyElse()) { return; }
        HashSet<int> groups = [supervisor.Pid];
        foreach (ProcessStat process in ProcessTable.ReadAll())
        {
            if (process.Session == supervisor.Pid) { groups.Add(process.Group); }
        }

        foreach (int group in groups)
        {
            _ = Libc.Kill(-group, Libc.SigTerm);
            _ = Libc.Kill(-group, Libc.SigCont);
        }
    }

    /// <summary>
    /// Kills whatever is left, the supervisor included. Looks again until a look finds nothing new, because a
    /// process can fork between being listed and being killed.
    /// </summary>
    public void Kill()
    {
        if (supervisor.BootId != ProcessTable.BootId) { return; }
        if (!IsSomebodyElse()) { _ = Libc.Kill(-supervisor.Pid, Libc.SigKill); }
        HashSet<(int, long)> killed = [];
        for (bool found = true; found;)
        {
            found = false;
            foreach (ProcessStat process in ProcessTable.ReadAll())
            {
                if (IsMember(process) && killed.Add((process.Pid, process.StartTime)))
                {
                    _ = Libc.Kill(process.Pid, Libc.SigKill);
                    found = true;
                }
            }
        }
    }

    // Nothing older than the supervisor can descend from it, which spares most of the machine's processes a look
    // into their environment. A session number cannot be reused while the session has members.
    private bool IsMember(ProcessStat process) =>
        process.IsAlive
        && process.StartTime >= supervisor.StartTime
        && ((process.Session == supervisor.Pid && !IsSomebodyElse()) || ProcessTable.Carries(process.Pid, _mark));

    // The kernel does not hand out a number again while a group or session bears it. So a process that has the
    // supervisor's number and another start time proves that the supervisor's group is empty.
    private bool IsSomebodyElse() =>
        supervisor.BootId != ProcessTable.BootId
        || (ProcessTable.Find(supervisor.Pid) is { } found && found.StartTime != supervisor.StartTime);
}
