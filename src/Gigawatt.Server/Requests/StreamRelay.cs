using System.Buffers;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Wire;
using Gigawatt.Wire.Translation;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary>Brings a stream of events to the client as it comes, each read written and flushed once; a client that reads slowly slows the provider down.</summary>
internal sealed class StreamRelay
{
    private readonly ModelCall _call;
    private readonly Attempt _attempt;
    private readonly Settlement _settlement;
    private readonly StreamMeter _meter;
    private readonly HttpResponse _response;
    private readonly StreamTranslator? _translator;
    private readonly UsageChunkFilter? _filter;
    private readonly UsageEventSplice? _splice;
    private readonly ArrayBufferWriter<byte>? _translated;

    private StreamRelay(ModelCall call, Attempt attempt, Settlement settlement)
    {
        (_call, _attempt, _settlement, _meter, _response) = (call, attempt, settlement, attempt.Meter!, call.Http.Response);
        if (call.WantsUsage) { (_splice, _translated) = (new(call.Dialect, WriteUsage), new()); }
        if (attempt.Format != call.Dialect)
        {
            bool includeUsage = call.Dialect == Dialect.OpenAI && (_splice is not null || BodySplice.AsksForUsage(call.Body.Span));
            _translator = new(attempt.Format, call.Dialect, call.Facts.Model, includeUsage, call.FirstByte!.Value, requestId: call.Id);
        }
        else if (attempt.Outgoing!.UsageAdded && _splice is null) { _filter = new(); }
    }

    /// <summary>Relays the stream.</summary>
    /// <returns>Null, or what went wrong before anything was sent.</returns>
    public static Task<ApiError?> RunAsync(ModelCall call, Attempt attempt, Settlement settlement, CancellationToken stopping) =>
        new StreamRelay(call, attempt, settlement).RunAsync(stopping);

    private async Task<ApiError?> RunAsync(CancellationToken stopping)
    {
        CancellationToken aborted = _call.Http.RequestAborted;
        ReadOnlyMemory<byte> chunk = _attempt.First;
        try
        {
            while (true)
            {
                // The bytes that end the answer acknowledge it, so the charge is noted before they go out.
                if (_meter.Ended) { Settle(Outcomes.Ok); }
                if (!_response.HasStarted) { WriteHead(); }
                await WriteAsync(chunk, stopping);
                if (_translator is { ErrorSeen: true })
                {
                    // Told to the client already; what the provider still has to say nobody gets.
                    Settle(Outcomes.Failed);
                    return null;
                }

                Memory<byte> buffer = _attempt.BufferAfter(chunk.Length);
                (int read, string? broken) = await AnswerRelay.ReadAsync(_attempt.Answer!.Body, buffer, stopping);
                if (read == 0) { return await EndAsync(broken ?? "it ended early", aborted); }
                chunk = buffer[..read];
                _meter.Feed(chunk.Span);
            }
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            Settle(Outcomes.Aborted);
            return null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            Settle(Outcomes.Failed);
            await BreakAsync(new(ApiErrorKind.Timeout, $"The answer was not complete within the deadline of {_call.Route.Deadline}."), aborted);
            return null;
        }
    }

    private void WriteHead()
    {
        AnswerHeaders.Write(_call, _attempt.Answer!);
        AnswerHeaders.WriteNotCarried(_call, _attempt.Outgoing!.NotCarried);
        // What is left out or rewritten changes the length, where a provider gave one.
        if (_filter is not null || _translator is not null || _splice is not null) { _response.ContentLength = null; }
    }

    private ValueTask<System.IO.Pipelines.FlushResult> WriteAsync(ReadOnlyMemory<byte> chunk, CancellationToken stopping)
    {
        if (_splice is not null) { Splice(chunk.Span); }
        else if (_translator is not null) { _translator.Feed(chunk.Span, _response.BodyWriter); }
        else if (_filter is not null) { _filter.Feed(chunk.Span, _response.BodyWriter); }
        else { return _response.BodyWriter.WriteAsync(chunk, stopping); }
        return _response.BodyWriter.FlushAsync(stopping);
    }

    private void Splice(ReadOnlySpan<byte> chunk)
    {
        if (_translator is null)
        {
            _splice!.Feed(chunk, _response.BodyWriter);
            return;
        }

        _translator.Feed(chunk, _translated!);
        PassTranslated();
    }

    private void PassTranslated()
    {
        _splice!.Feed(_translated!.WrittenSpan, _response.BodyWriter);
        _translated.ResetWrittenCount();
    }

    private bool CompleteTranslation()
    {
        if (_splice is null) { return _translator!.Complete(_response.BodyWriter); }
        bool whole = _translator!.Complete(_translated!);
        PassTranslated();
        return whole;
    }

    // The event that tells the usage stands behind everything that is charged, though the stream's end may not have come yet.
    private byte[] WriteUsage()
    {
        (RequestImpact impact, bool estimated) = _settlement.Preview(_meter.UsageOrFloor(_call.Facts.InputTokenBound), !_meter.UsageSeen);
        return UsageMember.Write(_call, impact, estimated);
    }

    /// <summary>The provider sends nothing more. An answer that is not whole must not look whole: clients take a plain end for a complete answer.</summary>
    private async Task<ApiError?> EndAsync(string broken, CancellationToken aborted)
    {
        // Some servers of the OpenAI format leave out [DONE]; behind the usage nothing else is to come.
        bool whole = _meter.Ended || _meter.OnlyEndMissing;
        Settle(whole ? Outcomes.Ok : Outcomes.Failed);
        if (whole && _translator is { Ended: false }) { whole = CompleteTranslation(); }
        if (whole)
        {
            _filter?.Complete(_response.BodyWriter);
            _splice?.Complete(_response.BodyWriter);
        }

        if (whole || (_translator?.ErrorSeen ?? _meter.ErrorSeen)) { await _response.BodyWriter.FlushAsync(aborted); }
        else
        {
            _attempt.BrokeOff();
            await BreakAsync(AnswerRelay.BrokenOff(_call, broken), aborted);
        }

        return null;
    }

    private async Task BreakAsync(ApiError error, CancellationToken aborted)
    {
        if (_translator is not null) { _translator.Break(error, _call.Id, _response.BodyWriter); }
        else
        {
            if (_splice?.InsideEvent ?? _filter?.InsideEvent ?? _meter.InsideEvent) { _response.BodyWriter.Write("\n"u8); }
            _response.BodyWriter.Write(ErrorWire.StreamEvent(error, _call.Dialect, _call.Id));
        }

        await _response.BodyWriter.FlushAsync(aborted);
    }

    private void Settle(string outcome)
    {
        if (_meter.ErrorSeen) { outcome = Outcomes.Failed; }
        // A failure before the first token is free; hanging up before it is not, as the provider has read the prompt.
        bool nothing = outcome == Outcomes.Failed && _meter.OutputTextBytes == 0 && _meter.Usage == default;
        _settlement.Settle(nothing ? default : _meter.UsageOrFloor(_call.Facts.InputTokenBound), outcome, estimated: !nothing && !_meter.UsageSeen);
    }
}
