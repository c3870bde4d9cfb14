namespace Gigawatt.Configuration.Reading;

/// <summary>Reads the fields of one block. Mistakes go to the problems, and reading goes on with a stand-in.</summary>
/// <remarks>Ask for every field there can be, present or not, then call <see cref="Close"/>: what nobody asked for is unknown.</remarks>
internal sealed class MapReader
{
    private readonly Dictionary<string, (TextNode Name, Node Value)> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];
    private readonly List<(string Field, string Message)> _missing = [];
    private readonly Problems _problems;

    /// <param name="map">The block.</param>
    /// <param name="noun">What it describes, such as <c>site</c>.</param>
    /// <param name="problems">Where mistakes go.</param>
    public MapReader(MapNode map, string noun, Problems problems)
    {
        At = map;
        Noun = noun;
        _problems = problems;
        foreach ((TextNode name, Node value) in map.Fields)
        {
            if (!_fields.TryAdd(name.Text, (name, value)))
            {
                problems.Add(name, $"{name.Text}: written twice, first on line {_fields[name.Text].Name.Line}; keep one of the two");
            }
        }
    }

    /// <summary>Where the block starts.</summary>
    public Node At { get; }

    public string Noun { get; }

    /// <summary>The fields written, in the order of the file.</summary>
    public IEnumerable<TextNode> Names => _fields.Values.Select(f => f.Name);

    /// <summary>Whether the field is written, with or without a value.</summary>
    public bool Has(string field) => _fields.ContainsKey(field);

    /// <summary>The value's node, for messages that come of comparing fields; the block's own when it is not written.</summary>
    public Node Where(string field) => _fields.TryGetValue(field, out var found) ? found.Value : At;

    /// <summary>The value's node; null when it is not written.</summary>
    public Node? Find(string field) => Know(field) ? _fields[field].Value : null;

    /// <summary>A field that must be there.</summary>
    /// <returns>The default of the type when it is missing or wrong.</returns>
    public T Require<T>(string field, Kind<T> kind)
    {
        if (!Know(field)) { Missing(field, kind.Example); }
        return Read(field, kind, default!);
    }

    /// <summary>A field that may be left out.</summary>
    /// <returns><paramref name="otherwise"/> when it is left out or wrong.</returns>
    public T Read<T>(string field, Kind<T> kind, T otherwise)
    {
        if (!Know(field) || Single(field, kind.Example) is not { } text) { return otherwise; }
        if (kind.Read(text.Text, out T value) is not { } wrong) { return value; }
        _problems.Add(text, $"{field}: {wrong}");
        return otherwise;
    }

    /// <summary>A field that may be left out and then is null.</summary>
    public T? ReadOrNull<T>(string field, Kind<T> kind) where T : struct =>
        Read(field, new Kind<T?>(kind.Example, (string text, out T? value) =>
        {
            string? wrong = kind.Read(text, out T read);
            value = read;
            return wrong;
        }), null);

    /// <summary>A text that may be left out and then is null.</summary>
    public string? ReadTextOrNull(string field, Kind<string> kind, string example) =>
        Read(field, new Kind<string?>(example, (string text, out string? value) => kind.Read(text, out value!)), null);

    /// <summary>The node of a single value, unread; null when it is left out or is no single value.</summary>
    public TextNode? Single(string field, string example)
    {
        if (!Know(field)) { return null; }
        Node node = _fields[field].Value;
        if (node is TextNode { IsEmpty: false } text) { return text; }
        _problems.Add(node, node is TextNode
            ? $"{field}: has no value; write one such as {example}, or remove the field"
            : $"{field}: this is {node.Noun}; write a single value such as {example}");
        return null;
    }

    /// <summary>A block within; null when it is left out or is no block. One without content counts as empty.</summary>
    public MapReader? Block(string field, string noun)
    {
        if (!Know(field)) { return null; }
        Node node = _fields[field].Value;
        switch (node)
        {
            case MapNode map: return new MapReader(map, noun, _problems);
            case TextNode { IsEmpty: true }: return new MapReader(new MapNode(node.Line, node.Column), noun, _problems);
        }

        _problems.Add(node, $"{field}: this is {node.Noun}; write fields, each on its own line and indented below {field}:");
        return null;
    }

    /// <summary>The items of a list; none when it is left out, empty or no list.</summary>
    public IReadOnlyList<Node> Items(string field, string example)
    {
        if (!Know(field)) { return []; }
        Node node = _fields[field].Value;
        if (node is ListNode list) { return list.Items; }
        if (node is not TextNode { IsEmpty: true })
        {
            _problems.Add(node, $"{field}: this is {node.Noun}; write a list, each item on its own line and starting with a hyphen, such as - {example}");
        }

        return [];
    }

    /// <summary>A list of blocks.</summary>
    public IEnumerable<MapReader> Blocks(string field, string noun)
    {
        string example = $"name: my-{noun.Split(' ')[^1]}";
        foreach (Node item in Items(field, example))
        {
            if (item is MapNode map) { yield return new MapReader(map, noun, _problems); }
            else { _problems.Add(item, $"{field}: this is {item.Noun}; write the fields of a {noun}, such as - {example}"); }
        }
    }

    /// <summary>A list of blocks that must have at least one.</summary>
    public IEnumerable<MapReader> RequireBlocks(string field, string noun)
    {
        if (Find(field) is not { } node) { MissingList(field, noun); }
        else if (node is ListNode { Items.Count: 0 } or TextNode { IsEmpty: true }) { Wrong(field, $"the list is empty; write at least one {noun}"); }
        return Blocks(field, noun);
    }

    /// <summary>A list of single values, or one value without a list; <paramref name="otherwise"/> when it is left out.</summary>
    public IReadOnlyList<string> Texts(string field, Kind<string> kind, IReadOnlyList<string> otherwise)
    {
        if (!Know(field)) { return otherwise; }
        if (_fields[field].Value is TextNode { IsEmpty: false }) { return [Read(field, kind, "")]; }
        var texts = new List<string>();
        foreach (Node item in Items(field, kind.Example))
        {
            if (item is not TextNode text) { _problems.Add(item, $"{field}: this is {item.Noun}; write single values such as {kind.Example}"); }
            else if (kind.Read(text.Text, out string value) is { } wrong) { _problems.Add(text, $"{field}: {wrong}"); }
            else { texts.Add(value); }
        }

        return texts;
    }

    /// <summary>The nodes of a list of single values, or of one value without a list; none when it is left out.</summary>
    public IEnumerable<TextNode> TextNodes(string field, string example)
    {
        if (!Know(field)) { yield break; }
        if (_fields[field].Value is TextNode)
        {
            if (Single(field, example) is { } only) { yield return only; }
            yield break;
        }

        foreach (Node item in Items(field, example))
        {
            if (item is TextNode { IsEmpty: false } text) { yield return text; }
            else { _problems.Add(item, $"{field}: this is {item.Noun}; write single values such as {example}"); }
        }
    }

    /// <summary>Reports a mistake in a field.</summary>
    public void Wrong(string field, string message) => _problems.Add(Where(field), $"{field}: {message}");

    /// <summary>Reports a mistake in a field's name.</summary>
    public void WrongName(TextNode name, string message) => _problems.Add(name, message);

    /// <summary>Reports a field that must be there and is not.</summary>
    public void Missing(string field, string example) =>
        _missing.Add((field, $"the {Noun} has no {field}; add a line such as {field}: {example}"));

    /// <summary>Reports a list of blocks that must be there and is not.</summary>
    public void MissingList(string field, string noun) =>
        _missing.Add((field, $"the {Noun} has no {field}; add {field}: and below it items, each starting with - name: my-{noun}"));

    /// <summary>The value of a field that is not there, under a name that somebody probably meant it by; null when there is none.</summary>
    public Node? Meant(string field) =>
        Has(field) ? null : _fields.Values.FirstOrDefault(f => !_known.Contains(f.Name.Text) && NearestName.Of(f.Name.Text, [field]) is not null).Value;

    /// <summary>Reports the fields that nobody asked for, and those that are missing, unless a wrong name is what became of them.</summary>
    public void Close()
    {
        foreach ((string field, string message) in _missing)
        {
            if (!_problems.IsUnread(field) && !_fields.Keys.Any(name => !_known.Contains(name) && NearestName.Of(name, _known) == field)) { _problems.Add(At, message); }
        }

        foreach ((TextNode name, _) in _fields.Values)
        {
            if (_known.Contains(name.Text)) { continue; }
            string meant = NearestName.Of(name.Text, _known) is { } near
                ? $"did you mean {near}?"
                : $"the fields of a {Noun} are {string.Join(", ", _known)}";
            _problems.Add(name, $"unknown field {Numbers.Quote(name.Text)}; {meant}");
        }
    }

    private bool Know(string field)
    {
        if (!_known.Contains(field)) { _known.Add(field); }
        return _fields.ContainsKey(field);
    }
}
