using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gigawatt.Configuration.Reading;

/// <summary>Reads YAML text into nodes that know their place.</summary>
/// <remarks>YamlDotNet's own representation model stops at the first repeated field and drops where it was; this keeps every
/// field, so that repeats are reported together with all other mistakes.</remarks>
internal sealed class YamlTree
{
    // Deeper than any of our files by far; keeps nonsense from growing without bound.
    private const int MaxDepth = 32;

    private readonly Problems _problems;
    private readonly Stack<(Node Node, TextNode? Field, string Anchor)> _open = new();
    private readonly Dictionary<string, Node> _anchors = new(StringComparer.Ordinal);
    private TextNode? _field;
    private Node? _root;
    private int _documents;
    private bool _gaveUp;

    private YamlTree(Problems problems) => _problems = problems;

    /// <summary>The document's root; null when it is empty or is not YAML, which is then among the problems.</summary>
    /// <remarks>Where only a part of the document below one of its fields is no YAML, that is told, the field is noted as unread, and
    /// the rest is read without it, so that its mistakes are told too.</remarks>
    public static Node? Parse(string text, Problems problems)
    {
        var first = new Problems(problems.File);
        ParseWhole(text, first, out bool isYaml);
        return ParseWhole(isYaml ? text : YamlSections.Without(text, problems) ?? text, problems, out _);
    }

    /// <summary>As <see cref="Parse"/>, all or nothing.</summary>
    /// <param name="text">The document.</param>
    /// <param name="problems">Where mistakes go; the last is the one that makes it no YAML.</param>
    /// <param name="isYaml">Whether it could be read to its end.</param>
    internal static Node? ParseWhole(string text, Problems problems, out bool isYaml)
    {
        isYaml = false;
        var tree = new YamlTree(problems);
        Mark last = Mark.Empty;
        try
        {
            var parser = new Parser(new StringReader(text));
            while (!tree._gaveUp && tree._documents < 2 && parser.MoveNext())
            {
                last = parser.Current!.Start;
                tree.Take(parser.Current);
            }

            isYaml = !tree._gaveUp;
            return isYaml ? tree._root : null;
        }
        catch (YamlException e)
        {
            // Of a tab the parser says where the block began that it stands in.
            (int line, int column) = e.Message.Contains("tab as indentation", StringComparison.Ordinal) && TabIn(text) is { } tab ? tab : ((int)e.Start.Line, (int)e.Start.Column);
            problems.Add(line, column, NotYaml(e.Message));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            // The parser meets some malformed texts, such as an unclosed bracket, with exceptions of its own state.
            problems.Add((int)last.Line, (int)last.Column, NotYaml("something after this is not closed"));
        }

        return null;
    }

    private static (int Line, int Column)? TabIn(string text)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string indentation = lines[i][..^lines[i].TrimStart().Length];
            if (indentation.Length < lines[i].TrimEnd('\r').Length && indentation.IndexOf('\t', StringComparison.Ordinal) is >= 0 and int at) { return (i + 1, at + 1); }
        }

        return null;
    }

    private static string NotYaml(string why) =>
        $"this is not valid YAML ({why.Trim().TrimEnd('.').Replace("  ", " ", StringComparison.Ordinal)}); check indentation, colons, brackets and quotes here and on the line before";

    private void Take(ParsingEvent e)
    {
        int line = (int)e.Start.Line, column = (int)e.Start.Column;
        switch (e)
        {
            case DocumentStart when ++_documents == 2:
                _problems.Add(line, column, "a second document starts here; write one document in a file");
                break;
            case Scalar scalar:
                Place(new TextNode(line, column, scalar.Value, scalar.Style == ScalarStyle.Plain), scalar.Anchor);
                break;
            case SequenceStart start:
                Open(new ListNode(line, column), start.Anchor);
                break;
            case MappingStart start:
                Open(new MapNode(line, column), start.Anchor);
                break;
            case SequenceEnd or MappingEnd:
                Close();
                break;
            case AnchorAlias alias when _anchors.TryGetValue(alias.Value.Value, out Node? node):
                Place(node, AnchorName.Empty);
                break;
            case AnchorAlias:
                var nothing = new TextNode(line, column, "", isPlain: true);
                _problems.AddOnly(nothing, "this repeats a value marked with & before it, and none is marked so; mark it, or put the text in quotes");
                Place(nothing, AnchorName.Empty);
                break;
        }
    }

    private void Open(Node node, AnchorName anchor)
    {
        if (_open.Count >= MaxDepth) { GiveUp(node.Line, node.Column, $"this is nested more than {MaxDepth} levels deep"); }
        _open.Push((node, _field, NameOf(anchor)));
        _field = null;
    }

    private void Close()
    {
        (Node node, _field, string anchor) = _open.Pop();
        Place(node, anchor);
    }

    private void Place(Node node, AnchorName anchor) => Place(node, NameOf(anchor));

    // An anchor is known only once its node is complete, so a node cannot hold itself.
    private void Place(Node node, string anchor)
    {
        if (anchor.Length > 0) { _anchors[anchor] = node; }
        if (!_open.TryPeek(out var parent)) { _root = node; }
        else if (parent.Node is ListNode list) { list.Items.Add(node); }
        else if (parent.Node is MapNode map)
        {
            if (_field is { } field)
            {
                map.Fields.Add((field, node));
                _field = null;
            }
            else if (node is TextNode name) { _field = name; }
            else { GiveUp(node.Line, node.Column, $"a field name must be plain text, not {node.Noun}"); }
        }
    }

    private void GiveUp(int line, int column, string message)
    {
        if (!_gaveUp) { _problems.Add(line, column, message); }
        _gaveUp = true;
    }

    private static string NameOf(AnchorName anchor) => anchor.IsEmpty ? "" : anchor.Value;
}
