namespace Gigawatt.Models;

/// <summary>Tokens of one model call, in one convention for all providers: the four counts never overlap.</summary>
/// <remarks>Anthropic reports <c>input_tokens</c> without the cached ones, OpenAI's <c>prompt_tokens</c> includes them;
/// the wire readers bring both to this form, so that nothing downstream can count a cached token twice.</remarks>
/// <param name="Input">Prompt tokens that were neither read from nor written to a prompt cache.</param>
/// <param name="CacheRead">Prompt tokens read from a prompt cache.</param>
/// <param name="CacheWrite">Prompt tokens written to a prompt cache.</param>
/// <param name="Output">Answer tokens, thinking included.</param>
public readonly record struct TokenUsage(long Input, long CacheRead, long CacheWrite, long Output)
{
    /// <summary>All prompt tokens: uncached, cache reads and cache writes.</summary>
    public long TotalInput => checked(Input + CacheRead + CacheWrite);
}
