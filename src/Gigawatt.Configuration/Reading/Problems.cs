namespace Gigawatt.Configuration.Reading;

/// <summary>The mistakes of one file, collected while it is read, so that all of them are reported at once.</summary>
internal sealed class Problems(string file)
{
    private readonly List<ConfigProblem> _all = [];
    private readonly HashSet<(int, int)> _told = [];
    private readonly HashSet<string> _unread = new(StringComparer.Ordinal);

    public string File { get; } = file;

    public int Count => _all.Count;

    public ConfigProblem First => _all[0];

    public ConfigProblem Last => _all[^1];

    /// <summary>Notes that a field of the document could not be read as what it is meant to be, which is told: what is missing for that
    /// reason is no mistake of its own.</summary>
    public void Unread(string field) => _unread.Add(field);

    /// <summary>Whether a field of the document could not be read.</summary>
    public bool IsUnread(string field) => _unread.Contains(field);

    /// <summary>Adds a mistake after which nothing else that is said of the same place is news.</summary>
    public void AddOnly(Node at, string message)
    {
        Add(at, message);
        _told.Add((at.Line, at.Column));
    }

    public void Add(Node at, string message) => Add(at.Line, at.Column, message);

    /// <summary>Adds a mistake. What was written may be in the message, so control characters are taken out: a problem is one line.</summary>
    public void Add(int line, int column, string message)
    {
        var problem = new ConfigProblem(File, line, column, string.Concat(message.Select(static c => char.IsControl(c) ? ' ' : c)));
        // A block that is repeated with * is read at each of its places, and is wrong once.
        if (!_told.Contains((line, column)) && !_all.Contains(problem)) { _all.Add(problem); }
    }

    /// <summary>The result: the value when nothing went wrong, else the mistakes in the order of the file.</summary>
    /// <param name="value">Makes the value; not called when there are mistakes, so it may rely on all that was checked.</param>
    public Loaded<T> Result<T>(Func<T> value) where T : class => _all.Count == 0
        ? new Loaded<T>(value(), [])
        : new Loaded<T>(null, [.. _all.OrderBy(p => p.Line).ThenBy(p => p.Column)]);
}
