using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Gigawatt.Units;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gigawatt.Server.Requests.Caching;

/// <summary>Stands before a response's body and copies what the client gets; what proves to be whole is kept before its last bytes go out.</summary>
/// <remarks>It looks at nothing but the bytes: an answer that broke off, or holds an error, does not look whole, whatever went wrong before it.</remarks>
internal sealed class AnswerCapture : IHttpResponseBodyFeature
{
    private readonly ModelCall _call;
    private readonly AnswerCache _cache;
    private readonly AnswerKey _key;
    private readonly TimeProvider _time;
    private readonly IHttpResponseBodyFeature _inner;
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private StreamMeter? _meter;
    private bool _over;

    private AnswerCapture(ModelCall call, AnswerCache cache, AnswerKey key, TimeProvider time)
    {
        (_call, _cache, _key, _time, _inner) = (call, cache, key, time, call.Http.Features.GetRequiredFeature<IHttpResponseBodyFeature>());
        Writer = new CopyingWriter(_inner.Writer, this);
        Stream = Writer.AsStream(leaveOpen: true);
    }

    /// <inheritdoc/>
    public Stream Stream { get; }

    /// <inheritdoc/>
    public PipeWriter Writer { get; }

    /// <summary>Begins to copy the answer of a call.</summary>
    public static void Begin(ModelCall call, AnswerCache cache, AnswerKey key, TimeProvider time) =>
        call.Http.Features.Set<IHttpResponseBodyFeature>(new AnswerCapture(call, cache, key, time));

    /// <inheritdoc/>
    public void DisableBuffering() => _inner.DisableBuffering();

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken = default) => _inner.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        _over = true;
        return _inner.SendFileAsync(path, offset, count, cancellationToken);
    }

    /// <inheritdoc/>
    public Task CompleteAsync() => _inner.CompleteAsync();

    private void Copy(ReadOnlySpan<byte> bytes)
    {
        if (_over) { return; }
        if (_bytes.WrittenCount == 0 && IsStream(_call.Http.Response)) { _meter = new StreamMeter(_call.Dialect); }
        if (bytes.Length > _cache.AnswerBytesMax - _bytes.WrittenCount)
        {
            _over = true;
            _bytes.Clear();
            return;
        }

        _bytes.Write(bytes);
        _meter?.Feed(bytes);
    }

    private void BeforeFlush()
    {
        if (_over || !IsWhole()) { return; }
        _over = true;
        HttpResponse response = _call.Http.Response;
        _cache.Keep(_key, new KeptAnswer
        {
            Body = _bytes.WrittenSpan.ToArray(),
            ContentType = response.ContentType ?? "application/json",
            IsStream = _meter is not null,
            NotCarried = response.Headers["x-gigawatt-not-carried"].ToString(),
            Endpoint = _call.Endpoint.Provider.Name,
            Model = _call.Target.ModelFor(_call.Facts.Model),
            KeptAt = Instant.From(_time.GetUtcNow()),
        });
    }

    private bool IsWhole()
    {
        HttpResponse response = _call.Http.Response;
        if (response.StatusCode != StatusCodes.Status200OK || response.Headers.ContentEncoding.Count > 0) { return false; }
        if (_meter is not null) { return _meter is { Ended: true, ErrorSeen: false, InsideEvent: false }; }
        return response.ContentLength == _bytes.WrittenCount && IsAnswer(_bytes.WrittenSpan);
    }

    /// <summary>Whether this is one JSON object that tells of no error.</summary>
    private static bool IsAnswer(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return false; }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isError = reader.Is("error"u8);
                reader.Read();
                if (isError && reader.TokenType != JsonTokenType.Null) { return false; }
                reader.Skip();
            }

            return !reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return false; }
    }

    private static bool IsStream(HttpResponse response) => response.ContentType?.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) == true;

    private sealed class CopyingWriter(PipeWriter inner, AnswerCapture capture) : PipeWriter
    {
        private Memory<byte> _memory;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => _memory = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            capture.Copy(_memory.Span[..bytes]);
            _memory = _memory[bytes..];
            inner.Advance(bytes);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            capture.BeforeFlush();
            return inner.FlushAsync(cancellationToken);
        }

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
        {
            capture.Copy(source.Span);
            capture.BeforeFlush();
            return inner.WriteAsync(source, cancellationToken);
        }

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);
    }
}
