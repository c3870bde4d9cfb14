namespace Gigawatt.Configuration.Reading;

/// <summary>The mistakes of one file, collected while it is read, so that all of them are reported at once.</summary>
internal sealed class Problems(string file)
{
    private readonly List<ConfigProblem> _all = [];

    public string File { get; } = file;

    public int Count => _all.Count;

    public ConfigProblem First => _all[0];

    public void Add(Node at, string message) => Add(at.Line, at.Column, message);

    /// <summary>Adds a mistake. What was written may be in the message, so control characters are taken out: a problem is one line.</summary>
    public void Add(int line, int column, string message) =>
        _all.Add(new ConfigProblem(File, line, column, string.Concat(message.Select(static c => char.IsControl(c) ? ' ' : c))));

    /// <summary>The result: the value when nothing went wrong, else the mistakes in the order of the file.</summary>
    /// <param name="value">Makes the value; not called when there are mistakes, so it may rely on all that was checked.</param>
    public Loaded<T> Result<T>(Func<T> value) where T : class => _all.Count == 0
        ? new Loaded<T>(value(), [])
        : new Loaded<T>(null, [.. _all.OrderBy(p => p.Line).ThenBy(p => p.Column)]);
}
