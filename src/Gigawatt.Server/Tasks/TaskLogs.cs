using System.Globalization;
using Gigawatt.Agents.Node;

namespace Gigawatt.Server.Tasks;

/// <summary>The output of tasks that is kept at the server: <c>logs/JOB/ATTEMPT-RANK.log</c>.</summary>
internal sealed class TaskLogs(string folder)
{
    private readonly Lock _lock = new();

    /// <summary>The file of a task's output; it may not exist.</summary>
    public string PathOf(TaskKey key) => Path.Combine(
        folder, key.Job.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{key.Attempt}-{key.Rank}.log"));

    /// <summary>Adds a line of the server's own.</summary>
    public void Write(TaskKey key, string text)
    {
        lock (_lock)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(key))!);
            File.AppendAllText(PathOf(key), text);
        }
    }

    /// <summary>Stores a piece of output at its place. The same piece twice is the same as once.</summary>
    /// <returns>How much of the output is stored without a gap; the sender goes on from there.</returns>
    public long Store(TaskKey key, long offset, ReadOnlySpan<byte> piece)
    {
        lock (_lock)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(key))!);
            using var file = new FileStream(PathOf(key), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            if (offset > file.Length) { return file.Length; }
            file.Position = offset;
            file.Write(piece);
            return file.Length;
        }
    }

    /// <summary>How much of a task's output is stored.</summary>
    public long LengthOf(TaskKey key)
    {
        var file = new FileInfo(PathOf(key));
        return file.Exists ? file.Length : 0;
    }
}
