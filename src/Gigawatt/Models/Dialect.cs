namespace Gigawatt.Models;

/// <summary>The wire format of a call: one endpoint of one API.</summary>
public enum Dialect
{
    /// <summary>Anthropic Messages: <c>POST /v1/messages</c>.</summary>
    Anthropic,

    /// <summary>OpenAI chat completions: <c>POST /v1/chat/completions</c>.</summary>
    OpenAI,

    /// <summary>OpenAI responses: <c>POST /v1/responses</c>.</summary>
    Responses,

    /// <summary>OpenAI embeddings: <c>POST /v1/embeddings</c>.</summary>
    Embeddings,

    /// <summary>Anthropic's count of a prompt's tokens: <c>POST /v1/messages/count_tokens</c>.</summary>
    CountTokens,
}

/// <summary>What formats have in common.</summary>
public static class Dialects
{
    /// <summary>Whether the format is one of Anthropic's API: its error bodies, its headers, its way to count cached tokens.
    /// The others are OpenAI's.</summary>
    public static bool IsAnthropic(this Dialect dialect) => dialect is Dialect.Anthropic or Dialect.CountTokens;

    /// <summary>How the format's own API counts cached tokens; a provider may be configured otherwise.</summary>
    public static CacheTokenConvention CacheTokens(this Dialect dialect) =>
        dialect.IsAnthropic() ? CacheTokenConvention.InputExcludesCache : CacheTokenConvention.InputIncludesCache;

    /// <summary>The path on which the format is served, such as <c>/v1/messages</c>.</summary>
    public static string Path(this Dialect dialect) => dialect switch
    {
        Dialect.Anthropic => "/v1/messages",
        Dialect.OpenAI => "/v1/chat/completions",
        Dialect.Responses => "/v1/responses",
        Dialect.Embeddings => "/v1/embeddings",
        Dialect.CountTokens => "/v1/messages/count_tokens",
        _ => throw new ArgumentOutOfRangeException(nameof(dialect), dialect, null),
    };

    /// <summary>The format's name in reasons and records.</summary>
    public static string Name(this Dialect dialect) => dialect switch
    {
        Dialect.Anthropic => "anthropic",
        Dialect.OpenAI => "openai",
        Dialect.Responses => "openai-responses",
        Dialect.Embeddings => "openai-embeddings",
        Dialect.CountTokens => "anthropic-count-tokens",
        _ => throw new ArgumentOutOfRangeException(nameof(dialect), dialect, null),
    };
}
