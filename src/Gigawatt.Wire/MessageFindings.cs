namespace Gigawatt.Wire;

/// <summary>What a walk through one message found: its pictures and documents, and what a version of Anthropic's API refuses. The role decides about that, and it may come last.</summary>
internal struct MessageFindings
{
    private BlockPath _document;
    private BlockPath _citations;

    /// <summary>Whether the message is of each role; both are false while it is not known.</summary>
    internal bool IsAssistant;
    internal bool IsUser;

    /// <summary>The most tokens of its pictures and documents.</summary>
    internal long MediaTokens;

    /// <summary>A document stands directly in the message.</summary>
    internal void Document(in BlockPath at)
    {
        if (_document.Depth == 0 && at.Depth == 1) { _document = at; }
    }

    /// <summary>A block of text has citations.</summary>
    internal void Citations(in BlockPath at)
    {
        if (_citations.Depth == 0) { _citations = at; }
    }

    /// <summary>Why version 2026-10-21 refuses the message, or null. Made only where there is something to refuse.</summary>
    internal readonly ApiError? Against20261021(int message)
    {
        if (IsAssistant && _document.Depth > 0) { return Wrong(_document.Of(message), "no document block in an assistant message"); }
        return IsUser && _citations.Depth > 0 ? Wrong(_citations.Of(message) + ".citations", "no citations in a user message") : null;
    }

    private static ApiError Wrong(string path, string expected) =>
        new(ApiErrorKind.InvalidRequest, $"{path}: expected {expected} under anthropic-version {AnthropicVersion.V2026_10_21}.", path);
}

/// <summary>Where a block stands in a message: its place among the blocks, and among those of the blocks around it.</summary>
internal struct BlockPath
{
    private int _first;
    private int _second;
    private int _third;
    private int _fourth;

    /// <summary>How many blocks deep; 0 is outside of any.</summary>
    internal int Depth { get; private set; }

    /// <summary>One deeper, at this place.</summary>
    internal readonly BlockPath At(int index)
    {
        BlockPath path = this;
        path.Depth++;
        switch (path.Depth)
        {
            case 1: path._first = index; break;
            case 2: path._second = index; break;
            case 3: path._third = index; break;
            default: path._fourth = index; break;
        }

        return path;
    }

    /// <summary>Such as <c>messages.2.content.0</c>.</summary>
    internal readonly string Of(int message)
    {
        string path = $"messages.{message}.content.{_first}";
        if (Depth > 1) { path += $".content.{_second}"; }
        if (Depth > 2) { path += $".content.{_third}"; }
        return Depth > 3 ? $"{path}.content.{_fourth}" : path;
    }
}
