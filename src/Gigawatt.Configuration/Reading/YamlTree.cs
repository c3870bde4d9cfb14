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
    public static Node? Parse(string text, Problems problems)
    {
        var tree = new YamlTree(problems);
        Mark last = Mark.Empty;
        try
        {
            var parser = new Parser(new StringReader(text));
            while (!tree._gaveUp && parser.MoveNext())
            {
                last = parser.Current!.Start;
                tree.Take(parser.Current);
            }

            return tree._gaveUp ? null : tree._root;
        }
        catch (YamlException e)
        {
            problems.Add((int)e.Start.Line, (int)e.Start.Column, NotYaml(e.Message));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            // The parser meets some malformed texts, such as an unclosed bracket, with exceptions of its own state.
            problems.Add((int)last.Line, (int)last.Column, NotYaml("something after this is not closed"));
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
                GiveUp(line, column, "a second document starts here; write one document in a file");
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
                GiveUp(line, column, "this repeats a value marked with & before it, and none is marked so; mark it, or put the text in quotes");
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
