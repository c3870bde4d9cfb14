using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>Watches a stream of server-sent events go by and keeps its token counts.</summary>
/// <remarks>
/// It is on the path of every chunk, so it parses only the few events that hold counts, and of the others just measures the
/// text. What it sees does not depend on how the bytes were split. Its memory is bounded: of a line longer than
/// <see cref="LineLimit"/> only that much is looked at, and its last bytes. It never throws, whatever the bytes. Lines end in LF or CR LF; an
/// event whose JSON is spread over several <c>data</c> lines, which no provider sends, counts as having no usage.
/// </remarks>
/// <param name="dialect">The format of the stream.</param>
/// <param name="convention">How its provider counts cached tokens.</param>
public sealed partial class StreamMeter(Dialect dialect, CacheTokenConvention convention)
{
    /// <summary>For a provider that counts cached tokens as the format's own API does.</summary>
    public StreamMeter(Dialect dialect) : this(dialect, dialect.CacheTokens()) { }

    /// <summary>Bytes of a line that are looked at; the events that hold counts have a few hundred.</summary>
    public const int LineLimit = 64 * 1024;

    private enum EventName
    {
        None,
        MessageStart,
        ContentBlockDelta,
        MessageDelta,
        MessageStop,
        Error,
        Delta,
        End,
        Failed,
        Other,
    }

    private byte[] _line = [];
    private int _lineLength;
    private bool _insideEvent;
    private bool _ended;
    private EventName _name;
    private ReportedUsage _reported;

    /// <summary>The counts told so far; before <see cref="UsageSeen"/> the prompt's at most.</summary>
    public TokenUsage Usage => _reported.Normalised(convention);

    /// <summary>Whether the usage that ends an answer was seen: <c>message_delta</c>'s, or a chunk with a usage object.</summary>
    public bool UsageSeen { get; private set; }

    /// <summary>Whether the stream said that it is complete: <c>message_stop</c>, <c>[DONE]</c>, or <c>response.completed</c> and the other ends of a response.</summary>
    /// <remarks>A last <c>data: [DONE]</c> without its line feed counts: some servers close right behind it.</remarks>
    public bool Ended => _ended || (dialect == Dialect.OpenAI && IsDone(DataOf(_line.AsSpan(0, _lineLength))));

    /// <summary>Whether a stream of chat completions lacks nothing but <c>[DONE]</c>: its counts were told with or behind the end of every
    /// answer. Some servers tell counts in every chunk; those in the middle end nothing.</summary>
    public bool OnlyEndMissing { get; private set; }

    /// <summary>Whether an error event went by.</summary>
    public bool ErrorSeen { get; private set; }

    /// <summary>Whether an event was begun and not finished: who writes an event of his own now must write a line feed first.</summary>
    public bool InsideEvent => _insideEvent || _lineLength > 0;

    /// <summary>UTF-8 bytes of answer text so far, thinking and tool arguments included; rather too few than too many.</summary>
    public long OutputTextBytes { get; private set; }

    /// <summary>Takes the next bytes, split anywhere.</summary>
    public void Feed(ReadOnlySpan<byte> chunk)
    {
        while (!chunk.IsEmpty)
        {
            int end = chunk.IndexOf((byte)'\n');
            ReadOnlySpan<byte> piece = end < 0 ? chunk : chunk[..end];
            if (end >= 0 && _lineLength == 0) { ReadLine(piece[..Math.Min(piece.Length, LineLimit)], TailOf(piece)); }
            else { Keep(piece); }
            if (end < 0) { return; }
            if (_lineLength > 0)
            {
                ReadLine(_line.AsSpan(0, _lineLength), _tail.AsSpan(0, _tailLength));
                (_lineLength, _tailLength) = (0, 0);
            }

            chunk = chunk[(end + 1)..];
        }
    }

    /// <summary>The usage if the stream told it; else the prompt as far as it was told, and one token for every four bytes of the rest.</summary>
    /// <param name="inputBound">The request's <see cref="RequestFacts.InputTokenBound"/>: bytes, a quarter of which estimates the prompt.</param>
    public TokenUsage UsageOrFloor(long inputBound)
    {
        TokenUsage told = Usage;
        if (UsageSeen) { return told; }
        long output = Math.Max(told.Output, AnswerReader.EstimateOutputTokens(OutputTextBytes));
        return _reported.Input is null
            ? new(AnswerReader.EstimateOutputTokens(inputBound), 0, 0, output)
            : told with { Output = output };
    }

