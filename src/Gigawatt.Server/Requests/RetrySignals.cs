using System.Globalization;
using Gigawatt.Units;

namespace Gigawatt.Server.Requests;

/// <summary>What a provider's answer says about trying again.</summary>
/// <param name="RetryAfter">For how long it wants to be left alone, or null.</param>
/// <param name="ShouldRetry">What <c>x-should-retry</c> says, which overrides the status; or null.</param>
internal readonly record struct RetrySignals(Duration? RetryAfter, bool? ShouldRetry)
{
    /// <summary>Whether the statuses that the official clients retry have it: 408, 409, 429 and all of the server's own failures.</summary>
    public bool Retries(int status) => ShouldRetry ?? status is 408 or 409 or 429 or >= 500;

    /// <summary>Reads <c>retry-after-ms</c>, which wins as it does with the official clients, <c>retry-after</c> in seconds or as a date, and <c>x-should-retry</c>.</summary>
    public static RetrySignals Read(IReadOnlyList<KeyValuePair<string, string>> headers, Instant now)
    {
        Duration? exact = null, coarse = null;
        bool? should = null;
        for (int i = 0; i < headers.Count; i++)
        {
            (string name, string value) = headers[i];
            if (name.Equals("retry-after-ms", StringComparison.OrdinalIgnoreCase)) { exact = Of(value, 1); }
            else if (name.Equals("retry-after", StringComparison.OrdinalIgnoreCase)) { coarse = Of(value, 1_000) ?? Until(value, now); }
            else if (name.Equals("x-should-retry", StringComparison.OrdinalIgnoreCase)) { should = bool.TryParse(value, out bool says) ? says : null; }
        }

        return new(exact ?? coarse, should);
    }

    /// <summary>For how long a client of the official libraries waits for the first byte before it gives up; null where it does not say.</summary>
    public static Duration? ClientTimeout(string? stainlessTimeout) => stainlessTimeout is null ? null : Of(stainlessTimeout, 1_000);

    // A day is more than anybody waits, and keeps sums from overflowing.
    private static Duration? Of(string value, double milliseconds) =>
        double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number * milliseconds <= 86_400_000
            ? new((long)(number * milliseconds * 1e6)) : null;

    private static Duration? Until(string value, Instant now) =>
        DateTimeOffset.TryParseExact(value, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at)
            ? new(Math.Clamp((Instant.From(at) - now).Nanoseconds, 0, Duration.FromSeconds(86_400).Nanoseconds)) : null;
}
