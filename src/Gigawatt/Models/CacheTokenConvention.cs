namespace Gigawatt.Models;

/// <summary>Whether a provider's count of prompt tokens has the cached ones in it. Taking one for the other doubles or loses them.</summary>
public enum CacheTokenConvention
{
    /// <summary>The prompt's count includes cache reads and writes: OpenAI's <c>prompt_tokens</c>, and the <c>input_tokens</c> of some
    /// servers that otherwise speak Anthropic's format.</summary>
    InputIncludesCache,

    /// <summary>The prompt's count is without cache reads and writes: Anthropic's <c>input_tokens</c>.</summary>
    InputExcludesCache,
}
