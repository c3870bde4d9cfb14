using System.Globalization;

namespace Gigawatt.Agents.Telemetry;

/// <summary>
/// Energy of the processor packages from the kernel's powercap files (Documentation/power/powercap in the kernel
/// tree). Only package zones count: core, uncore and DRAM zones lie inside or beside a package, and psys covers the
/// whole board. AMD processors appear under the same names. The counters are readable by root alone since they
/// were shown to leak secrets (CVE-2020-8694).
/// </summary>
internal sealed class RaplMeter
{
    private readonly Zone[] _zones;

    private RaplMeter(Zone[] zones) => _zones = zones;

    /// <summary>The packages under <c>{root}/sys/class/powercap</c>; null when there are none or one cannot be read.</summary>
    public static RaplMeter? TryOpen(string root = "/")
    {
        string powercap = Path.Combine(root, "sys/class/powercap");
        if (!Directory.Exists(powercap)) { return null; }
        List<Zone> zones = [];
        foreach (string folder in Directory.EnumerateFileSystemEntries(powercap, "intel-rapl:*").Order(StringComparer.Ordinal))
        {
            if (ReadText(Path.Combine(folder, "name"))?.StartsWith("package", StringComparison.Ordinal) != true) { continue; }
            if (ReadNumber(Path.Combine(folder, "max_energy_range_uj")) is not { } range
                || ReadNumber(Path.Combine(folder, "energy_uj")) is not { } energy)
            {
                return null;
            }

            zones.Add(new(Path.Combine(folder, "energy_uj"), range) { Last = energy });
        }

        return zones.Count == 0 ? null : new([.. zones]);
    }

    /// <summary>
    /// Microjoules of all packages since the meter was opened; null when a counter cannot be read just now. A
    /// counter wraps after some 260 kJ, 20 minutes at 200 W; only one wrap between two reads can be seen.
    /// </summary>
    public long? ReadMicrojoules()
    {
        long total = 0;
        foreach (Zone zone in _zones)
        {
            if (ReadNumber(zone.EnergyPath) is not { } now) { return null; }
            zone.Total += now >= zone.Last ? now - zone.Last : now + zone.Range - zone.Last;
            zone.Last = now;
            total += zone.Total;
        }

        return total;
    }

    private static long? ReadNumber(string path) =>
        long.TryParse(ReadText(path), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed class Zone(string energyPath, long range)
    {
        public string EnergyPath { get; } = energyPath;

        public long Range { get; } = range;

        public long Last { get; set; }

        public long Total { get; set; }
    }
}
