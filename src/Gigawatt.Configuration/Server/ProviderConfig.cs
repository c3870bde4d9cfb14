namespace Gigawatt.Configuration;

/// <summary>What a provider of models speaks.</summary>
public enum ProviderKind
{
    /// <summary>The Anthropic Messages API.</summary>
    Anthropic,

    /// <summary>The OpenAI chat completions API, which many servers speak.</summary>
    OpenAI,

    /// <summary>Nobody: answers are made up here and say so.</summary>
    Simulated,
}

/// <summary>A provider of models as configured.</summary>
/// <param name="Name">Unique among the providers.</param>
/// <param name="Kind">What it speaks.</param>
/// <param name="Url">Where it is; null is the public address of its kind.</param>
/// <param name="Key">What it is called with; null calls it without a key.</param>
/// <param name="Models">Models it is asked for: names, or the start of names followed by <c>*</c>.</param>
public sealed record ProviderConfig(string Name, ProviderKind Kind, Uri? Url, Secret? Key, IReadOnlyList<string> Models);
