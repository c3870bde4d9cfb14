using Gigawatt.Models;

namespace Gigawatt.Wire.Translation.Answers;

/// <summary>Why an answer ended.</summary>
internal enum Stop
{
    EndTurn,
    MaxTokens,
    StopSequence,
    ToolUse,
    Refusal,

    /// <summary>A turn that is to be gone on with; only Anthropic's own tools pause one.</summary>
    Paused,
    ContextFull,
}

/// <summary>An answer in no API's format.</summary>
internal sealed class Answer
{
    internal string Id { get; set; } = "";

    /// <summary>Seconds since 1970, where the provider told.</summary>
    internal long? Created { get; set; }

    /// <summary>Texts, refusals and tool calls, in their order.</summary>
    internal List<Part> Parts { get; } = [];

    internal Stop Stop { get; set; }

    /// <summary>Of <see cref="Answers.Stop.StopSequence"/>: the sequence that was met, where the provider told.</summary>
    internal JsonText? StopSequence { get; set; }

    /// <summary>Null where the provider did not tell.</summary>
    internal TokenUsage? Usage { get; set; }
}
