namespace Gigawatt.Configuration.Reading;

/// <summary>Names declared in one list of a file, in order: they must differ, and other fields refer to them.</summary>
/// <param name="noun">What is named, such as <c>site</c>.</param>
/// <param name="list">The field under which they are declared.</param>
/// <param name="problems">Where mistakes go.</param>
internal sealed class NameTable(string noun, string list, Problems problems)
{
    private readonly List<string> _names = [];
    private readonly Dictionary<string, (int Index, int Line)> _byName = new(StringComparer.Ordinal);

    public int Count => _names.Count;

    /// <summary>Declares a name; one that is taken already is a mistake.</summary>
    public void Add(Node at, string? name)
    {
        if (name is null) { return; }
        if (_byName.TryAdd(name, (_names.Count, at.Line))) { _names.Add(name); }
        else { problems.Add(at, $"name: {Numbers.Quote(name)} is already the name of the {noun} on line {_byName[name].Line}; names must differ"); }
    }

    /// <summary>The index of the name that a field refers to.</summary>
    /// <returns>-1 when the field is left out, or refers to nothing, which is a mistake.</returns>
    public int Resolve(MapReader map, string field)
    {
        if (map.Single(field, $"my-{noun.Split(' ')[^1]}") is not { } text) { return -1; }
        if (_byName.TryGetValue(text.Text, out var found)) { return found.Index; }
        if (problems.IsUnread(list)) { return -1; }
        string advice = NearestName.Of(text.Text, _names) is { } near ? $"did you mean {Numbers.Quote(near)}?"
            : _names.Count == 0 ? $"declare it under {list}, or remove the field"
            : $"declare it, or write one of {string.Join(", ", _names)}";
        problems.Add(text, $"{field}: {Numbers.Quote(text.Text)} is not declared under {list}; {advice}");
        return -1;
    }
}
