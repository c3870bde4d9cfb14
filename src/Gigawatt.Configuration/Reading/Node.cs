namespace Gigawatt.Configuration.Reading;

/// <summary>A piece of a YAML document and where it starts. Lines and columns count from 1.</summary>
internal abstract class Node(int line, int column)
{
    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>What it is, for "not …" in a message.</summary>
    public abstract string Noun { get; }
}

/// <summary>A single value. YAML's own guesses at types are not used: the field decides how its text is read.</summary>
internal sealed class TextNode(int line, int column, string text, bool isPlain) : Node(line, column)
{
    public string Text { get; } = text;

    /// <summary>Whether nothing was written: an absent value, <c>~</c> or <c>null</c>, without quotes.</summary>
    public bool IsEmpty { get; } = isPlain && text is "" or "~" or "null";

    public override string Noun => "a single value";
}

/// <summary>A list.</summary>
internal sealed class ListNode(int line, int column) : Node(line, column)
{
    public List<Node> Items { get; } = [];

    public override string Noun => "a list";
}

/// <summary>Fields with values, in the order written; a name may be there twice.</summary>
internal sealed class MapNode(int line, int column) : Node(line, column)
{
    public List<(TextNode Name, Node Value)> Fields { get; } = [];

    public override string Noun => "a block of fields";
}
