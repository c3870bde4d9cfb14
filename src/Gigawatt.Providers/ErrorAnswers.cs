using System.Buffers;
using Gigawatt.Models;
using Gigawatt.Wire;

namespace Gigawatt.Providers;

/// <summary>Answers of clouds that are small and read whole: errors, and counts of tokens.</summary>
internal static class ErrorAnswers
{
    // Nothing that is read here comes near this length.
    private const int BytesLimit = 1 << 20;

    /// <summary>An error of a cloud's own, written as Anthropic writes errors; what is such an error already goes on byte for byte.</summary>
    public static async ValueTask<ProviderAnswer> AsAnthropicAsync(string provider, ProviderAnswer answer, CancellationToken cancellationToken)
    {
        byte[] body = await ReadAsync(provider, answer, cancellationToken);
        if (CloudErrors.IsAnthropic(body)) { return answer with { Body = new WholeBody(body) }; }
        var error = new ApiError(CloudErrors.KindOf(answer.Status), CloudErrors.MessageOf(body) ?? $"{provider} answered with status {answer.Status}.");
        return Of(answer, error, Header(answer, "request-id") ?? "");
    }

    /// <summary>An error instead of the answer.</summary>
    public static ProviderAnswer Of(ProviderAnswer answer, ApiError error, string requestId) => WholeBody.Instead(
        answer, ErrorWire.Status(error.Kind, Dialect.Anthropic), ErrorWire.Body(error, Dialect.Anthropic, requestId));

    /// <summary>The whole body; the answer is closed then.</summary>
    /// <exception cref="ProviderException">It broke off, or is too long.</exception>
    public static async Task<byte[]> ReadAsync(string provider, ProviderAnswer answer, CancellationToken cancellationToken)
    {
        await using (answer)
        {
            ArrayBufferWriter<byte> all = new(4096);
            try
            {
                while (true)
                {
                    int read = await answer.Body.ReadAsync(all.GetMemory(4096), cancellationToken);
                    if (read == 0) { return all.WrittenSpan.ToArray(); }
                    all.Advance(read);
                    if (all.WrittenCount > BytesLimit) { throw new IOException($"it is longer than {BytesLimit} bytes"); }
                }
            }
            catch (IOException e)
            {
                throw new ProviderException($"{provider} broke off an answer with status {answer.Status}: {e.Message}", timedOut: false, e);
            }
        }
    }

    /// <summary>The value of a header; null where there is none.</summary>
    public static string? Header(ProviderAnswer answer, string name)
    {
        foreach ((string key, string value) in answer.Headers)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase)) { return value; }
        }

        return null;
    }
}
