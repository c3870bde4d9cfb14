using System.Buffers;
using System.IO.Pipelines;
using Gigawatt.Wire.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gigawatt.Server.Responses;

/// <summary>Stands before a response's body: makes the <c>response</c> objects in it say what is kept here, and hands the whole
/// answer over before its last bytes go out. All other events, and answers that are errors, pass as they are.</summary>
internal sealed class ResponseTap : IHttpResponseBodyFeature
{
    // Far above any answer; what is longer passes as it is and is not kept.
    private const int LengthMax = 64 << 20;

    private readonly HttpContext _http;
    private readonly KeptAnswer _seen;
    private readonly Action<ReadOnlyMemory<byte>, bool> _whole;
    private readonly IHttpResponseBodyFeature _inner;
    private readonly ArrayBufferWriter<byte> _held = new();
    private int _looked; // bytes of what is held in which no event ends
    private bool _passing;

    private ResponseTap(HttpContext http, KeptAnswer seen, Action<ReadOnlyMemory<byte>, bool> whole)
    {
        (_http, _seen, _whole, _inner) = (http, seen, whole, http.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        Writer = new HoldingWriter(_inner.Writer, this);
        Stream = Writer.AsStream(leaveOpen: true);
    }

    /// <inheritdoc/>
    public Stream Stream { get; }

    /// <inheritdoc/>
    public PipeWriter Writer { get; }

    /// <summary>Stands before the answer to a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="seen">How the client is to see the answer.</param>
    /// <param name="whole">Takes the answer when it is whole, as the client sees it, and whether the provider said that it keeps it.</param>
    public static ResponseTap Begin(HttpContext http, KeptAnswer seen, Action<ReadOnlyMemory<byte>, bool> whole)
    {
        var tap = new ResponseTap(http, seen, whole);
        http.Features.Set<IHttpResponseBodyFeature>(tap);
        return tap;
    }

    /// <summary>Passes on what is left when nothing more comes, as it is.</summary>
    public async ValueTask EndAsync()
    {
        if (_held.WrittenCount == 0) { return; }
        _passing = true;
        await Writer.FlushAsync(_http.RequestAborted);
    }

    /// <inheritdoc/>
    public void DisableBuffering() => _inner.DisableBuffering();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => _inner.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        _inner.SendFileAsync(path, offset, count, cancellationToken);

    /// <inheritdoc/>
    public Task CompleteAsync() => _inner.CompleteAsync();

    private bool IsStream => _http.Response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Passes on what can be: everything where nothing is to be done, else the events that are whole, or the whole document.</summary>
    private void PassOn()
    {
        HttpResponse response = _http.Response;
        _passing |= response.StatusCode != StatusCodes.Status200OK || response.Headers.ContentEncoding.Count > 0 || _held.WrittenCount > LengthMax;
        if (_passing)
        {
            _inner.Writer.Write(_held.WrittenSpan);
            _held.ResetWrittenCount();
        }
        else if (IsStream) { PassEvents(); }
        else if (_held.WrittenCount == response.ContentLength) { PassDocument(); }
    }

    private void PassDocument()
    {
        ReadOnlyMemory<byte> answer = _seen.Of(_held.WrittenMemory);
        if (Wire.JsonTop.Text(answer.Span, "status"u8) is "completed" or "incomplete") { _whole(answer, SaysStored(_held.WrittenSpan)); }
        _http.Response.ContentLength = answer.Length;
        _inner.Writer.Write(answer.Span);
        _held.ResetWrittenCount();
    }

    private void PassEvents()
    {
        ReadOnlyMemory<byte> held = _held.WrittenMemory;
        int from = 0;
        while (true)
        {
            int length = ResponseEvent.EndOf(held.Span[from..], Math.Max(0, _looked - from));
            if (length < 0) { break; }
            PassEvent(held.Slice(from, length));
            from += length;
        }

        if (from > 0) { Keep(held[from..]); }
        _looked = _held.WrittenCount;
    }

    private void PassEvent(ReadOnlyMemory<byte> bytes)
    {
        if (!ResponseEvent.TryFind(bytes.Span, out Range data, out ReadOnlySpan<byte> found, out bool ends))
        {
            _inner.Writer.Write(bytes.Span);
            return;
        }

        bytes.Span.Overlaps(found, out int offset);
        ReadOnlyMemory<byte> came = bytes.Slice(offset, found.Length);
        ReadOnlyMemory<byte> answer = _seen.Of(came);
        if (ends) { _whole(answer, SaysStored(came.Span)); }
        if (answer.Equals(came)) { _inner.Writer.Write(bytes.Span); }
        else { ResponseEvent.Write(bytes.Span, data, answer, _inner.Writer); }
    }

    private static bool SaysStored(ReadOnlySpan<byte> answer) => Wire.JsonTop.Get(answer, "store"u8).SequenceEqual("true"u8);

    // The rest of what is held moves to the front of the buffer.
    private void Keep(ReadOnlyMemory<byte> rest)
    {
        byte[] copy = rest.ToArray();
        _held.ResetWrittenCount();
        _held.Write(copy);
    }

    private sealed class HoldingWriter(PipeWriter inner, ResponseTap tap) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => true;

        public override long UnflushedBytes => tap._held.WrittenCount + inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => tap._held.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => tap._held.GetSpan(sizeHint);

        public override void Advance(int bytes) => tap._held.Advance(bytes);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            tap.PassOn();
            return inner.FlushAsync(cancellationToken);
        }

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            tap._held.Write(source.Span);
            return FlushAsync(cancellationToken);
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
