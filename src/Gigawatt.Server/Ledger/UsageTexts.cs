using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Ledger;

/// <summary>The numbers by which the ledger's rows mean texts that repeat: tenants, keys, models, endpoints.</summary>
internal sealed class UsageTexts(SqliteConnection connection) : IDisposable
{
    // Job names come from users, so what is remembered must end somewhere; the table itself has no end but the disk's.
    private const int RememberedMost = 1 << 16;

    private readonly Dictionary<string, long> _remembered = [];
    private readonly SqlStatement _find = new(connection, "SELECT id FROM text WHERE value = ?;");
    private readonly SqlStatement _add = new(connection, "INSERT INTO text (value) VALUES (?) RETURNING id;");

    /// <summary>The text's number, a new one for a new text.</summary>
    public long Of(string text)
    {
        if (_remembered.TryGetValue(text, out long id)) { return id; }
        if (_remembered.Count == RememberedMost) { _remembered.Clear(); }
        _find.Bind(0, text);
        _add.Bind(0, text);
        return _remembered[text] = _find.Ask() ?? _add.Ask()!.Value;
    }

    /// <summary>Forgets the numbers given in a transaction that failed.</summary>
    public void Forget() => _remembered.Clear();

    /// <inheritdoc/>
    public void Dispose()
    {
        _find.Dispose();
        _add.Dispose();
    }
}
