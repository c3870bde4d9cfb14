using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>Watches a stream of server-sent events go by and keeps its token counts.</summary>
/// <param name="dialect">The format of the stream.</param>
public sealed class StreamMeter(Dialect dialect)
{
    /// <summary>The counts so far.</summary>
    public TokenUsage Usage => throw new NotImplementedException();

    /// <summary>Whether the usage that ends an answer was seen.</summary>
    public bool UsageSeen => throw new NotImplementedException();

    /// <summary>Whether the stream said that it is complete: <c>message_stop</c> or <c>[DONE]</c>.</summary>
    public bool Ended => throw new NotImplementedException();

    /// <summary>Whether an error event went by.</summary>
    public bool ErrorSeen => throw new NotImplementedException();

    /// <summary>Whether an event was begun and not finished: who writes an event of his own now must write a line feed first.</summary>
    public bool InsideEvent => throw new NotImplementedException();

    /// <summary>Bytes of answer text so far, thinking and tool arguments included.</summary>
    public long OutputTextBytes => throw new NotImplementedException();

    /// <summary>Takes the next bytes, split anywhere.</summary>
    public void Feed(ReadOnlySpan<byte> chunk) => throw new NotImplementedException(dialect.ToString());

    /// <summary>The usage if the stream told it; else what was told, filled up with one token for every four bytes.</summary>
    /// <param name="inputBound">The request's <see cref="RequestFacts.InputTokenBound"/>.</param>
    public TokenUsage UsageOrFloor(long inputBound) => throw new NotImplementedException();
}
