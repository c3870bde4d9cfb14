namespace Gigawatt.Models;

/// <summary>The wire format that a client or a provider speaks.</summary>
public enum Dialect
{
    /// <summary>Anthropic Messages: <c>POST /v1/messages</c>.</summary>
    Anthropic,

    /// <summary>OpenAI chat completions: <c>POST /v1/chat/completions</c>.</summary>
    OpenAI,
}
