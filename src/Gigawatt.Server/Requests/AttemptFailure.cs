using Gigawatt.Providers;
using Gigawatt.Units;
using Gigawatt.Wire;

namespace Gigawatt.Server.Requests;

/// <summary>Why an attempt gave no answer that the client could be given as one, and what the client is told if no other attempt follows.</summary>
internal sealed class AttemptFailure
{
    /// <summary>What to tell, where this server has to find the words.</summary>
    public ApiError? Error { get; init; }

    /// <summary>The provider's status, where it said one; 0 else.</summary>
    public int Status { get; init; }

    /// <summary>The provider's own words where they came as the first event of a stream: the event's data.</summary>
    public byte[]? EventBody { get; init; }

    /// <summary>Whether trying again, here or elsewhere, may help.</summary>
    public bool Retryable { get; init; }

    /// <summary>For how long the provider wants to be left alone, or null.</summary>
    public Duration? RetryAfter { get; init; }

    /// <summary>Whether the same target would refuse again for sure, so that only another can help.</summary>
    public bool OnlyElsewhere { get; init; }

    /// <summary>Whether the target was called and refused this server's credentials.</summary>
    public bool IsCredentials => OnlyElsewhere && Status > 0;

    /// <summary>In a few words, for logs and reasons.</summary>
    public string Summary => Error?.Message ?? $"status {Status}";

    /// <summary>The failure where the provider's own words are gone by now.</summary>
    public ApiError InOwnWords => Error ?? new(
        Status switch
        {
            429 => ApiErrorKind.RateLimit,
            503 or 529 => ApiErrorKind.Overloaded,
            _ => ApiErrorKind.BadGateway,
        },
        $"The provider answered with status {Status}, and no other target takes this request.");

    /// <summary>The target does not take the request in its format.</summary>
    public static AttemptFailure Untranslatable(ApiError error) => new() { Error = error, Retryable = true, OnlyElsewhere = true };

    /// <summary>No answer could be had.</summary>
    public static AttemptFailure Unreachable(ProviderException e) =>
        new() { Error = new(e.TimedOut ? ApiErrorKind.Timeout : ApiErrorKind.BadGateway, e.Message), Retryable = true };

    /// <summary>The provider does not accept this server's credentials, or they may not do this. Its words name accounts and parts of
    /// keys that are none of the client's business, and the client's own key is not what they speak of.</summary>
    public static AttemptFailure CredentialsRefused(string provider, int status) => new()
    {
        Error = new(ApiErrorKind.BadGateway, $"{provider} does not accept the credentials of this server for this request. Its operator finds more in its log."),
        Status = status,
        Retryable = true,
        OnlyElsewhere = true,
    };

    /// <summary>No first byte within the attempt's time.</summary>
    public static AttemptFailure Silent(string provider, Duration timeout) =>
        new() { Error = new(ApiErrorKind.Timeout, $"{provider} did not begin to answer within {timeout}."), Retryable = true };

    /// <summary>It closed before the first byte of an answer.</summary>
    public static AttemptFailure BrokenOff(string provider, string how) =>
        new() { Error = new(ApiErrorKind.BadGateway, $"{provider} broke off its answer: {how}"), Retryable = true };
}
