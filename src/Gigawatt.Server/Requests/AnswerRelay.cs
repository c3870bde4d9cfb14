using System.Buffers;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary>Brings a provider's answer to the client, byte for byte, and settles the request before its last byte goes out.</summary>
internal static class AnswerRelay
{
    /// <summary>A JSON answer is held back whole, to put its usage into the headers. None comes near this length.</summary>
    public const int JsonLengthMax = 128 << 20;

    private const int StreamBuffer = 16 << 10;
    private const int JsonBuffer = 16 << 10;

    /// <summary>Relays the answer.</summary>
    /// <returns>Null, or what went wrong before anything was sent.</returns>
    public static Task<ApiError?> RunAsync(ModelCall call, ProviderAnswer answer, Settlement settlement, CancellationToken cancellationToken) =>
        IsStream(answer) ? StreamAsync(call, answer, settlement, cancellationToken) : JsonAsync(call, answer, settlement, cancellationToken);

    private static async Task<ApiError?> JsonAsync(ModelCall call, ProviderAnswer answer, Settlement settlement, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(JsonBuffer);
        int length = 0;
        try
        {
            while (true)
            {
                (int read, string? broken) = await ReadAsync(answer.Body, buffer.AsMemory(length), cancellationToken);
                if (length + read > JsonLengthMax) { broken = $"it is longer than {JsonLengthMax >> 20} MiB"; }
                if (broken is not null) { return BreakJson(call, answer, length, settlement, broken); }
                if (read == 0) { break; }
                length += read;
                if (length == buffer.Length) { buffer = Grow(buffer); }
            }

            SettleJson(call, answer.Status, buffer.AsSpan(0, length), settlement);
            AnswerHeaders.Write(call, answer);
            AnswerHeaders.WriteUsage(call, settlement);
            call.Http.Response.ContentLength = length;
            await call.Http.Response.Body.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            settlement.Settle(Estimate(call, length), Outcomes.Aborted, estimated: true);
            return null;
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    private static ApiError BreakJson(ModelCall call, ProviderAnswer answer, int length, Settlement settlement, string broken)
    {
        bool worked = answer.Status < 400 && length > 0;
        settlement.Settle(worked ? Estimate(call, length) : default, Outcomes.Failed, estimated: worked);
        return BrokenOff(call, broken);
    }

    private static void SettleJson(ModelCall call, int status, ReadOnlySpan<byte> body, Settlement settlement)
    {
        if (AnswerReader.TryReadUsage(body, call.Dialect, out TokenUsage usage)) { settlement.Settle(usage, status < 400 ? Outcomes.Ok : Outcomes.Failed, estimated: false); }
        else if (status >= 400) { settlement.Settle(default, Outcomes.Failed, estimated: false); }
        else { settlement.Settle(Estimate(call, body.Length), Outcomes.Ok, estimated: true); }
    }

    private static async Task<ApiError?> StreamAsync(ModelCall call, ProviderAnswer answer, Settlement settlement, CancellationToken cancellationToken)
    {
        var meter = new StreamMeter(call.Dialect);
        HttpResponse response = call.Http.Response;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(StreamBuffer);
        try
        {
            while (true)
            {
                (int read, string? broken) = await ReadAsync(answer.Body, buffer, cancellationToken);
                if (read == 0) { return await EndStreamAsync(call, meter, settlement, broken ?? "it ended early", cancellationToken); }
                meter.Feed(buffer.AsSpan(0, read));
                // The bytes that end the answer acknowledge it, so the charge is noted before they go out.
                if (meter.Ended) { SettleStream(call, meter, settlement, Outcomes.Ok); }
                if (!response.HasStarted) { AnswerHeaders.Write(call, answer); }
                await response.BodyWriter.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            SettleStream(call, meter, settlement, Outcomes.Aborted);
            return null;
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    /// <summary>The provider sends nothing more. An answer that is not whole must not look whole: clients take a plain end for a complete answer.</summary>
    private static async Task<ApiError?> EndStreamAsync(ModelCall call, StreamMeter meter, Settlement settlement, string broken, CancellationToken cancellationToken)
    {
        // Some servers of the OpenAI format leave out [DONE]; behind the usage nothing else is to come.
        bool whole = meter.Ended || (call.Dialect == Dialect.OpenAI && meter.UsageSeen);
        SettleStream(call, meter, settlement, whole ? Outcomes.Ok : Outcomes.Failed);
        if (whole || meter.ErrorSeen) { return null; }
        HttpResponse response = call.Http.Response;
        if (!response.HasStarted) { return BrokenOff(call, broken); }
        if (meter.InsideEvent) { await response.BodyWriter.WriteAsync("\n"u8.ToArray(), cancellationToken); }
        await response.BodyWriter.WriteAsync(ErrorWire.StreamEvent(BrokenOff(call, broken), call.Dialect, call.Id), cancellationToken);
        return null;
    }

    private static void SettleStream(ModelCall call, StreamMeter meter, Settlement settlement, string outcome)
    {
        if (meter.ErrorSeen) { outcome = Outcomes.Failed; }
        // A failure before the first token is free; hanging up before it is not, as the provider has read the prompt.
        bool nothing = outcome == Outcomes.Failed && meter.OutputTextBytes == 0 && meter.Usage == default;
        settlement.Settle(nothing ? default : meter.UsageOrFloor(call.Facts.InputTokenBound), outcome, estimated: !nothing && !meter.UsageSeen);
    }

    /// <summary>Reads from the provider; what goes wrong on its side is a value, so that it cannot be taken for a failure of this side.</summary>
    private static async ValueTask<(int Read, string? Broken)> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try { return (await body.ReadAsync(buffer, cancellationToken), null); }
        catch (IOException e) { return (0, e.Message); }
    }

    private static ApiError BrokenOff(ModelCall call, string broken) =>
        new(ApiErrorKind.BadGateway, $"{call.Endpoint.Provider.Name} broke off its answer: {broken}");

    /// <summary>What an answer without usage is taken to have used: a token for every four bytes, of the prompt and of what came.</summary>
    public static TokenUsage Estimate(ModelCall call, int answerLength) =>
        new(AnswerReader.EstimateOutputTokens(call.Facts.InputTokenBound), 0, 0, AnswerReader.EstimateOutputTokens(answerLength));

    private static bool IsStream(ProviderAnswer answer)
    {
        foreach ((string name, string value) in answer.Headers)
        {
            if (name.Equals("content-type", StringComparison.OrdinalIgnoreCase)) { return value.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase); }
        }

        return false;
    }

    private static byte[] Grow(byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
