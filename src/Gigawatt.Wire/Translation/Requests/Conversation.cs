using System.Text.Json;

namespace Gigawatt.Wire.Translation.Requests;

internal enum Role
{
    System,
    User,
    Assistant,
}

/// <summary>A message: who speaks, and the pieces of it.</summary>
internal sealed record Turn(Role Role, List<Part> Parts);

/// <summary>A function that the model may call. The schema stays the bytes it came as.</summary>
internal sealed record Tool(JsonText Name, JsonText? Description, JsonElement Schema, JsonElement Strict);

internal enum ToolChoice
{
    Auto,
    None,
    Required,
    Named,
}

internal enum FormatKind
{
    AnyJson,
    Schema,
}

/// <summary>The form that the answer must have.</summary>
internal sealed record OutputFormat(FormatKind Kind, JsonElement Schema, JsonText? Name, JsonText? Description, JsonElement Strict);

/// <summary>A request in no API's format: what at least two of the three can say. A writer carries, names or refuses each of these.</summary>
internal sealed class Conversation
{
    internal List<Turn> Turns { get; } = [];

    internal List<Tool> Tools { get; } = [];

    internal ToolChoice? Choice { get; set; }

    /// <summary>Of <see cref="ToolChoice.Named"/>.</summary>
    internal JsonText ChoiceName { get; set; }

    internal bool? ParallelToolCalls { get; set; }

    internal bool Stream { get; set; }

    internal long? MaxOutputTokens { get; set; }

    internal JsonElement Temperature { get; set; }

    internal JsonElement TopP { get; set; }

    internal List<JsonText> Stop { get; } = [];

    internal OutputFormat? Format { get; set; }

    /// <summary>How much to think: OpenAI's words and Anthropic's, of which most are the same.</summary>
    internal string? Effort { get; set; }

    /// <summary>Anthropic's <c>metadata.user_id</c>.</summary>
    internal JsonText? EndUser { get; set; }

    /// <summary>OpenAI's <c>user</c>.</summary>
    internal JsonText? User { get; set; }

    internal JsonText? SafetyIdentifier { get; set; }

    /// <summary>OpenAI's words; Anthropic's <c>standard_only</c> is <c>default</c>.</summary>
    internal string? ServiceTier { get; set; }

    /// <summary>What only OpenAI's two formats have, by the name that both use.</summary>
    internal List<(string Name, JsonElement Value)> OpenAIOnly { get; } = [];

    /// <summary>How wordy the answer is to be; only in OpenAI's formats, under different names.</summary>
    internal JsonText? Verbosity { get; set; }
}
