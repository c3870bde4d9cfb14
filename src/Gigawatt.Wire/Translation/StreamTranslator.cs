using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Gigawatt.Models;
using Gigawatt.Units;
using Gigawatt.Wire.Translation.Streams;

namespace Gigawatt.Wire.Translation;

/// <summary>Rewrites a provider's stream of events as the client's, event by event as the bytes come.</summary>
/// <remarks>What it writes does not depend on how the bytes were split, is whole events only, and always in valid order: no
/// block starts before the one before it has stopped. Its memory is bounded by <see cref="BufferLimit"/>. It never throws,
/// whatever the bytes: what cannot be read, or cannot be told in the client's format, becomes an error event, and
/// <see cref="ErrorSeen"/> is true.</remarks>
public sealed class StreamTranslator
{
    /// <summary>Most bytes that are held: of one event, and of what waits for its turn or is repeated at the end.</summary>
    public const int BufferLimit = 32 * 1024 * 1024;

    private readonly Notes _notes = new();
    private readonly Streams.StreamReader _reader;
    private readonly Streams.StreamWriter _writer;
    private readonly string _requestId;
    private readonly ArrayBufferWriter<byte> _line = new(); // a line whose end has not come
    private readonly ArrayBufferWriter<byte> _data = new(); // of an event whose end has not come
    private bool _hasData;
    private bool _isError; // by its name

    /// <summary>Begins a stream of one of the pairs of which <see cref="RequestTranslator.CanTranslate"/> is true.</summary>
    /// <param name="from">The provider's format.</param>
    /// <param name="to">The client's format.</param>
    /// <param name="requestedModel">The model's name as the client asked for it.</param>
    /// <param name="includeUsage">Whether a chat client asked for usage by <c>stream_options.include_usage</c>; the other formats always tell it.</param>
    /// <param name="now">When the answer began; OpenAI's formats tell it in whole seconds.</param>
    /// <param name="convention">How the provider counts cached tokens; null for its API's own way.</param>
    /// <param name="requestId">This server's id of the request, for errors that the provider sends.</param>
    public StreamTranslator(Dialect from, Dialect to, string requestedModel, bool includeUsage, Instant now, CacheTokenConvention? convention = null, string requestId = "")
    {
        if (!RequestTranslator.CanTranslate(to, from)) { throw new ArgumentException($"A stream of {from} cannot be told as {to}.", nameof(to)); }
        _requestId = requestId;
        long created = now.ToDateTimeOffset().ToUnixTimeSeconds();
        _writer = to switch
        {
            Dialect.Anthropic => new AnthropicStreamWriter(requestedModel),
            Dialect.OpenAI => new ChatStreamWriter(requestedModel, includeUsage, created),
            _ => new ResponsesStreamWriter(requestedModel, created),
        };
        CacheTokenConvention counted = convention ?? from.CacheTokens();
        _reader = from switch
        {
            Dialect.Anthropic => new AnthropicStreamReader(_writer, _notes, counted),
            Dialect.OpenAI => new ChatStreamReader(_writer, _notes, counted),
            _ => new ResponsesStreamReader(_writer, _notes, counted),
        };
    }

    /// <summary>Whether the answer is complete and its last event written.</summary>
    public bool Ended => _reader.Ended;

    /// <summary>Whether an error event was written; nothing follows it.</summary>
    public bool ErrorSeen { get; private set; }

    /// <summary>Names of what was left out so far, as in <see cref="TranslatedRequest.NotCarried"/>. As the head is sent by then, the client
    /// finds them in a comment before the last events.</summary>
    public IReadOnlyList<string> NotCarried => _notes.NotCarried;

    /// <summary>Takes the provider's next bytes, split anywhere, and writes the events that they complete.</summary>
    public void Feed(ReadOnlySpan<byte> chunk, IBufferWriter<byte> output)
    {
        _writer.Output = output;
        while (!chunk.IsEmpty && !Ended && !ErrorSeen)
        {
            int end = chunk.IndexOf((byte)'\n');
            if (end < 0)
            {
                Keep(_line, chunk);
                return;
            }

            if (_line.WrittenCount == 0) { TakeLine(chunk[..end]); }
            else
            {
                Keep(_line, chunk[..end]);
                if (!ErrorSeen) { TakeLine(_line.WrittenSpan); }
                _line.ResetWrittenCount();
            }

            chunk = chunk[(end + 1)..];
        }
    }

    /// <summary>The provider closed its stream without an error: writes what an answer still lacks that is complete but for its
    /// last event (chat completions servers that leave out <c>[DONE]</c>, or the line feed behind it).</summary>
    /// <returns>Whether the answer is complete now; if not, call <see cref="Break"/>.</returns>
    public bool Complete(IBufferWriter<byte> output)
    {
        _writer.Output = output;
        if (Ended || ErrorSeen) { return Ended; }
        if (_line.WrittenCount > 0) { TakeLine(_line.WrittenSpan); }
        _line.ResetWrittenCount();
        if (!ErrorSeen) { TakeLine(default); }
        if (!ErrorSeen && !Ended) { _reader.Complete(); }
        return Ended;
    }

    /// <summary>The provider died: ends the stream with the client's form of an error event and closes nothing that is open.
    /// Writes nothing where the stream has ended already.</summary>
    public void Break(ApiError error, string requestId, IBufferWriter<byte> output)
    {
        if (ErrorSeen || Ended) { return; }
        _writer.Output = output;
        ErrorSeen = true;
        _writer.Error(error, requestId);
    }

    private void Keep(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> bytes)
    {
        if (buffer.WrittenCount + bytes.Length > BufferLimit) { Fail(new(ApiErrorKind.BadGateway, $"The provider sent an event of more than {BufferLimit >> 20} MiB.")); }
        else { buffer.Write(bytes); }
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        if (line.EndsWith("\r"u8)) { line = line[..^1]; }
        if (line.StartsWith("data:"u8))
        {
            line = line["data:".Length..];
            if (line.StartsWith(" "u8)) { line = line[1..]; }
            if (_hasData) { Keep(_data, "\n"u8); }
            _hasData = true;
            Keep(_data, line);
        }
        else if (line.StartsWith("event:"u8))
        {
            // Of the names this one alone says something that the data may not say.
            _isError = line["event:".Length..].Trim((byte)' ').SequenceEqual("error"u8);
        }
        else if (line.IsEmpty)
        {
            if (_hasData) { TakeEvent(_data.WrittenSpan); }
            (_hasData, _isError) = (false, false);
            _data.ResetWrittenCount();
        }
    }

    private void TakeEvent(ReadOnlySpan<byte> data)
    {
        try
        {
            if (!Utf8.IsValid(data)) { throw new JsonException(); }
            data = data.Trim(" \t\r\n"u8);
            if (_isError) { _reader.ReadError(data); }
            else { _reader.Read(data); }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            _notes.Fail(new(ApiErrorKind.BadGateway, "The provider's stream cannot be read: an event of it is not valid JSON."));
        }

        if (_notes.Error is null && _writer.Held > BufferLimit && !Ended) { _notes.Fail(new(ApiErrorKind.BadGateway, $"The provider's answer needs more than {BufferLimit >> 20} MiB to be told in the format of this API.")); }
        if (_notes.Error is { } error) { Fail(error); }
    }

    private void Fail(ApiError error) => Break(error, _requestId, _writer.Output);
}
