using System.Buffers;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>Puts a member <c>gigawatt</c> into the final usage event of a stream, for clients that asked for it; every other byte passes unchanged.</summary>
/// <remarks>An event is held until it is whole; one longer than <see cref="EventLimit"/> passes as it comes. What passes does not
/// depend on how the bytes were split.</remarks>
/// <param name="dialect">The stream's format, as the client gets it.</param>
/// <param name="member">Makes the member, <c>"gigawatt":{…}</c>, when the event is there.</param>
internal sealed class UsageEventSplice(Dialect dialect, Func<byte[]> member)
{
    /// <summary>Bytes that are held at most; the last event of the responses API has the whole answer in it.</summary>
    public const int EventLimit = 16 << 20;

    private readonly ArrayBufferWriter<byte> _held = new(1_024);
    private bool _passing;
    private bool _lineEmpty = true;

    /// <summary>Whether an event was begun for the client and not finished.</summary>
    public bool InsideEvent => _passing;

    /// <summary>Takes the next bytes, split anywhere, and writes what passes.</summary>
    public void Feed(ReadOnlySpan<byte> chunk, IBufferWriter<byte> output)
    {
        while (!chunk.IsEmpty)
        {
            int line = chunk.IndexOf((byte)'\n');
            ReadOnlySpan<byte> piece = chunk[..(line < 0 ? chunk.Length : line + 1)];
            // An event ends with an empty line, whose only other byte may be a carriage return.
            bool empty = _lineEmpty && piece.TrimEnd("\r\n"u8).IsEmpty;
            _lineEmpty = line >= 0 || empty;
            Take(piece, output);
            if (line >= 0 && empty) { Complete(output); }
            chunk = chunk[piece.Length..];
        }
    }

    /// <summary>Writes what is held: an event ended, or the stream.</summary>
    public void Complete(IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> held = _held.WrittenSpan;
        int data = Data(held);
        if (data >= 0 && UsageSplice.TryFind(held[data..].TrimEnd(" \r\n"u8), dialect, isEvent: true, out int at, out bool isEmpty))
        {
            output.Write(held[..(data + at)]);
            if (!isEmpty) { output.Write(","u8); }
            output.Write(member());
            output.Write(held[(data + at)..]);
        }
        else { output.Write(held); }

        _held.ResetWrittenCount();
        _passing = false;
    }

    private void Take(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
    {
        if (!_passing && _held.WrittenCount + piece.Length > EventLimit)
        {
            output.Write(_held.WrittenSpan);
            _held.ResetWrittenCount();
            _passing = true;
        }

        if (_passing) { output.Write(piece); }
        else { _held.Write(piece); }
    }

    // Providers write an event's data as one line.
    private static int Data(ReadOnlySpan<byte> held)
    {
        if (held.StartsWith("data:"u8)) { return "data:"u8.Length; }
        int at = held.IndexOf("\ndata:"u8);
        return at < 0 ? -1 : at + "\ndata:"u8.Length;
    }
}
