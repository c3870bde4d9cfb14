using System.Text.Json;

namespace Gigawatt.Wire.Translation;

internal enum PartKind
{
    Text,

    /// <summary>What an assistant said instead of an answer; OpenAI's formats keep it apart from text.</summary>
    Refusal,
    Image,
    Document,
    ToolCall,
    ToolResult,
}

internal enum MediaSource
{
    Base64,
    Url,
    PlainText,
}

/// <summary>One piece of a turn. Which fields are set depends on its kind.</summary>
internal sealed class Part(PartKind kind)
{
    internal PartKind Kind => kind;

    /// <summary>The text; of an image or document its base64 payload, address or plain text.</summary>
    internal JsonText Text { get; init; }

    internal MediaSource Source { get; init; }

    /// <summary>Of a base64 payload.</summary>
    internal string MediaType { get; init; } = "";

    /// <summary>A document's file name or title.</summary>
    internal JsonText? FileName { get; init; }

    /// <summary>OpenAI's <c>detail</c> of an image.</summary>
    internal JsonText? Detail { get; init; }

    /// <summary>Links a tool call with its result.</summary>
    internal JsonText CallId { get; init; }

    internal JsonText ToolName { get; init; }

    /// <summary>A tool call's arguments: an object, or a string that ought to hold one.</summary>
    internal JsonElement Arguments { get; init; }

    /// <summary>What a tool returned.</summary>
    internal List<Part> Content { get; init; } = [];

    internal bool IsError { get; init; }
}
