using Microsoft.Win32.SafeHandles;

namespace Gigawatt.Server.Durability;

/// <summary>Tells a torn tail, which a crash leaves and which is cut, from damage in the middle, which nothing of ours leaves.</summary>
internal static class LogScan
{
    // A tail holds what was appended since the last flush. More than this was never in one tail.
    private const long TailLengthMax = 256 << 20;

    /// <summary>Checks every frame; returns how many are sound, where the last of them ends, and how many bytes of a torn frame follow it.</summary>
    /// <param name="file">The log.</param>
    /// <param name="format">Its format.</param>
    /// <param name="path">For errors.</param>
    /// <param name="flushed">Where to the log was flushed: what is behind may have reached the disk in any order before the power went.</param>
    /// <exception cref="StoreException">There is a sound frame behind a bad one that was flushed.</exception>
    public static (long Frames, long End, long Torn) Run(SafeFileHandle file, FrameFormat format, string path, long flushed)
    {
        long fileLength = RandomAccess.GetLength(file);
        var reader = new FramedLogReader(file, format, path, FrameFormat.HeaderLength, fileLength);
        long frames = 0;
        while (reader.Step() == FrameStep.Frame) { frames++; }
        if (reader.Offset == fileLength) { return (frames, reader.Offset, 0); }
        byte[] tail = ReadTail(file, path, reader.Offset, fileLength);
        if (reader.Offset < flushed) { RequireTail(tail, format, path, reader.Offset); }
        // Space that was allocated and not written is zeros.
        return (frames, reader.Offset, tail.AsSpan().LastIndexOfAnyExcept((byte)0) + 1);
    }

    private static byte[] ReadTail(SafeFileHandle file, string path, long start, long fileLength)
    {
        long length = fileLength - start;
        if (length > TailLengthMax) { throw StoreException.Corrupt(path, $"the frame at offset {start} is bad, with {length} bytes behind it"); }
        byte[] tail = new byte[length];
        for (int read = 0; read < tail.Length;)
        {
            int count = RandomAccess.Read(file, tail.AsSpan(read), start + read);
            if (count == 0) { throw new EndOfStreamException(path); }
            read += count;
        }

        return tail;
    }

    private static void RequireTail(ReadOnlySpan<byte> tail, FrameFormat format, string path, long start)
    {
        // The bad frame's own length cannot be trusted, so a sound frame may begin at any byte behind it.
        for (int at = 1; at < tail.Length; at++)
        {
            // A frame begins with its length, of which one of four bytes is not zero.
            int next = tail[at..].IndexOfAnyExcept((byte)0);
            if (next < 0) { return; }
            at = Math.Max(at, at + next - 3);
            if (format.IsSound(tail[at..], start + at))
            {
                throw StoreException.Corrupt(path, $"the frame at offset {start} is bad, but a sound one follows at offset {start + at}");
            }
        }
    }
}
