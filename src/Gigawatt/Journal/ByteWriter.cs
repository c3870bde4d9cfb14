using System.Buffers;
using System.Text;

namespace Gigawatt.Journal;

/// <summary>Writes the journal's binary form: whole numbers as LEB128 variable-length words, texts as length and UTF-8.</summary>
internal sealed class ByteWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public void Clear() => _buffer.ResetWrittenCount();

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public void Unsigned(ulong value)
    {
        Span<byte> span = _buffer.GetSpan(10);
        int length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        _buffer.Advance(length);
    }

    // Zigzag, so that small negative numbers are short too.
    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Optional(long? value)
    {
        Bool(value.HasValue);
        if (value.HasValue) { Signed(value.Value); }
    }

    public void Text(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Unsigned((ulong)length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(Math.Max(length, 1)));
        _buffer.Advance(length);
    }

    public void List<T>(IReadOnlyList<T> items, Action<ByteWriter, T> write)
    {
        Unsigned((ulong)items.Count);
        for (int i = 0; i < items.Count; i++) { write(this, items[i]); }
    }
}
