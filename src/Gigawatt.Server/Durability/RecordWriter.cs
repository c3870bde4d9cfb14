using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Gigawatt.Server.Durability;

/// <summary>Writes the fields of one record one after another: numbers little-endian, texts as UTF-8 behind their length.</summary>
internal readonly ref struct RecordWriter(IBufferWriter<byte> output)
{
    /// <summary>One byte.</summary>
    public void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    /// <summary>Eight bytes.</summary>
    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(sizeof(long)), value);
        output.Advance(sizeof(long));
    }

    /// <summary>A length of two bytes, then that many bytes of UTF-8.</summary>
    /// <exception cref="ArgumentException">Longer than 65,535 bytes.</exception>
    public void Text(string value)
    {
        Span<byte> span = output.GetSpan(sizeof(ushort) + Encoding.UTF8.GetMaxByteCount(value.Length));
        int length = Encoding.UTF8.GetBytes(value, span[sizeof(ushort)..]);
        if (length > ushort.MaxValue) { throw new ArgumentException($"A text of {length} bytes is too long for a record.", nameof(value)); }
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)length);
        output.Advance(sizeof(ushort) + length);
    }
}

/// <summary>Reads what <see cref="RecordWriter"/> wrote, in the same order.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether everything was read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>One byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>Eight bytes.</summary>
    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    /// <summary>A text.</summary>
    public string Text() => Encoding.UTF8.GetString(Take(BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)))));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length) { throw new InvalidDataException($"A record ends {count - _rest.Length} bytes too early."); }
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
