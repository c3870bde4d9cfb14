using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Gigawatt.Server.Durability;

/// <summary>What opening a log found.</summary>
/// <param name="Frames">Sound frames in the file.</param>
/// <param name="BytesCut">Bytes of a torn tail that were cut off; 0 after a clean stop.</param>
internal readonly record struct LogRecovery(long Frames, long BytesCut);

/// <summary>An append-only file of checksummed frames. One process has it open at a time; its methods may be called from any thread.</summary>
/// <remarks>
/// An append is one write system call. Once it returns, the bytes are in the kernel's page cache and survive the death of the
/// process, by <c>kill -9</c> too; only <see cref="Flush"/> makes them survive the death of the machine. The caller decides how
/// many appends share one flush.
/// </remarks>
internal sealed class FramedLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SafeFileHandle _file;
    private readonly FrameFormat _format;
    private long _end;
    private Exception? _broken;

    private FramedLog(string path, SafeFileHandle file, FrameFormat format, long end)
    {
        Path = path;
        _file = file;
        _format = format;
        _end = end;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Where the next frame will stand: the file's length.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Opens or creates a log, checks every frame and cuts a torn tail.</summary>
    /// <param name="path">The file.</param>
    /// <param name="recovery">What was found.</param>
    /// <param name="flushed">Where to the caller knows it to be flushed; behind that a bad frame ends the log, whatever follows it.</param>
    /// <exception cref="StoreException">In use, not writable, of a newer version, or damaged before its tail.</exception>
    public static FramedLog Open(string path, out LogRecovery recovery, long flushed = long.MaxValue)
    {
        SafeFileHandle file = OpenFile(path);
        try
        {
            FrameFormat format = ReadOrCreateHeader(file, path, out long cut);
            (long frames, long end, long torn) = LogScan.Run(file, format, path, flushed);
            bool behind = RandomAccess.GetLength(file) > end;
            if (behind) { RandomAccess.SetLength(file, end); }
            if (behind || cut > 0) { RandomAccess.FlushToDisk(file); }
            recovery = new(frames, torn + cut);
            return new(path, file, format, end);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends one frame of 1 byte to 64 MiB; returns the offset behind it.</summary>
    /// <exception cref="IOException">The disk is full or failing; the log is as it was before.</exception>
    public long Append(ReadOnlySpan<byte> payload)
    {
        CheckLength(payload.Length);
        int length = FrameFormat.FrameHeaderLength + payload.Length;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            lock (_lock)
            {
                _format.Write(buffer, _end, payload);
                return WriteAtEnd(buffer.AsSpan(0, length));
            }
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    /// <summary>Appends several frames with one write; returns the offset behind the last.</summary>
    /// <remarks>A crash of the machine may keep a first part of them; a crash of the process keeps all or, before the write, none.</remarks>
    /// <exception cref="IOException">The disk is full or failing; the log is as it was before.</exception>
    public long Append(ReadOnlySpan<ReadOnlyMemory<byte>> payloads)
    {
        int length = 0;
        foreach (ReadOnlyMemory<byte> payload in payloads)
        {
            CheckLength(payload.Length);
            length = checked(length + FrameFormat.FrameHeaderLength + payload.Length);
        }

        if (length == 0) { return End; }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            lock (_lock)
            {
                int at = 0;
                foreach (ReadOnlyMemory<byte> payload in payloads) { at += _format.Write(buffer.AsSpan(at), _end + at, payload.Span); }
                return WriteAtEnd(buffer.AsSpan(0, length));
            }
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    /// <summary>Makes everything appended so far survive a loss of power (fsync).</summary>
    /// <exception cref="IOException">The disk failed. What reached it is unknown from then on, so the log takes no more frames.</exception>
    public void Flush()
    {
        try { RandomAccess.FlushToDisk(_file); }
        catch (IOException e)
        {
            lock (_lock) { _broken ??= e; }
            throw;
        }
    }

    /// <summary>Reads forward from <paramref name="offset"/>, which is 0 for the first frame or an offset that an append or a reader gave.</summary>
    public FramedLogReader Read(long offset = 0) => new(_file, _format, Path, Math.Max(offset, FrameFormat.HeaderLength), End);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private long WriteAtEnd(ReadOnlySpan<byte> bytes)
    {
        if (_broken is not null) { throw new IOException($"{Path} takes no more frames since a write to it failed: {_broken.Message}", _broken); }
        try { RandomAccess.Write(_file, bytes, _end); }
        catch (IOException e)
        {
            // Part of the bytes may be there. A later, shorter frame would leave the rest of them behind it as a sound frame.
            try { RandomAccess.SetLength(_file, _end); }
            catch (IOException) { _broken = e; }
            throw;
        }

        Volatile.Write(ref _end, _end + bytes.Length);
        return _end;
    }

    private static void CheckLength(int length)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, FrameFormat.PayloadLengthMax);
    }

    private static SafeFileHandle OpenFile(string path)
    {
        try { return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
        catch (UnauthorizedAccessException e) { throw new StoreException(StoreProblem.NotWritable, $"{path} cannot be written: {e.Message}", e); }
        catch (DirectoryNotFoundException e) { throw new StoreException(StoreProblem.NotWritable, $"{path} cannot be created: {e.Message}", e); }
        catch (IOException e) when (File.Exists(path)) { throw new StoreException(StoreProblem.InUse, $"{path} is in use by another process", e); }
        catch (IOException e) { throw new StoreException(StoreProblem.NotWritable, $"{path} cannot be created: {e.Message}", e); }
    }

    private static FrameFormat ReadOrCreateHeader(SafeFileHandle file, string path, out long cut)
    {
        Span<byte> header = stackalloc byte[FrameFormat.HeaderLength];
        int length = RandomAccess.Read(file, header, 0);
        cut = 0;
        if (length == FrameFormat.HeaderLength) { return FrameFormat.Read(header, path); }
        if (!FrameFormat.IsTornHeader(header[..length])) { throw StoreException.Corrupt(path, "it does not begin as a Gigawatt log"); }
        cut = length;
        FrameFormat format = FrameFormat.Create(header);
        RandomAccess.Write(file, header, 0);
        RandomAccess.FlushToDisk(file);
        return format;
    }
}
