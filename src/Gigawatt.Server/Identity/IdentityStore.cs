using Gigawatt.Server.Durability;
using Gigawatt.Tenants;
using Gigawatt.Units;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Identity;

/// <summary>Tenants and hashed keys in SQLite. What a method has written survives a loss of power when it returns.</summary>
internal sealed class IdentityStore : IDisposable
{
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE tenants (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, enabled INTEGER NOT NULL, models TEXT NOT NULL,
            budget_micros INTEGER NOT NULL, budget_period TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE api_keys (
            id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants (id), name TEXT NOT NULL, hash BLOB NOT NULL UNIQUE,
            created_ns INTEGER NOT NULL, revoked_ns INTEGER, expires_ns INTEGER NOT NULL, models TEXT NOT NULL,
            budget_micros INTEGER NOT NULL, budget_period TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
    ];

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;

    private IdentityStore(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens or creates the store.</summary>
    /// <exception cref="StoreException">In use, not writable, of a newer version, or damaged.</exception>
    public static IdentityStore Open(string path) => new(SqliteFile.Open(path, Migrations));

    /// <summary>All tenants, by id.</summary>
    public IReadOnlyList<Tenant> Tenants() => Query("SELECT id, name, enabled, models, budget_micros, budget_period FROM tenants ORDER BY id;", r => new Tenant
    {
        Id = r.GetString(0),
        Name = r.GetString(1),
        Enabled = r.GetBoolean(2),
        Models = Split(r.GetString(3)),
        Budget = Budget(r, 4),
    });

    /// <summary>All keys with their hashes, by id.</summary>
    public IReadOnlyList<(KeyFacts Key, byte[] Hash)> Keys() =>
        Query("SELECT id, tenant_id, name, hash, created_ns, revoked_ns, expires_ns, models, budget_micros, budget_period FROM api_keys ORDER BY id;", r => (new KeyFacts
        {
            Id = r.GetString(0),
            TenantId = r.GetString(1),
            Name = r.GetString(2),
            Created = new(r.GetInt64(4)),
            Revoked = r.IsDBNull(5) ? null : new Instant(r.GetInt64(5)),
            Expires = new(r.GetInt64(6)),
            Models = Split(r.GetString(7)),
            Budget = Budget(r, 8),
        }, r.GetFieldValue<byte[]>(3)));

    /// <summary>Adds the tenant, or replaces the one of that id.</summary>
    public void Save(Tenant tenant) => Write(
        """
        INSERT INTO tenants VALUES ($id, $name, $enabled, $models, $micros, $period)
        ON CONFLICT (id) DO UPDATE SET name = $name, enabled = $enabled, models = $models, budget_micros = $micros, budget_period = $period;
        """,
        ("$id", tenant.Id), ("$name", tenant.Name), ("$enabled", tenant.Enabled), ("$models", Join(tenant.Models)),
        ("$micros", tenant.Budget.Limit.Micros), ("$period", tenant.Budget.Period.ToString()));

    /// <summary>Adds a key.</summary>
    public void Add(KeyFacts key, byte[] hash) => Write(
        "INSERT INTO api_keys VALUES ($id, $tenant, $name, $hash, $created, NULL, $expires, $models, $micros, $period);",
        ("$id", key.Id), ("$tenant", key.TenantId), ("$name", key.Name), ("$hash", hash), ("$created", key.Created.Nanoseconds),
        ("$expires", key.Expires.Nanoseconds), ("$models", Join(key.Models)),
        ("$micros", key.Budget.Limit.Micros), ("$period", key.Budget.Period.ToString()));

    /// <summary>Makes a key one that is no longer accepted; false when there is none of that id that was good.</summary>
    public bool Revoke(string keyId, Instant now) =>
        Write("UPDATE api_keys SET revoked_ns = $now WHERE id = $id AND revoked_ns IS NULL;", ("$id", keyId), ("$now", now.Nanoseconds)) == 1;

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private int Write(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        lock (_lock)
        {
            int changed;
            using (SqliteCommand command = _connection.CreateCommand())
            {
                command.CommandText = sql;
                foreach ((string name, object value) in parameters) { command.Parameters.AddWithValue(name, value); }
                changed = command.ExecuteNonQuery();
            }

            SqliteFile.Checkpoint(_connection);
            return changed;
        }
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read)
    {
        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = sql;
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read()) { rows.Add(read(reader)); }
            return rows;
        }
    }

    private static BudgetLimit Budget(SqliteDataReader reader, int column) =>
        new(new Usd(reader.GetInt64(column)), Enum.Parse<BudgetPeriod>(reader.GetString(column + 1)));

    private static string Join(IReadOnlyList<string> patterns) => string.Join('\n', patterns);

    private static string[] Split(string patterns) => patterns.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
