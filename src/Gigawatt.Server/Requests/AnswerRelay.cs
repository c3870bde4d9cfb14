using System.Buffers;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Units;
using Gigawatt.Wire;
using Gigawatt.Wire.Translation;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary>Brings a provider's answer to the client, byte for byte where both speak the same format, and settles the request before its last byte goes out.</summary>
internal static class AnswerRelay
{
    /// <summary>A JSON answer is held back whole, to put its usage into the headers. None comes near this length.</summary>
    public const int JsonLengthMax = 128 << 20;

    private const int JsonBuffer = 16 << 10;

    /// <summary>Relays the answer.</summary>
    /// <returns>Null, or what went wrong before anything was sent.</returns>
    public static Task<ApiError?> RunAsync(ModelCall call, Attempt attempt, Settlement settlement, TimeProvider time, CancellationToken stopping)
    {
        call.FirstByte = Instant.From(time.GetUtcNow());
        return attempt.IsStream ? StreamRelay.RunAsync(call, attempt, settlement, stopping) : JsonAsync(call, attempt, settlement, stopping);
    }

    /// <summary>Tells the client of an attempt that failed: in the provider's words where it has some, which clients match to decide what to do.</summary>
    /// <returns>Null, or what this server has to say itself.</returns>
    public static async Task<ApiError?> RefuseAsync(ModelCall call, Attempt attempt, Settlement settlement, CancellationToken stopping)
    {
        AttemptFailure failure = attempt.Failure!;
        if (failure.Error is { } error) { return error; }
        if (failure.EventBody is not { } body) { return await JsonAsync(call, attempt, settlement, stopping); }
        settlement.Settle(default, Outcomes.Failed, estimated: false);
        AnswerHeaders.Write(call, attempt.Answer!);
        HttpResponse response = call.Http.Response;
        (response.StatusCode, body) = InFormat(call, attempt, failure.Status, body);
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, stopping);
        return null;
    }

    private static async Task<ApiError?> JsonAsync(ModelCall call, Attempt attempt, Settlement settlement, CancellationToken stopping)
    {
        ProviderAnswer answer = attempt.Answer!;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Max(JsonBuffer, attempt.First.Length + 1));
        attempt.First.CopyTo(buffer);
        int length = attempt.First.Length;
        try
        {
            while (true)
            {
                (int read, string? broken) = await ReadAsync(answer.Body, buffer.AsMemory(length), stopping);
                if (length + read > JsonLengthMax) { broken = $"it is longer than {JsonLengthMax >> 20} MiB"; }
                if (broken is not null) { return BreakJson(call, attempt, length, settlement, broken); }
                if (read == 0) { break; }
                length += read;
                if (length == buffer.Length) { buffer = Grow(buffer); }
            }

            SettleJson(call, attempt, buffer.AsSpan(0, length), settlement);
            return await WriteJsonAsync(call, attempt, buffer.AsMemory(0, length), settlement, stopping);
        }
        catch (OperationCanceledException) when (call.Http.RequestAborted.IsCancellationRequested)
        {
            settlement.Settle(Estimate(call, length), Outcomes.Aborted, estimated: true);
            return null;
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }

    private static async Task<ApiError?> WriteJsonAsync(ModelCall call, Attempt attempt, ReadOnlyMemory<byte> json, Settlement settlement, CancellationToken stopping)
    {
        int status = attempt.Answer!.Status;
        IReadOnlyList<string> notCarried = attempt.Outgoing!.NotCarried;
        if (attempt.Format != call.Dialect)
        {
            if (status >= 400) { (status, json) = InFormat(call, attempt, status, json); }
            else if (AnswerTranslator.TryTranslate(json.Span, attempt.Format, call.Dialect, call.Facts.Model, out byte[] body, out IReadOnlyList<string> lost, out ApiError? error))
            {
                (json, notCarried) = (body, [.. notCarried, .. lost]);
            }
            else { return error; }
        }

        if (status < 400 && call.WantsUsage) { json = UsageSplice.IntoAnswer(json, call.Dialect, UsageMember.Write(call, settlement.Impact, settlement.Estimated)); }
        AnswerHeaders.Write(call, attempt.Answer);
        if (attempt.Format != call.Dialect) { call.Http.Response.ContentType = "application/json"; }
        AnswerHeaders.WriteNotCarried(call, notCarried);
        AnswerHeaders.WriteUsage(call.Http, settlement.Tokens, settlement.Impact);
        call.Http.Response.StatusCode = status;
        call.Http.Response.ContentLength = json.Length;
        await call.Http.Response.Body.WriteAsync(json, stopping);
        return null;
    }

    private static (int Status, byte[] Body) InFormat(ModelCall call, Attempt attempt, int status, byte[] body) =>
        attempt.Format == call.Dialect ? (status, body) : AnswerTranslator.TranslateError(status, body, attempt.Format, call.Dialect, call.Id);

    private static (int Status, ReadOnlyMemory<byte> Body) InFormat(ModelCall call, Attempt attempt, int status, ReadOnlyMemory<byte> body) =>
        AnswerTranslator.TranslateError(status, body.Span, attempt.Format, call.Dialect, call.Id);

    private static ApiError BreakJson(ModelCall call, Attempt attempt, int length, Settlement settlement, string broken)
    {
        bool worked = attempt.Answer!.Status < 400 && length > 0;
        if (worked) { attempt.BrokeOff(); }
        settlement.Settle(worked ? Estimate(call, length) : default, Outcomes.Failed, estimated: worked);
        return BrokenOff(call, broken);
    }

    private static void SettleJson(ModelCall call, Attempt attempt, ReadOnlySpan<byte> body, Settlement settlement)
    {
        int status = attempt.Answer!.Status;
        if (AnswerReader.TryReadUsage(body, attempt.Format, out TokenUsage usage)) { settlement.Settle(usage, status < 400 ? Outcomes.Ok : Outcomes.Failed, estimated: false); }
        else if (status >= 400) { settlement.Settle(default, Outcomes.Failed, estimated: false); }
        else { settlement.Settle(Estimate(call, body.Length), Outcomes.Ok, estimated: true); }
    }

    /// <summary>Reads from the provider; what goes wrong on its side is a value, so that it cannot be taken for a failure of this side.</summary>
    public static async ValueTask<(int Read, string? Broken)> ReadAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try { return (await body.ReadAsync(buffer, cancellationToken), null); }
        catch (IOException e) { return (0, e.Message); }
    }

    /// <summary>The provider stopped in the middle.</summary>
    public static ApiError BrokenOff(ModelCall call, string broken) =>
        new(ApiErrorKind.BadGateway, $"{call.Endpoint.Provider.Name} broke off its answer: {broken}");

    /// <summary>What an answer without usage is taken to have used: a token for every four bytes, of the prompt and of what came.</summary>
    public static TokenUsage Estimate(ModelCall call, int answerLength) => call.Dialect == Dialect.CountTokens
        ? default
        : new(AnswerReader.EstimateOutputTokens(call.Facts.InputTokenBound), 0, 0, AnswerReader.EstimateOutputTokens(answerLength));

    private static byte[] Grow(byte[] buffer)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
