using System.Globalization;

namespace Gigawatt.Tenants;

/// <summary>What a rate limit counts.</summary>
public enum RateKind
{
    /// <summary>Requests in a minute.</summary>
    Requests,

    /// <summary>Tokens of prompts and answers in a minute.</summary>
    Tokens,

    /// <summary>Tokens of prompts in a minute, cached ones included.</summary>
    InputTokens,

    /// <summary>Tokens of answers in a minute.</summary>
    OutputTokens,

    /// <summary>Requests under way at once.</summary>
    Concurrent,
}

/// <summary>How fast work may come: one limit of a key, a project, a tenant or the server.</summary>
/// <param name="Kind">What is counted.</param>
/// <param name="Amount">For each minute, or at once; 1 or more.</param>
/// <param name="Model">The models it is for, as a <see cref="ModelPattern"/>: <c>*</c> for all, which share it.</param>
public sealed record RateLimit(RateKind Kind, long Amount, string Model = "*")
{
    /// <summary>As people write it in files and commands: <c>60 requests per minute for claude-*</c>.</summary>
    public override string ToString()
    {
        string what = Kind switch
        {
            RateKind.Requests => "requests per minute",
            RateKind.Tokens => "tokens per minute",
            RateKind.InputTokens => "input tokens per minute",
            RateKind.OutputTokens => "output tokens per minute",
            _ => "concurrent",
        };
        return $"{Amount.ToString(CultureInfo.InvariantCulture)} {what}{(Model == "*" ? "" : $" for {Model}")}";
    }
}
