using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Gigawatt.Server.Durability;

/// <summary>A new log of fixed size, in the format of <see cref="FramedLog"/>, that is appended to by writing into memory.</summary>
/// <remarks>
/// The memory is the kernel's page cache of the file, so what is there survives the death of the process, by <c>kill -9</c> too,
/// and an append costs a copy instead of a system call. The space is allocated when the log is made, as writing to mapped
/// memory that has no disk behind it would kill the process. <see cref="FramedLog.Open"/> reads it back: the zeros behind the
/// last frame are no frames. Appends come from one thread at a time.
/// </remarks>
internal sealed class MappedLog : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly FrameFormat _format;
    private readonly long _capacity;
    private byte[] _frame = new byte[1 << 10];
    private long _end = FrameFormat.HeaderLength;

    private MappedLog(string path, SafeFileHandle file, FrameFormat format, long capacity)
    {
        (Path, _file, _format, _capacity) = (path, file, format, capacity);
        _map = MemoryMappedFile.CreateFromFile(file, null, capacity, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, capacity);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Where the next frame will stand.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Makes the file, which must not be there yet, with room for <paramref name="capacity"/> bytes.</summary>
    /// <exception cref="StoreException">It cannot be made, or the disk has no room.</exception>
    public static MappedLog Create(string path, long capacity)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.None, capacity);
            RandomAccess.SetLength(file, capacity);
            Span<byte> header = stackalloc byte[FrameFormat.HeaderLength];
            FrameFormat format = FrameFormat.Create(header);
            RandomAccess.Write(file, header, 0);
            return new(path, file, format, capacity);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            if (file is not null) { File.Delete(path); }
            throw new StoreException(StoreProblem.NotWritable, $"{path} cannot be created: {e.Message}", e);
        }
    }

    /// <summary>Appends a frame; false, and nothing done, when there is no room for it.</summary>
    public bool TryAppend(ReadOnlySpan<byte> payload)
    {
        int length = FrameFormat.FrameHeaderLength + payload.Length;
        if (length > _capacity - _end) { return false; }
        if (length > _frame.Length) { _frame = new byte[2 * length]; }
        _format.Write(_frame, _end, payload);
        _view.SafeMemoryMappedViewHandle.WriteSpan((ulong)_end, _frame.AsSpan(0, length));
        Volatile.Write(ref _end, _end + length);
        return true;
    }

    /// <summary>Makes everything appended so far survive a loss of power.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public void Flush() => RandomAccess.FlushToDisk(_file); // fsync writes mapped pages too

    /// <summary>Closes the file and gives back the space behind its last frame.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _map.Dispose();
        if (!_file.IsClosed) { RandomAccess.SetLength(_file, _end); }
        _file.Dispose();
    }
}
