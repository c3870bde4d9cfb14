using Gigawatt.Models;

namespace Gigawatt.Providers.OpenAI;

/// <summary>The addresses of OpenAI's endpoints below a base such as <c>https://api.openai.com/v1</c>.</summary>
internal sealed class OpenAIPaths(string baseUrl)
{
    private readonly Uri _completions = new($"{baseUrl}/chat/completions");
    private readonly Uri _responses = new($"{baseUrl}/responses");
    private readonly Uri _embeddings = new($"{baseUrl}/embeddings");

    public Uri Models { get; } = new($"{baseUrl}/models");

    /// <summary>Where calls of this format go; null for those that are not OpenAI's.</summary>
    public Uri? Of(Dialect dialect) => dialect switch
    {
        Dialect.OpenAI => _completions,
        Dialect.Responses => _responses,
        Dialect.Embeddings => _embeddings,
        _ => null,
    };
}
