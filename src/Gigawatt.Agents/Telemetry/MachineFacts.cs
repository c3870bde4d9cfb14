using System.Globalization;

namespace Gigawatt.Agents.Telemetry;

/// <summary>What a machine offers to work, as its kernel and drivers say.</summary>
/// <param name="HostName">Its name.</param>
/// <param name="CpuModel">The maker's name of the processor, <c>unknown</c> where the kernel does not say.</param>
/// <param name="Cores">Logical processors this process may use, at least one: affinity and cgroup limits included.</param>
/// <param name="MemoryMib">Memory this process may use, in MiB: the cgroup's limit included.</param>
/// <param name="Accelerators">NVIDIA devices that NVML shows, in its order; empty without the library.</param>
public sealed record MachineFacts(
    string HostName, string CpuModel, int Cores, long MemoryMib, IReadOnlyList<AcceleratorFacts> Accelerators)
{
    /// <summary>Looks at this machine.</summary>
    public static MachineFacts Detect() => Detect("/", Nvml.TryLoad());

    /// <summary>Looks at the files under another root, in the layout of /proc and /sys.</summary>
    internal static MachineFacts Detect(string root, Nvml? nvml)
    {
        Dictionary<string, string> cpu = Fields(root, "proc/cpuinfo");
        int cores = Lines(root, "proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal));
        if (Fields(root, "proc/self/status").TryGetValue("Cpus_allowed_list", out string? allowed)) { cores = Math.Min(cores, CountRanges(allowed)); }
        if (Words(root, "sys/fs/cgroup/cpu.max") is [var quota, var period, ..] && long.TryParse(quota, out long quotaUs) && long.TryParse(period, out long periodUs) && periodUs > 0)
        {
            cores = (int)Math.Min(cores, quotaUs / periodUs);
        }

        long memoryMib = Fields(root, "proc/meminfo").TryGetValue("MemTotal", out string? total) ? FirstNumber(total) / 1024 : 0;
        if (Words(root, "sys/fs/cgroup/memory.max") is [var limit, ..] && long.TryParse(limit, out long bytes)) { memoryMib = Math.Min(memoryMib, bytes >> 20); }

        List<AcceleratorFacts> accelerators = [];
        for (int i = 0; i < (nvml?.Count ?? 0); i++)
        {
            if (nvml!.Describe(i) is { } facts) { accelerators.Add(facts); }
        }

        return new(
            Words(root, "proc/sys/kernel/hostname") is [var name, ..] ? name : "unknown",
            cpu.GetValueOrDefault("model name", "unknown"),
            Math.Max(1, cores),
            memoryMib,
            accelerators);
    }

    // "Key : value" lines; of several the first counts.
    private static Dictionary<string, string> Fields(string root, string path)
    {
        Dictionary<string, string> fields = [];
        foreach (string line in Lines(root, path))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0) { fields.TryAdd(line[..colon].Trim(), line[(colon + 1)..].Trim()); }
        }

        return fields;
    }

    // "0-3,8" counts 5.
    private static int CountRanges(string list)
    {
        int count = 0;
        foreach (string range in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            count += int.Parse(ends[^1], CultureInfo.InvariantCulture) - int.Parse(ends[0], CultureInfo.InvariantCulture) + 1;
        }

        return count;
    }

    private static long FirstNumber(string text) => long.Parse(text.Split(' ')[0], CultureInfo.InvariantCulture);

    private static string[] Words(string root, string path) =>
        Lines(root, path) is [var first, ..] ? first.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];

    private static string[] Lines(string root, string path)
    {
        string full = Path.Combine(root, path);
        return File.Exists(full) ? File.ReadAllLines(full) : [];
    }
}
