using System.Globalization;
using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Tenants;
using Gigawatt.Units;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary>What is left of the caller's rate limits, as headers of every answer in the caller's dialect.</summary>
/// <remarks>Names and forms are those of the two services: <c>anthropic-ratelimit-requests-remaining</c> with times in RFC 3339
/// (platform.claude.com/docs, rate limits), <c>x-ratelimit-remaining-requests</c> with times left such as <c>1m30s</c>
/// (platform.openai.com/docs, rate limits). Where several limits apply, the tightest is shown.</remarks>
internal static class RateHeaders
{
    /// <summary>Whether a provider's header is one of these; they are left out where the caller has limits here.</summary>
    public static bool IsOne(string name) =>
        name.StartsWith("anthropic-ratelimit-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("x-ratelimit-", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes them; nothing where the caller has no limits.</summary>
    public static void Write(IHeaderDictionary headers, Dialect dialect, Caller caller, string model, Instant now)
    {
        CallerAccounts accounts = caller.Accounts;
        if (accounts.Rates.Count == 0) { return; }
        if (accounts.TryGetTightest(RateKind.Requests, model, now, out RateStatus requests)) { Write(headers, dialect, "requests", requests, now); }
        bool hasInput = accounts.TryGetTightest(RateKind.InputTokens, model, now, out RateStatus input);
        bool hasOutput = accounts.TryGetTightest(RateKind.OutputTokens, model, now, out RateStatus output);
        if (dialect.IsAnthropic())
        {
            if (hasInput) { Write(headers, dialect, "input-tokens", input, now); }
            if (hasOutput) { Write(headers, dialect, "output-tokens", output, now); }
        }

        if (accounts.TryGetTightest(RateKind.Tokens, model, now, out RateStatus tokens)) { Write(headers, dialect, "tokens", tokens, now); }
        else if (hasInput || hasOutput) { Write(headers, dialect, "tokens", !hasOutput || (hasInput && IsTighter(input, output)) ? input : output, now); }
    }

    private static bool IsTighter(in RateStatus one, in RateStatus other) => (Int128)one.Remaining * other.Limit <= (Int128)other.Remaining * one.Limit;

    private static void Write(IHeaderDictionary headers, Dialect dialect, string what, in RateStatus status, Instant now)
    {
        string limit = status.Limit.ToString(CultureInfo.InvariantCulture), remaining = status.Remaining.ToString(CultureInfo.InvariantCulture);
        if (dialect.IsAnthropic())
        {
            headers[$"anthropic-ratelimit-{what}-limit"] = limit;
            headers[$"anthropic-ratelimit-{what}-remaining"] = remaining;
            headers[$"anthropic-ratelimit-{what}-reset"] = status.Full.ToString();
            return;
        }

        headers[$"x-ratelimit-limit-{what}"] = limit;
        headers[$"x-ratelimit-remaining-{what}"] = remaining;
        headers[$"x-ratelimit-reset-{what}"] = Left(status.Full - now);
    }

    // As OpenAI writes it: 120ms, 1s, 6m0s.
    private static string Left(Duration left)
    {
        long ms = Math.Max(0, (left.Nanoseconds + 999_999) / 1_000_000);
        return ms < 1_000 ? string.Create(CultureInfo.InvariantCulture, $"{ms}ms")
            : ms < 60_000 ? string.Create(CultureInfo.InvariantCulture, $"{ms / 1_000m:0.###}s")
            : string.Create(CultureInfo.InvariantCulture, $"{ms / 60_000}m{ms % 60_000 / 1_000m:0.###}s");
    }
}
