using System.Globalization;
using System.Text;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration.Migration;

/// <summary>Reads the fields of another product's block. Nothing in it is a mistake: what nobody asks for is noted as not carried over.</summary>
/// <remarks>Names are read in snake case, however they are written: Portkey takes <c>customHost</c> and <c>custom_host</c> alike.</remarks>
internal sealed class ForeignMap
{
    private readonly Dictionary<string, (string Written, Node Value)> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly MigrationNotes _notes;

    public ForeignMap(MapNode map, string path, MigrationNotes notes)
    {
        (At, Path, _notes) = (map, path, notes);
        foreach ((TextNode name, Node value) in map.Fields)
        {
            // As in Python and JavaScript, the last of two fields of one name holds.
            if (value is not TextNode { IsEmpty: true }) { _fields[SnakeCase(name.Text)] = (name.Text, value); }
        }
    }

    public Node At { get; }

    public string Path { get; }

    public IEnumerable<string> Names => _fields.Keys;

    public bool Has(string name) => _fields.ContainsKey(name);

    public string PathOf(string name)
    {
        string written = _fields.TryGetValue(name, out var found) ? found.Written : name;
        return Path.Length == 0 ? written : $"{Path}.{written}";
    }

    /// <summary>A single value; null where there is none.</summary>
    public string? Text(string name)
    {
        if (Take(name) is not { } node) { return null; }
        if (node is TextNode text) { return text.Text; }
        Note(name, $"this is {node.Noun} where a single value was expected");
        return null;
    }

    /// <summary>Whether a switch is on, as the environment has switches: anything but 0 and false.</summary>
    public bool IsSet(string name) => Text(name) is { Length: > 0 } text && text is not "0" && !string.Equals(text, "false", StringComparison.OrdinalIgnoreCase);

    /// <summary>A number that is not negative; null where there is none.</summary>
    public decimal? Number(string name)
    {
        if (Text(name) is not { } text) { return null; }
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && number is >= 0 and < 1_000_000_000_000m) { return number; }
        Note(name, "this is not a number that can be carried over");
        return null;
    }

    /// <summary>A block within; null where there is none.</summary>
    public ForeignMap? Map(string name)
    {
        if (Take(name) is not { } node) { return null; }
        if (node is MapNode map) { return new ForeignMap(map, PathOf(name), _notes); }
        Note(name, $"this is {node.Noun} where fields were expected");
        return null;
    }

    /// <summary>The items of a list, or the one that stands without a list.</summary>
    public IReadOnlyList<Node> Items(string name) => Take(name) switch
    {
        ListNode list => list.Items,
        null => [],
        Node one => [one],
    };

    /// <summary>The blocks of a list.</summary>
    public IEnumerable<ForeignMap> Maps(string name)
    {
        IReadOnlyList<Node> items = Items(name);
        for (int i = 0; i < items.Count; i++)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"{PathOf(name)}[{i}]");
            if (items[i] is MapNode map) { yield return new ForeignMap(map, path, _notes); }
            else { _notes.Add(items[i], path, $"this is {items[i].Noun} where fields were expected"); }
        }
    }

    /// <summary>The single values of a list; others are noted.</summary>
    public IEnumerable<string> Texts(string name)
    {
        foreach (Node item in Items(name))
        {
            if (item is TextNode text) { yield return text.Text; }
            else { _notes.Add(item, PathOf(name), $"this is {item.Noun} where a single value was expected"); }
        }
    }

    /// <summary>Takes over the fields of another block that are not here.</summary>
    public void Adopt(ForeignMap other)
    {
        foreach ((string name, (string Written, Node Value) field) in other._fields) { _fields.TryAdd(name, field); }
    }

    /// <summary>Fields that need no equivalent.</summary>
    public void Skip(params ReadOnlySpan<string> names)
    {
        foreach (string name in names) { _ = Take(name); }
    }

    /// <summary>Notes a field, if it is there.</summary>
    public void Drop(string name, string why)
    {
        if (Take(name) is not null) { Note(name, why); }
    }

    /// <summary>Notes every field that was not asked for.</summary>
    public void DropRest(string why)
    {
        foreach (string name in _fields.Keys.Where(name => !_read.Contains(name))) { Note(name, why); }
    }

    public void Note(string name, string message) =>
        _notes.Add(_fields.TryGetValue(name, out var found) ? found.Value : At, PathOf(name), message);

    private Node? Take(string name)
    {
        _read.Add(name);
        return _fields.TryGetValue(name, out var found) ? found.Value : null;
    }

    private static string SnakeCase(string name)
    {
        var snake = new StringBuilder();
        foreach (char c in name)
        {
            // Names in capitals are those of environment variables.
            bool starts = char.IsAsciiLetterUpper(c) && snake.Length > 0 && char.IsAsciiLetterLower(snake[^1]);
            if (starts) { snake.Append('_'); }
            snake.Append(starts ? char.ToLowerInvariant(c) : c);
        }

        return snake.ToString();
    }
}
