using System.Buffers;
using System.Text.Json;

namespace Gigawatt.Wire;

/// <summary>Takes the chunk that holds only usage out of a stream of chat completions, for clients that did not ask for it. Every other byte passes unchanged.</summary>
/// <remarks>An event is held until it is whole, so that it can be left out; one longer than <see cref="EventLimit"/> is no usage
/// and passes as it comes. What passes does not depend on how the bytes were split.</remarks>
public sealed class UsageChunkFilter
{
    /// <summary>Bytes that are held at most; a usage chunk has a few hundred.</summary>
    public const int EventLimit = 64 * 1024;

    private byte[] _held = [];
    private int _length;
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
            int taken = line < 0 ? chunk.Length : line + 1;
            ReadOnlySpan<byte> piece = chunk[..taken];
            // An event ends with an empty line, whose only other byte may be a carriage return.
            bool empty = _lineEmpty && piece.TrimEnd("\r\n"u8).IsEmpty;
            _lineEmpty = line >= 0 || empty;
            Take(piece, output);
            if (line >= 0 && empty) { End(output); }
            chunk = chunk[taken..];
        }
    }

    /// <summary>The stream ended: writes what is held, but for a usage chunk without the empty line behind it.</summary>
    public void Complete(IBufferWriter<byte> output) => End(output);

    private void Take(ReadOnlySpan<byte> piece, IBufferWriter<byte> output)
    {
        if (!_passing && _length + piece.Length > EventLimit)
        {
            output.Write(_held.AsSpan(0, _length));
            (_length, _passing) = (0, true);
        }

        if (_passing)
        {
            output.Write(piece);
            return;
        }

        if (_length + piece.Length > _held.Length) { Array.Resize(ref _held, Math.Min(EventLimit, Math.Max(_length + piece.Length, Math.Max(512, 2 * _held.Length)))); }
        piece.CopyTo(_held.AsSpan(_length));
        _length += piece.Length;
    }

    private void End(IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> held = _held.AsSpan(0, _length);
        if (!IsUsageOnly(held)) { output.Write(held); }
        (_length, _passing) = (0, false);
    }

    private static bool IsUsageOnly(ReadOnlySpan<byte> held)
    {
        // Few chunks hold the word at all; most are told apart by this.
        if (held.IndexOf("\"usage\""u8) < 0 || !held.StartsWith("data:"u8)) { return false; }
        ReadOnlySpan<byte> data = held["data:"u8.Length..].Trim(" \r\n"u8);
        bool usage = false, noChoices = false;
        try
        {
            Utf8JsonReader reader = new(data);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return false; }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isUsage = reader.Is("usage"u8), isChoices = reader.Is("choices"u8);
                reader.Read();
                if (isUsage) { usage = reader.TokenType == JsonTokenType.StartObject; }
                if (isChoices)
                {
                    noChoices = reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
                    if (!noChoices) { return false; }
                }
                else { reader.Skip(); }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return false; }

        return usage && noChoices;
    }
}
