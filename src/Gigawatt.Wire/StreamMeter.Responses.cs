using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <content>Streams of <c>/v1/responses</c>: events with names, the last of which repeats the whole answer with its usage.</content>
public sealed partial class StreamMeter
{
    /// <summary>Bytes kept of a line's end where the line is longer than <see cref="LineLimit"/>: the usage stands behind the answer.</summary>
    private const int TailLimit = 16 * 1024;

    private byte[] _tail = [];
    private int _tailLength;

    private static EventName NameInResponses(ReadOnlySpan<byte> name)
    {
        if (name.EndsWith(".delta"u8)) { return EventName.Delta; }
        if (name.SequenceEqual("error"u8)) { return EventName.Error; }
        if (!name.StartsWith("response."u8)) { return EventName.Other; }
        name = name["response.".Length..];
        return name.SequenceEqual("completed"u8) || name.SequenceEqual("incomplete"u8) ? EventName.End
            : name.SequenceEqual("failed"u8) ? EventName.Failed
            : EventName.Other;
    }

    private void ReadResponses(ReadOnlySpan<byte> data, ReadOnlySpan<byte> tail)
    {
        EventName name = _name == EventName.None ? TypeOf(data) : _name;
        switch (name)
        {
            case EventName.Delta:
                OutputTextBytes += TextBytes.OfResponsesDelta(data);
                break;
            case EventName.Error:
                ErrorSeen = true;
                break;
            case EventName.End or EventName.Failed:
                ErrorSeen |= name == EventName.Failed;
                _ended = true;
                ReportedUsage reported = default;
                bool found = tail.IsEmpty ? AnswerReader.TryReadReported(data, dialect, ref reported) : TryReadLastUsage(tail, ref reported);
                if (!found || reported.Output is null) { break; }
                _reported = reported;
                UsageSeen = true;
                break;
        }
    }

    // A key with its quotes cannot stand inside a string, where they would be escaped; the last one is that of the answer.
    private static bool TryReadLastUsage(ReadOnlySpan<byte> tail, ref ReportedUsage reported)
    {
        int at = tail.LastIndexOf("\"usage\":"u8);
        if (at < 0) { return false; }
        Utf8JsonReader reader = new(tail[(at + "\"usage\":".Length)..]);
        ReportedUsage candidate = default;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return false; }
            candidate.Read(ref reader);
            if (reader.TokenType != JsonTokenType.EndObject) { return false; }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }

        reported = candidate;
        return true;
    }

    private static ReadOnlySpan<byte> TailOf(ReadOnlySpan<byte> line) =>
        line.Length <= LineLimit ? default : line[Math.Max(LineLimit, line.Length - TailLimit)..];

    private void KeepTail(ReadOnlySpan<byte> piece)
    {
        if (_tail.Length == 0) { _tail = new byte[TailLimit]; }
        if (piece.Length >= TailLimit)
        {
            piece[^TailLimit..].CopyTo(_tail);
            _tailLength = TailLimit;
            return;
        }

        int kept = Math.Min(_tailLength, TailLimit - piece.Length);
        _tail.AsSpan(_tailLength - kept, kept).CopyTo(_tail);
        piece.CopyTo(_tail.AsSpan(kept));
        _tailLength = kept + piece.Length;
    }
}
