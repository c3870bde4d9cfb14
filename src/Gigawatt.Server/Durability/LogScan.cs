using Microsoft.Win32.SafeHandles;

namespace Gigawatt.Server.Durability;

/// <summary>Tells a torn tail, which a crash leaves and which is cut, from damage in the middle, which nothing of ours leaves.</summary>
internal static class LogScan
{
    // A tail holds what was appended since the last flush. More than this was never in one tail.
    private const long TailLengthMax = 256 << 20;

    /// <summary>Checks every frame; returns how many are sound and where the last of them ends.</summary>
    /// <exception cref="StoreException">There is a sound frame behind a bad one.</exception>
    public static (long Frames, long End) Run(SafeFileHandle file, FrameFormat format, string path)
    {
        long fileLength = RandomAccess.GetLength(file);
        var reader = new FramedLogReader(file, format, path, FrameFormat.HeaderLength, fileLength);
        long frames = 0;
        while (reader.Step() == FrameStep.Frame) { frames++; }
        if (reader.Offset < fileLength) { RequireTail(file, format, path, reader.Offset, fileLength); }
        return (frames, reader.Offset);
    }

    private static void RequireTail(SafeFileHandle file, FrameFormat format, string path, long start, long fileLength)
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

        // The bad frame's own length cannot be trusted, so a sound frame may begin at any byte behind it.
        for (int at = 1; at < tail.Length; at++)
        {
            if (format.IsSound(tail.AsSpan(at), start + at))
            {
                throw StoreException.Corrupt(path, $"the frame at offset {start} is bad, but a sound one follows at offset {start + at}");
            }
        }
    }
}
