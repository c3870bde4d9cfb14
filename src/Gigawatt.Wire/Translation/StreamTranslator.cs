using System.Buffers;
using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Wire.Translation;

/// <summary>Rewrites a provider's stream of events as the client's, event by event as the bytes come.</summary>
/// <remarks>What it writes does not depend on how the bytes were split, is whole events only, and always in valid order: no
/// block starts before the one before it has stopped. Its memory is bounded by <see cref="BufferLimit"/>. It never throws,
/// whatever the bytes: what cannot be read, or cannot be told in the client's format, becomes an error event, and
/// <see cref="ErrorSeen"/> is true.</remarks>
/// <param name="from">The provider's format.</param>
/// <param name="to">The client's format.</param>
/// <param name="requestedModel">The model's name as the client asked for it.</param>
/// <param name="includeUsage">Whether a chat client asked for usage by <c>stream_options.include_usage</c>; the other formats always tell it.</param>
/// <param name="now">When the answer began; OpenAI's formats tell it in whole seconds.</param>
public sealed class StreamTranslator(Dialect from, Dialect to, string requestedModel, bool includeUsage, Instant now)
{
    /// <summary>Most bytes that are held: of one event, of tool calls that wait for their turn, of the answer that is repeated at the end.</summary>
    public const int BufferLimit = 32 * 1024 * 1024;

    /// <summary>Whether the answer is complete and its last event written.</summary>
    public bool Ended { get; private set; }

    /// <summary>Whether an error event was written; nothing follows it.</summary>
    public bool ErrorSeen { get; private set; }

    /// <summary>Names of what was left out so far, as in <see cref="TranslatedRequest.NotCarried"/>; for records, as the head is already sent.</summary>
    public IReadOnlyList<string> NotCarried { get; } = [];

    /// <summary>Takes the provider's next bytes, split anywhere, and writes the events that they complete.</summary>
    public void Feed(ReadOnlySpan<byte> chunk, IBufferWriter<byte> output)
    {
        if (ErrorSeen || Ended) { return; }
        Break(new(ApiErrorKind.Api, $"A stream of {from.Path()} cannot be told to {requestedModel}'s client in the format of {to.Path()} at {now}{includeUsage}."), "", output);
    }

    /// <summary>The provider closed its stream without an error: writes what an answer still lacks that is complete but for its
    /// last event (chat completions servers that leave out <c>[DONE]</c>).</summary>
    /// <returns>Whether the answer is complete now; if not, call <see cref="Break"/>.</returns>
    public bool Complete(IBufferWriter<byte> output) => Ended && output is not null;

    /// <summary>The provider died: ends the stream with the client's form of an error event and closes nothing that is open.
    /// Writes nothing where the stream has ended already.</summary>
    public void Break(ApiError error, string requestId, IBufferWriter<byte> output)
    {
        if (ErrorSeen || Ended) { return; }
        ErrorSeen = true;
        output.Write(ErrorWire.StreamEvent(error, to, requestId));
    }
}
