namespace Gigawatt.Wire.Translation;

/// <summary>What a translated request needs to know of the provider it goes to.</summary>
/// <param name="Model">The model's name as the provider knows it.</param>
/// <param name="DefaultMaxOutputTokens">The bound on answer tokens that is written where the provider's format demands one
/// (Anthropic's <c>max_tokens</c>) and the client gave none; at least 1.</param>
public sealed record TranslationTarget(string Model, int DefaultMaxOutputTokens)
{
    /// <summary>Whether chat's bound on answer tokens goes out under its older name, <c>max_tokens</c>: OpenAI's newer models
    /// refuse that name, and some other servers do not know the newer one and would answer without a bound.</summary>
    public bool OlderBound { get; init; }

    /// <summary>Whether chat's <c>stream_options</c> may be sent.</summary>
    public bool StreamUsage { get; init; } = true;
}

/// <summary>A request in the provider's format.</summary>
/// <param name="Body">The JSON document to send.</param>
/// <param name="NotCarried">Names of what was left out because the format has no place for it and the answer means the same
/// without it, such as <c>cache_control</c>; each once, in the order met, printable ASCII without commas, at most
/// <see cref="RequestTranslator.NotCarriedLimit"/> of them.</param>
public sealed record TranslatedRequest(byte[] Body, IReadOnlyList<string> NotCarried);
