using System.Globalization;
using Gigawatt.Units;

namespace Gigawatt.Agents.Node;

/// <summary>
/// The agent's permission to run tasks, and the guard process that enforces its end even after the agent's death.
/// Deadlines are in hundredths of a second of /proc/uptime, which no clock adjustment moves.
/// </summary>
internal sealed class Lease(AgentFolder folder, Duration length)
{
    private const long CentisecondNs = 10_000_000;

    private string LeasePath => Path.Combine(folder.Root, "lease");

    /// <summary>Renews from a moment that lies <paramref name="age"/> back.</summary>
    public void Renew(Duration age)
    {
        long deadline = UptimeCentiseconds() + ((length - age).Nanoseconds / CentisecondNs);
        if (deadline <= Deadline()) { return; }
        AtomicFile.Write(LeasePath, string.Create(CultureInfo.InvariantCulture, $"{deadline} {ProcessTable.BootId}\n"));
    }

    public bool IsExpired() => UptimeCentiseconds() >= Deadline();

    /// <summary>Sees to it that a guard is on duty. To be called after a task was put on record, and again while one runs.</summary>
    /// <returns>The guard, when one had to be started.</returns>
    /// <exception cref="System.ComponentModel.Win32Exception">No process can be created.</exception>
    public Detached? EnsureGuard(IReadOnlyDictionary<string, string> environment)
    {
        string[] words = AtomicFile.TryRead(Path.Combine(folder.Root, "guard"))?.TrimEnd('\n').Split(' ') ?? [];
        if (ProcessIdentity.Parse(words) is { } guard && ProcessTable.IsAlive(guard)) { return null; }

        // Looking ten times per lease keeps the overrun small; a second is often enough for long leases.
        double interval = Math.Clamp(length.Seconds / 10, 0.1, 1);
        return Detached.Start(folder.GuardScript, [folder.Root, interval.ToString("0.0", CultureInfo.InvariantCulture)], environment);
    }

    // The start of time when there is no lease, or only one from before the machine's last start.
    private long Deadline() =>
        AtomicFile.TryRead(LeasePath)?.TrimEnd('\n').Split(' ') is [var deadline, var boot] && boot == ProcessTable.BootId
            ? long.Parse(deadline, CultureInfo.InvariantCulture)
            : 0;

    private static long UptimeCentiseconds()
    {
        string text = File.ReadAllText("/proc/uptime");
        return long.Parse(text.AsSpan(0, text.IndexOf(' ', StringComparison.Ordinal)).ToString().Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
