using System.Buffers;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Units;
using Gigawatt.Wire;

namespace Gigawatt.Server.Requests;

/// <summary>What an answer that nobody gets used, and when it began.</summary>
internal sealed class ShadowAnswer
{
    private const int JsonLengthMax = 16 << 20;

    /// <summary>Its tokens, or the floor that is charged where it did not tell them.</summary>
    public TokenUsage Used { get; private init; }

    /// <summary>Whether the tokens are the floor.</summary>
    public bool Estimated { get; private init; }

    /// <summary>Whether it came to its end.</summary>
    public bool Whole { get; private init; }

    /// <summary>When its first bytes came, or null.</summary>
    public Instant? First { get; private init; }

    /// <summary>Reads an answer to its end, or as far as it comes before it is cut off or breaks off.</summary>
    public static async Task<ShadowAnswer> ReadAsync(ProviderCall call, Stream body, long inputTokenBound, TimeProvider time, CancellationToken cancellationToken)
    {
        var meter = call.Stream ? new StreamMeter(call.Dialect) : null;
        var json = new ArrayBufferWriter<byte>();
        byte[] buffer = new byte[16 << 10];
        Instant? first = null;
        bool ended = false;
        try
        {
            int read;
            while (json.WrittenCount <= JsonLengthMax && (read = await body.ReadAsync(buffer, cancellationToken)) > 0)
            {
                first ??= Instant.From(time.GetUtcNow());
                if (meter is not null) { meter.Feed(buffer.AsSpan(0, read)); }
                else { json.Write(buffer.AsSpan(0, read)); }
            }

            ended = meter is null ? json.WrittenCount <= JsonLengthMax : meter.Ended && !meter.ErrorSeen;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException) { /* What came is charged. */ }

        if (meter is not null) { return new() { Used = meter.UsageOrFloor(inputTokenBound), Estimated = !meter.UsageSeen, Whole = ended, First = first }; }
        bool told = AnswerReader.TryReadUsage(json.WrittenSpan, call.Dialect, out TokenUsage usage);
        TokenUsage floor = new(AnswerReader.EstimateOutputTokens(inputTokenBound), 0, 0, AnswerReader.EstimateOutputTokens(json.WrittenCount));
        return new() { Used = told ? usage : floor, Estimated = !told, Whole = ended, First = first };
    }
}