    private void Keep(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > LineLimit - _lineLength) { KeepTail(piece[(LineLimit - _lineLength)..]); }
        piece = piece[..Math.Min(piece.Length, LineLimit - _lineLength)];
        int needed = _lineLength + piece.Length;
        if (needed > _line.Length) { Array.Resize(ref _line, Math.Min(LineLimit, Math.Max(needed, Math.Max(512, _line.Length * 2)))); }
        piece.CopyTo(_line.AsSpan(_lineLength));
        _lineLength = needed;
    }

    private void ReadLine(ReadOnlySpan<byte> line, ReadOnlySpan<byte> tail)
    {
        if (tail.IsEmpty && line.EndsWith("\r"u8)) { line = line[..^1]; }
        if (line.IsEmpty)
        {
            _name = EventName.None;
            _insideEvent = false;
            return;
        }

        _insideEvent = true;
        if (line.StartsWith("event:"u8)) { _name = NameOf(line["event:"u8.Length..].TrimStart((byte)' ')); }
        else if (line.StartsWith("data:"u8))
        {
            if (dialect == Dialect.Anthropic) { ReadAnthropic(DataOf(line)); }
            else if (dialect == Dialect.Responses) { ReadResponses(DataOf(line), tail); }
            else { ReadOpenAI(DataOf(line)); }
        }
    }

    private void ReadAnthropic(ReadOnlySpan<byte> data)
    {
        // Servers that leave out the event line say the same in the data.
        EventName name = _name == EventName.None ? TypeOf(data) : _name;
        switch (name)
        {
            case EventName.ContentBlockDelta:
                OutputTextBytes += TextBytes.OfAnthropicDelta(data);
                break;
            case EventName.MessageStart:
                AnswerReader.TryReadReported(data, dialect, ref _reported);
                break;
            case EventName.MessageDelta:
                ReportedUsage before = _reported;
                before.Output = null;
                if (AnswerReader.TryReadReported(data, dialect, ref before) && before.Output is not null)
                {
                    _reported = before;
                    UsageSeen = true;
                }

                break;
            case EventName.MessageStop:
                _ended = true;
                break;
            case EventName.Error:
                ErrorSeen = true;
                break;
        }
    }

    private void ReadOpenAI(ReadOnlySpan<byte> data)
    {
        if (IsDone(data))
        {
            _ended = true;
            return;
        }

        OutputTextBytes += TextBytes.OfOpenAIChunk(data);
        if (_name == EventName.Error || (data.IndexOf("\"error\""u8) >= 0 && HasError(data))) { ErrorSeen = true; }
        if (data.IndexOf("\"usage\""u8) < 0) { return; }
        ReportedUsage reported = default;
        if (AnswerReader.TryReadReported(data, dialect, ref reported) && reported.Output is not null)
        {
            _reported = reported;
            UsageSeen = true;
            OnlyEndMissing = EndsEveryChoice(data);
        }
    }

    // Of a chunk that was read to its end before, and so is valid.
    private static bool EndsEveryChoice(ReadOnlySpan<byte> chunk)
    {
        Utf8JsonReader reader = new(chunk, new JsonReaderOptions { MaxDepth = 512 });
        if (!TryFind(ref reader, "choices"u8) || reader.TokenType != JsonTokenType.StartArray) { return true; }
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            bool ends = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool reason = reader.Is("finish_reason"u8);
                reader.Read();
                ends |= reason && reader.TokenType == JsonTokenType.String;
                reader.Skip();
            }

            if (!ends) { return false; }
        }

        return true;
    }

    private static ReadOnlySpan<byte> DataOf(ReadOnlySpan<byte> line) =>
        line.StartsWith("data:"u8) ? line["data:"u8.Length..].Trim(" \r"u8) : default;

    private static bool IsDone(ReadOnlySpan<byte> data) => data.SequenceEqual("[DONE]"u8);

    private EventName NameOf(ReadOnlySpan<byte> name) =>
        dialect == Dialect.Responses ? NameInResponses(name)
        : name.SequenceEqual("content_block_delta"u8) ? EventName.ContentBlockDelta
        : name.SequenceEqual("message_start"u8) ? EventName.MessageStart
        : name.SequenceEqual("message_delta"u8) ? EventName.MessageDelta
        : name.SequenceEqual("message_stop"u8) ? EventName.MessageStop
        : name.SequenceEqual("error"u8) ? EventName.Error
        : EventName.Other;

    private EventName TypeOf(ReadOnlySpan<byte> data)
    {
        Utf8JsonReader reader = new(data);
        return TryFind(ref reader, "type"u8) && reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped
            ? NameOf(reader.ValueSpan)
            : EventName.Other;
    }

    private static bool HasError(ReadOnlySpan<byte> data)
    {
        Utf8JsonReader reader = new(data);
        return TryFind(ref reader, "error"u8) && reader.TokenType != JsonTokenType.Null;
    }

    // Goes to the value of a property of the top object.
    private static bool TryFind(ref Utf8JsonReader reader, ReadOnlySpan<byte> property)
    {
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return false; }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.Is(property)) { return reader.Read(); }
                reader.Skip();
            }

            return false;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
