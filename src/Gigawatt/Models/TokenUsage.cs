namespace Gigawatt.Models;

/// <summary>Tokens of one model call, in one convention for all providers: the four counts never overlap.</summary>
/// <remarks>Providers count cached tokens in two ways, see <see cref="CacheTokenConvention"/>; the wire readers bring both to
/// this form, so that nothing downstream can count a cached token twice.</remarks>
/// <param name="Input">Prompt tokens that were neither read from nor written to a prompt cache.</param>
/// <param name="CacheRead">Prompt tokens read from a prompt cache.</param>
/// <param name="CacheWrite">Prompt tokens written to a prompt cache, for however long they are kept.</param>
/// <param name="Output">Answer tokens, thinking included.</param>
public readonly record struct TokenUsage(long Input, long CacheRead, long CacheWrite, long Output)
{
    /// <summary>Those of <see cref="CacheWrite"/> that the cache keeps for an hour, which costs more than the usual five minutes.</summary>
    public long CacheWriteHour { get; init; }

    /// <summary>Those of <see cref="Output"/> that were thinking or reasoning; 0 where the provider does not tell. They cost what the others cost.</summary>
    public long Reasoning { get; init; }

    /// <summary>Web searches that the provider made for the answer. They are priced apart.</summary>
    public long WebSearches { get; init; }

    /// <summary>The sum, count by count.</summary>
    public static TokenUsage operator +(TokenUsage left, TokenUsage right) => checked(new(
        left.Input + right.Input, left.CacheRead + right.CacheRead, left.CacheWrite + right.CacheWrite, left.Output + right.Output)
    {
        CacheWriteHour = left.CacheWriteHour + right.CacheWriteHour,
        Reasoning = left.Reasoning + right.Reasoning,
        WebSearches = left.WebSearches + right.WebSearches,
    });

    /// <summary>The larger of both, count by count.</summary>
    public static TokenUsage Max(TokenUsage one, TokenUsage other) => new(
        Math.Max(one.Input, other.Input), Math.Max(one.CacheRead, other.CacheRead), Math.Max(one.CacheWrite, other.CacheWrite), Math.Max(one.Output, other.Output))
    {
        CacheWriteHour = Math.Max(one.CacheWriteHour, other.CacheWriteHour),
        Reasoning = Math.Max(one.Reasoning, other.Reasoning),
        WebSearches = Math.Max(one.WebSearches, other.WebSearches),
    };

    /// <summary>All prompt tokens: uncached, cache reads and cache writes.</summary>
    public long TotalInput => checked(Input + CacheRead + CacheWrite);
}
