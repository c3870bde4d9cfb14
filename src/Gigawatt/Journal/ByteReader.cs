using System.Text;

namespace Gigawatt.Journal;

/// <summary>A journal record that cannot be understood: damaged, or written by a newer version.</summary>
public sealed class JournalFormatException : Exception
{
    /// <summary>With a message that says what was expected.</summary>
    public JournalFormatException(string message) : base(message)
    {
    }
}

/// <summary>Reads what <see cref="ByteWriter"/> wrote, and refuses anything else.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public readonly bool AtEnd => _position == _bytes.Length;

    public byte Byte() =>
        _position < _bytes.Length ? _bytes[_position++] : throw new JournalFormatException("The record ends too early.");

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        byte other => throw new JournalFormatException($"Expected 0 or 1, found {other}."),
    };

    public ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if ((next & 0x80) == 0) { return value; }
        }

        throw new JournalFormatException("A number is longer than 64 bits.");
    }

    public long Signed()
    {
        ulong value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public int Int() => checked((int)Signed());

    public long? Optional() => Bool() ? Signed() : null;

    public string Text()
    {
        ulong length = Unsigned();
        if (length > (ulong)(_bytes.Length - _position)) { throw new JournalFormatException("A text is longer than its record."); }
        string text = Encoding.UTF8.GetString(_bytes.Slice(_position, (int)length));
        _position += (int)length;
        return text;
    }

    public int Count()
    {
        ulong count = Unsigned();
        return count <= (ulong)(_bytes.Length - _position) ? (int)count : throw new JournalFormatException("A list is longer than its record.");
    }
}
