using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Gigawatt.Agents.Node;

/// <summary>A piece of a task's output.</summary>
/// <param name="Bytes">As the task wrote them, in no particular encoding; or a line in brackets that says how much was dropped.</param>
/// <param name="NextOffset">Where to read on.</param>
public readonly record struct LogChunk(ReadOnlyMemory<byte> Bytes, long NextOffset);

/// <summary>Reads what a task has printed, and follows it while it runs.</summary>
public sealed class LogReader
{
    private const int ChunkBytes = 64 << 10;

    private readonly string _path;
    private readonly Func<bool> _hasEnded;
    private readonly NodeAgentOptions _options;
    private readonly TimeProvider _time;

    internal LogReader(string path, Func<bool> hasEnded, NodeAgentOptions options, TimeProvider time)
    {
        _path = path;
        _hasEnded = hasEnded;
        _options = options;
        _time = time;
    }

    /// <summary>Whether this node has a log for the task.</summary>
    public bool Exists => File.Exists(_path);

    /// <summary>The output from an offset to where it ends now, or, following, to where it ends for good.</summary>
    /// <param name="offset">Bytes to skip, zero or more. Beyond the end there is nothing yet.</param>
    /// <param name="follow">Whether to wait for more until the task has ended.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Chunks of at most 64 KiB; none when there is no log.</returns>
    public async IAsyncEnumerable<LogChunk> ReadAsync(
        long offset, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (!Exists) { yield break; }
        using SafeFileHandle file = File.OpenHandle(
            _path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);
        byte[] buffer = new byte[ChunkBytes];
        using PeriodicTimer timer = new(_options.PollInterval.ToTimeSpan(), _time);
        while (true)
        {
            // Asked before the reading: what was written up to the end is then certainly read.
            bool last = !follow || _hasEnded();
            while (RandomAccess.GetLength(file) is var length && offset < length)
            {
                (long from, long to) = LogLimit.NextData(file, offset, length);
                if (from > offset)
                {
                    yield return new(Dropped(from - offset), from);
                    offset = from;
                }

                int wanted = (int)Math.Min(ChunkBytes, to - offset);
                int read = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, wanted), offset, cancellationToken).ConfigureAwait(false);
                if (read == 0) { break; }
                offset += read;
                yield return new(buffer.AsSpan(0, read).ToArray(), offset);
            }

            if (last || !await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false)) { yield break; }
        }
    }

    private static byte[] Dropped(long bytes) => Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"\n[{bytes} bytes of output were dropped here: the log had reached its limit]\n"));
}
