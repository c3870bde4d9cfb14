using Gigawatt.Metering;
using Gigawatt.Server.Durability;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Ledger;

/// <summary>How far the usage journal has been moved into the ledger.</summary>
/// <param name="Segment">The journal file's number; 0 before the first.</param>
/// <param name="Offset">The offset in it behind the last frame moved.</param>
internal readonly record struct JournalPosition(long Segment, long Offset);

/// <summary>A page of records.</summary>
/// <param name="Records">In the order in which they came into the ledger, or from the newest to the oldest.</param>
/// <param name="Next">Where the next page begins; null behind the last.</param>
internal sealed record UsagePage(IReadOnlyList<UsageRecord> Records, long? Next);

/// <summary>Every usage record, in SQLite. Its methods may be called from any thread; they take turns.</summary>
internal sealed class UsageLedger : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;
    private readonly UsageWriter _writer;

    private UsageLedger(SqliteConnection connection) => (_connection, _writer) = (connection, new(connection));

    /// <summary>Opens or creates the ledger.</summary>
    /// <exception cref="StoreException">In use, not writable, of a newer version, or damaged.</exception>
    public static UsageLedger Open(string path) => new(SqliteFile.Open(path, UsageSchema.Migrations));

    /// <summary>How far the journal has been moved.</summary>
    public JournalPosition Position
    {
        get
        {
            lock (_lock)
            {
                using SqliteCommand command = _connection.CreateCommand();
                command.CommandText = "SELECT segment, offset FROM journal_position;";
                using SqliteDataReader reader = command.ExecuteReader();
                reader.Read();
                return new(reader.GetInt64(0), reader.GetInt64(1));
            }
        }
    }

    /// <summary>Adds records and notes the journal position behind them in one transaction. Records up to a position that was noted
    /// before change nothing, and neither does a job's record whose id is there.</summary>
    /// <returns>How many records were new.</returns>
    public int Add(IEnumerable<UsageRecord> records, JournalPosition position)
    {
        lock (_lock) { return _writer.Write(records, position); }
    }

    /// <summary>Puts everything added so far onto the disk, so that it survives a loss of power.</summary>
    public void Checkpoint()
    {
        lock (_lock) { SqliteFile.Checkpoint(_connection); }
    }

    /// <summary>Sums by group, the groups in ascending order.</summary>
    /// <remarks>Bounds at full hours are answered from the hours' sums; others read every record.</remarks>
    public IReadOnlyList<UsageRow> Query(UsageQuery query)
    {
        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = UsageSql.Build(query, command.Parameters);
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<UsageRow>();
            while (reader.Read()) { rows.Add(UsageSql.Read(reader, query.GroupBy.Count)); }
            // Without groups SQL gives one row of nothing when no record matches.
            return rows is [{ Records: 0 }] ? [] : rows;
        }
    }

    /// <summary>The records that a query would sum, a page at a time.</summary>
    /// <param name="query">Which; its groups do not matter.</param>
    /// <param name="from">0, or <see cref="UsagePage.Next"/> of the page before.</param>
    /// <param name="limit">The most records of the page, at least 1.</param>
    /// <param name="newestFirst">Whether to go from the newest to the oldest; the first page is then that from <see cref="long.MaxValue"/>.</param>
    public UsagePage Records(UsageQuery query, long from, int limit, bool newestFirst = false)
    {
        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = UsageSql.BuildRecords(query, from, limit, newestFirst, command.Parameters);
            using SqliteDataReader reader = command.ExecuteReader();
            var records = new List<UsageRecord>();
            long last = from;
            while (reader.Read())
            {
                last = reader.GetInt64(0);
                records.Add(UsageSql.ReadRecord(reader));
            }

            return new(records, records.Count == limit ? last + (newestFirst ? -1 : 1) : null);
        }
    }

    /// <summary>How shadows and canaries did beside the targets that answer. It reads every record of the query.</summary>
    public IReadOnlyList<ComparedRow> Compare(UsageQuery query)
    {
        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = UsageSql.BuildComparison(query, command.Parameters);
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<ComparedRow>();
            while (reader.Read()) { rows.Add(UsageSql.ReadCompared(reader)); }
            return rows;
        }
    }

    /// <summary>Whether there is a record of that id. It reads every record.</summary>
    public bool Contains(string id)
    {
        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = "SELECT 1 FROM record WHERE id = $id LIMIT 1;";
            command.Parameters.AddWithValue("$id", id);
            return command.ExecuteScalar() is not null;
        }
    }

    /// <summary>Every record, in the order in which they came.</summary>
    public IReadOnlyList<UsageRecord> Records() => Records(new(), 0, int.MaxValue).Records;

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        _connection.Dispose();
    }
}
