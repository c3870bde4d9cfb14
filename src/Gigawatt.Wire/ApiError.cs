using Gigawatt.Units;

namespace Gigawatt.Wire;

/// <summary>Why a call is refused or failed; <see cref="ErrorWire"/> gives each kind its status and wording per dialect.</summary>
public enum ApiErrorKind
{
    /// <summary>The request is malformed or asks for something that is not allowed in it.</summary>
    InvalidRequest,

    /// <summary>No key, or one that is not known.</summary>
    Authentication,

    /// <summary>The account is not in a state to pay.</summary>
    Billing,

    /// <summary>The key is known but may not do this.</summary>
    Permission,

    /// <summary>No such path or model.</summary>
    NotFound,

    /// <summary>The request did not come in time.</summary>
    RequestTimeout,

    /// <summary>What is asked for does not fit the state that the thing is in.</summary>
    Conflict,

    /// <summary>The body is larger than the limit.</summary>
    TooLarge,

    /// <summary>The body is not JSON by its content type.</summary>
    UnsupportedMediaType,

    /// <summary>Too many requests or tokens for now; trying again later helps.</summary>
    RateLimit,

    /// <summary>The budget does not cover the call; trying again does not help.</summary>
    BudgetExceeded,

    /// <summary>A failure of this server.</summary>
    Api,

    /// <summary>The provider could not be reached, or broke off.</summary>
    BadGateway,

    /// <summary>The provider did not answer in time.</summary>
    Timeout,

    /// <summary>No capacity for the moment.</summary>
    Overloaded,

    /// <summary>The path exists, but not with this HTTP method.</summary>
    MethodNotAllowed,
}

/// <summary>One refusal or failure, in no dialect yet.</summary>
/// <param name="Kind">Decides status, type and code.</param>
/// <param name="Message">A sentence for the caller: the field and what was expected.</param>
/// <param name="Param">The field at fault, or null; only the OpenAI dialect has a place for it.</param>
public sealed record ApiError(ApiErrorKind Kind, string Message, string? Param = null)
{
    /// <summary>OpenAI's <c>code</c> where it says more than the kind's, or null.</summary>
    public string? Code { get; init; }

    /// <summary>Anthropic's <c>details.error_code</c>, of its own list, or null.</summary>
    public string? Detail { get; init; }

    /// <summary>When it is worth trying again, from now on; null when that is not known.</summary>
    public Duration? RetryAfter { get; init; }
}
