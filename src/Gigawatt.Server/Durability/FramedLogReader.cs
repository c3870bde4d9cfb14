using Microsoft.Win32.SafeHandles;

namespace Gigawatt.Server.Durability;

/// <summary>What one step of a reader met.</summary>
internal enum FrameStep
{
    /// <summary>A sound frame.</summary>
    Frame,

    /// <summary>The end.</summary>
    End,

    /// <summary>Something that is not a sound frame.</summary>
    Bad,
}

/// <summary>Reads the frames of a log forward, up to where it ended when the reader was made. For one thread.</summary>
internal sealed class FramedLogReader
{
    private readonly SafeFileHandle _file;
    private readonly FrameFormat _format;
    private readonly string _path;
    private readonly long _end;
    private byte[] _buffer = new byte[64 << 10];
    private long _bufferOffset;
    private int _buffered;

    internal FramedLogReader(SafeFileHandle file, FrameFormat format, string path, long offset, long end)
    {
        _file = file;
        _format = format;
        _path = path;
        _end = end;
        Offset = offset;
        _bufferOffset = offset;
    }

    /// <summary>The offset behind the frame last read: where a later reader goes on.</summary>
    public long Offset { get; private set; }

    /// <summary>The payload of the frame last read; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>Reads the next frame into <see cref="Payload"/>; false at the end.</summary>
    /// <exception cref="StoreException">The frame is damaged.</exception>
    public bool TryRead() => Step() switch
    {
        FrameStep.Frame => true,
        FrameStep.End => false,
        _ => throw StoreException.Corrupt(_path, $"the frame at offset {Offset} is bad"),
    };

    internal FrameStep Step()
    {
        long left = _end - Offset;
        if (left == 0) { return FrameStep.End; }
        if (left <= FrameFormat.FrameHeaderLength) { return FrameStep.Bad; }
        uint length = FrameFormat.ReadFrameHeader(Bytes(FrameFormat.FrameHeaderLength).Span).Length;
        if (length is 0 or > FrameFormat.PayloadLengthMax || length > left - FrameFormat.FrameHeaderLength) { return FrameStep.Bad; }
        ReadOnlyMemory<byte> frame = Bytes(FrameFormat.FrameHeaderLength + (int)length);
        if (!_format.IsSound(frame.Span, Offset)) { return FrameStep.Bad; }
        Payload = frame[FrameFormat.FrameHeaderLength..];
        Offset += frame.Length;
        return FrameStep.Frame;
    }

    /// <summary>The next <paramref name="count"/> bytes, which are known to be in the file.</summary>
    private ReadOnlyMemory<byte> Bytes(int count)
    {
        int at = (int)(Offset - _bufferOffset);
        if (at + count > _buffered)
        {
            int kept = Math.Max(_buffered - at, 0);
            if (count > _buffer.Length) { Array.Resize(ref _buffer, Math.Max(count, 2 * _buffer.Length)); }
            _buffer.AsSpan(Math.Min(at, _buffered), kept).CopyTo(_buffer);
            (_bufferOffset, _buffered, at) = (Offset, kept, 0);
            Fill(count);
        }

        return _buffer.AsMemory(at, count);
    }

    private void Fill(int count)
    {
        while (_buffered < count)
        {
            int room = (int)Math.Min(_buffer.Length - _buffered, _end - _bufferOffset - _buffered);
            int read = RandomAccess.Read(_file, _buffer.AsSpan(_buffered, room), _bufferOffset + _buffered);
            if (read == 0) { throw new EndOfStreamException($"{_path} became shorter while it was read"); }
            _buffered += read;
        }
    }
}
