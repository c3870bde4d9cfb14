using System.Globalization;

namespace Gigawatt.Agents.Node;

/// <summary>One process as /proc/PID/stat shows it.</summary>
/// <param name="Pid">Field 1.</param>
/// <param name="State">Field 3.</param>
/// <param name="Group">Field 5.</param>
/// <param name="Session">Field 6.</param>
/// <param name="CpuTicks">Fields 14 to 17: its own user and system time and that of the children it has waited for.</param>
/// <param name="StartTime">Field 22: ticks after boot. Together with the number it names a process for good.</param>
internal readonly record struct ProcessStat(int Pid, char State, int Group, int Session, long CpuTicks, long StartTime)
{
    /// <summary>A zombie is over; its number stays taken until its parent has asked for the exit code.</summary>
    public bool IsAlive => State is not ('Z' or 'X' or 'x');

    /// <summary>Reads the one line of a stat file (proc_pid_stat(5)).</summary>
    public static ProcessStat? Parse(string line)
    {
        // The name in field 2 may hold spaces and parentheses of its own: count from the last one.
        int close = line.LastIndexOf(')');
        if (close < 0) { return null; }
        string[] fields = line[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 20 || !int.TryParse(line.AsSpan(0, line.IndexOf(' ', StringComparison.Ordinal)), out int pid)) { return null; }
        long Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
        return new(pid, fields[0][0], (int)Field(5), (int)Field(6), Field(14) + Field(15) + Field(16) + Field(17), Field(22));
    }
}

/// <summary>Reads /proc: who runs, who belongs to whom.</summary>
internal static class ProcessTable
{
    /// <summary>One tick of /proc in milliseconds: USER_HZ is 100 on every architecture .NET runs on.</summary>
    public const int TickMs = 10;

    private static readonly Lazy<string> ThisBoot = new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    /// <summary>Changes with every start of the machine; process numbers and start times mean nothing across it.</summary>
    public static string BootId => ThisBoot.Value;

    /// <summary>The process with this number, or null when there is none.</summary>
    public static ProcessStat? Find(int pid)
    {
        try
        {
            return ProcessStat.Parse(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat")));
        }
        catch (IOException)
        {
            // It ended before or while it was read (ENOENT, ESRCH).
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether this very process, not a later one with its number, is running.</summary>
    public static bool IsAlive(ProcessIdentity process) =>
        process.BootId == BootId && Find(process.Pid) is { IsAlive: true } found && found.StartTime == process.StartTime;

    /// <summary>Every process of the machine, in the order of /proc.</summary>
    public static List<ProcessStat> ReadAll()
    {
        List<ProcessStat> processes = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && Find(pid) is { } found)
            {
                processes.Add(found);
            }
        }

        return processes;
    }

    /// <summary>Whether a process was started with this environment entry, itself or by inheritance.</summary>
    public static bool Carries(int pid, ReadOnlySpan<byte> entry)
    {
        try
        {
            ReadOnlySpan<byte> environment = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ"));
            foreach (Range range in environment.Split((byte)0))
            {
                if (environment[range].SequenceEqual(entry)) { return true; }
            }
        }
        catch (IOException) { /* It ended meanwhile. */ }
        catch (UnauthorizedAccessException) { /* Another user's process: not ours. */ }
        return false;
    }
}

/// <summary>Names one process for good: a number alone is used again.</summary>
/// <param name="Pid">The process number.</param>
/// <param name="StartTime">Its start time in ticks after boot.</param>
/// <param name="BootId">The boot it ran in.</param>
internal sealed record ProcessIdentity(int Pid, long StartTime, string BootId)
{
    /// <summary>Reads three words of a <c>claim</c> or <c>guard</c> file.</summary>
    public static ProcessIdentity? Parse(ReadOnlySpan<string> words) =>
        words is [string pid, string start, string boot]
        && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out int parsedPid) && parsedPid > 1
        && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out long parsedStart)
            ? new(parsedPid, parsedStart, boot)
            : null;
}
