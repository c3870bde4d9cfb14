using System.Buffers;
using Gigawatt.Wire.Bedrock;

namespace Gigawatt.Providers.Bedrock;

/// <summary>A Bedrock stream as Anthropic's server-sent events, each as soon as its message is whole.</summary>
internal sealed class BedrockStream(Stream body, string requestId) : ReadOnlyStream
{
    private readonly EventStreamReader _messages = new();
    private readonly ArrayBufferWriter<byte> _events = new(1024);
    private int _given;
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) { return 0; }
        while (true)
        {
            if (_given == _events.WrittenCount && !_ended) { Convert(); }
            int length = Math.Min(buffer.Length, _events.WrittenCount - _given);
            if (length > 0 || _ended)
            {
                _events.WrittenMemory.Slice(_given, length).CopyTo(buffer);
                _given += length;
                return length;
            }

            int read = await body.ReadAsync(_messages.Free(), cancellationToken);
            _messages.Advance(read);
            if (read == 0 && _messages.InsideMessage) { throw new IOException("it ended within a message"); }
            _ended = read == 0;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) { body.Dispose(); }
        base.Dispose(disposing);
    }

    // All messages that are there, so that a client that reads slowly gets them in few pieces.
    private void Convert()
    {
        _events.ResetWrittenCount();
        _given = 0;
        try
        {
            while (!_ended && _messages.TryRead(out EventStreamMessage message))
            {
                if (BedrockErrors.Event(message, requestId) is { } error)
                {
                    _events.Write(error);
                    _ended = true;
                }
                else { BedrockEvents.Write(message, _events); }
            }
        }
        catch (FormatException e)
        {
            // What came before it is good and goes out; the next read meets the same mistake.
            if (_events.WrittenCount == 0) { throw new IOException($"it is not the event stream that Bedrock sends: {e.Message}", e); }
        }
    }
}
