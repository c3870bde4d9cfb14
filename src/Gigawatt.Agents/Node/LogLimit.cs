using Microsoft.Win32.SafeHandles;

namespace Gigawatt.Agents.Node;

/// <summary>
/// Keeps a log's use of the disk within its limit by punching a hole into its middle (fallocate(2)). The command
/// writes straight into the file, so neither its exit code nor its speed depends on a reader at the other end of a
/// pipe, and every offset stays what it was. On a file system without holes the log grows without limit.
/// </summary>
internal static class LogLimit
{
    private const long Block = 4096;

    /// <summary>Keeps the first half of the limit and the latest half; the first time only when it is exceeded.</summary>
    public static void Enforce(string path, long limitBytes)
    {
        FileInfo file = new(path);
        if (!file.Exists || file.Length <= limitBytes) { return; }
        long from = limitBytes / 2 / Block * Block;
        long to = (file.Length - (limitBytes / 2)) / Block * Block;
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        _ = Libc.Fallocate(handle, Libc.FallocatePunchHole | Libc.FallocateKeepSize, from, to - from);
    }

    /// <summary>
    /// Where the next data at or after <paramref name="offset"/> begins and where it ends. Appended output leaves no
    /// holes, so a hole is output that was dropped.
    /// </summary>
    public static (long From, long To) NextData(SafeFileHandle file, long offset, long length)
    {
        long from = Libc.Seek(file, offset, Libc.SeekData);
        if (from < 0) { return (offset, length); }
        long to = Libc.Seek(file, from, Libc.SeekHole);
        return (from, to < 0 ? length : Math.Min(to, length));
    }
}
