using Gigawatt.Metering;
using Gigawatt.Server.Durability;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Ledger;

/// <summary>How far the usage journal has been moved into the ledger.</summary>
/// <param name="Segment">The journal file's number; 0 before the first.</param>
/// <param name="Offset">The offset in it behind the last frame moved.</param>
internal readonly record struct JournalPosition(long Segment, long Offset);

/// <summary>Every usage record, in SQLite. Its methods may be called from any thread; they take turns.</summary>
internal sealed class UsageLedger : IDisposable
{
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE usage (
            id TEXT PRIMARY KEY, kind INTEGER NOT NULL, tenant TEXT NOT NULL, key TEXT NOT NULL, subject TEXT NOT NULL,
            endpoint TEXT NOT NULL, started_ns INTEGER NOT NULL, ended_ns INTEGER NOT NULL, day INTEGER NOT NULL,
            input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
            output_tokens INTEGER NOT NULL, accelerator_ms INTEGER NOT NULL, core_ms INTEGER NOT NULL,
            cost_micros INTEGER NOT NULL, energy_millijoules INTEGER NOT NULL, energy_method INTEGER NOT NULL,
            carbon_micrograms INTEGER NOT NULL, water_microlitres INTEGER NOT NULL,
            outcome TEXT NOT NULL, tokens_estimated INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX usage_by_tenant ON usage (tenant, started_ns);
        CREATE INDEX usage_by_time ON usage (started_ns);
        CREATE TABLE journal_position (segment INTEGER NOT NULL, offset INTEGER NOT NULL) STRICT;
        INSERT INTO journal_position VALUES (0, 0);
        """,
    ];

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;

    private UsageLedger(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens or creates the ledger.</summary>
    /// <exception cref="StoreException">In use, not writable, of a newer version, or damaged.</exception>
    public static UsageLedger Open(string path) => new(SqliteFile.Open(path, Migrations));

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

    /// <summary>Adds records and notes the journal position behind them in one transaction. A record whose id is there already changes nothing.</summary>
    /// <returns>How many records were new.</returns>
    public int Add(IEnumerable<UsageRecord> records, JournalPosition position)
    {
        lock (_lock)
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            int added;
            using (var insert = new UsageInsert(_connection)) { added = records.Sum(insert.Execute); }
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = "UPDATE journal_position SET segment = $segment, offset = $offset;";
            command.Parameters.AddWithValue("$segment", position.Segment);
            command.Parameters.AddWithValue("$offset", position.Offset);
            command.ExecuteNonQuery();
            transaction.Commit();
            return added;
        }
    }

    /// <summary>Puts everything added so far onto the disk, so that it survives a loss of power.</summary>
    public void Checkpoint()
    {
        lock (_lock) { SqliteFile.Checkpoint(_connection); }
    }

    /// <summary>Sums by group, the groups in ascending order.</summary>
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

    /// <summary>Every record, by id: for export.</summary>
    public IReadOnlyList<UsageRecord> Records()
    {
        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = $"SELECT {UsageInsert.ColumnList} FROM usage ORDER BY id;";
            using SqliteDataReader reader = command.ExecuteReader();
            var records = new List<UsageRecord>();
            while (reader.Read()) { records.Add(UsageSql.ReadRecord(reader)); }
            return records;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();
}
