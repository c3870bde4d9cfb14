using System.Buffers.Binary;

namespace Gigawatt.Wire.Bedrock;

/// <summary>Takes the messages out of a body of type <c>application/vnd.amazon.eventstream</c>, however its bytes were split.</summary>
/// <remarks>
/// A message is: its length, the length of its headers, a checksum of both; the headers; the payload; a checksum of all. Numbers
/// are big-endian (smithy.io, "Amazon Event Stream Specification").
/// </remarks>
public sealed class EventStreamReader
{
    private const int PreludeLength = 12;
    private const int Overhead = 16; // the prelude and the last checksum
    private const int LengthMax = 16 << 20; // as AWS's own libraries have it

    private byte[] _buffer = new byte[8 << 10];
    private int _start;
    private int _end;

    /// <summary>Whether a message was begun and not finished.</summary>
    public bool InsideMessage => _end > _start;

    /// <summary>Where the next bytes are to be written; not empty. Call <see cref="Advance"/> then.</summary>
    public Memory<byte> Free()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length) { Array.Resize(ref _buffer, _buffer.Length * 2); }
        return _buffer.AsMemory(_end);
    }

    /// <summary>Takes the bytes that were written.</summary>
    public void Advance(int bytes) => _end += bytes;

    /// <summary>The next message. It is good until bytes are written again.</summary>
    /// <returns>False when there is no whole one yet.</returns>
    /// <exception cref="FormatException">The bytes are no such stream, or were changed on the way.</exception>
    public bool TryRead(out EventStreamMessage message)
    {
        message = default;
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _end - _start);
        if (bytes.Length < PreludeLength) { return false; }
        uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        uint headers = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        // Checked before anything is believed: a wrong length would make it wait for bytes that never come.
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]) != Crc32.Of(bytes[..8])) { throw new FormatException("the checksum of a message's lengths is wrong"); }
        if (length is < Overhead or > LengthMax || headers > length - Overhead) { throw new FormatException($"a message claims to have {length} bytes, {headers} of them headers"); }
        if (bytes.Length < length) { return false; }
        bytes = bytes[..(int)length];
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes[^4..]) != Crc32.Of(bytes[..^4])) { throw new FormatException("the checksum of a message is wrong"); }
        message = new(bytes.Slice(PreludeLength, (int)headers), bytes[(PreludeLength + (int)headers)..^4]);
        _start += (int)length;
        return true;
    }
}

/// <summary>One message of an event stream.</summary>
public readonly ref struct EventStreamMessage
{
    private const byte StringType = 7;

    // Lengths of the values by their type; -1 where two bytes before the value tell it.
    private static readonly int[] Lengths = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];

    private readonly ReadOnlySpan<byte> _headers;

    internal EventStreamMessage(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload)
    {
        _headers = headers;
        Payload = payload;
    }

    /// <summary>What it carries.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>The value of a header that is text; empty when there is none of this name.</summary>
    /// <exception cref="FormatException">The headers are cut or of an unknown type.</exception>
    public ReadOnlySpan<byte> Header(scoped ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> rest = _headers;
        while (!rest.IsEmpty)
        {
            ReadOnlySpan<byte> found = Take(ref rest, Take(ref rest, 1)[0]);
            byte type = Take(ref rest, 1)[0];
            if (type >= Lengths.Length) { throw new FormatException($"a header has the unknown type {type}"); }
            int length = Lengths[type] >= 0 ? Lengths[type] : BinaryPrimitives.ReadUInt16BigEndian(Take(ref rest, 2));
            ReadOnlySpan<byte> value = Take(ref rest, length);
            if (type == StringType && found.SequenceEqual(name)) { return value; }
        }

        return default;
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> rest, int bytes)
    {
        if (bytes > rest.Length) { throw new FormatException("a message's headers are cut"); }
        ReadOnlySpan<byte> taken = rest[..bytes];
        rest = rest[bytes..];
        return taken;
    }
}
