using Gigawatt.Server.Durability;
using Gigawatt.Tenants;
using Gigawatt.Units;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Identity;

/// <summary>A secret by which a key is shown, as its keyed hash.</summary>
/// <param name="KeyId">The key.</param>
/// <param name="Hash">HMAC-SHA256 of the secret.</param>
/// <param name="Expires">From when on it is no longer accepted: a rotation put another in its place.</param>
internal sealed record StoredSecret(string KeyId, byte[] Hash, Instant Expires);

/// <summary>Tenants, projects, keys and the trail of their changes in SQLite. What a change has written survives a loss of power
/// when it returns.</summary>
internal sealed class IdentityStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;

    private IdentityStore(SqliteConnection connection) => _connection = connection;

    /// <summary>Opens or creates the store.</summary>
    /// <exception cref="StoreException">In use, not writable, of a newer version, or damaged.</exception>
    public static IdentityStore Open(string path) => new(SqliteFile.Open(path, IdentitySchema.Migrations));

    /// <summary>All tenants, by id.</summary>
    public List<Tenant> Tenants() => Query("SELECT id, name, enabled, models, budgets, limits, from_config FROM tenants ORDER BY id;", static r => new Tenant
    {
        Id = r.GetString(0),
        Name = r.GetString(1),
        Enabled = r.GetBoolean(2),
        Models = IdentityText.Lines(r.GetString(3)),
        Budgets = IdentityText.Budgets(r.GetString(4)),
        Limits = IdentityText.Limits(r.GetString(5)),
        FromConfig = r.GetBoolean(6),
    });

    /// <summary>All projects, by tenant and id.</summary>
    public List<Project> Projects() => Query(
        "SELECT tenant_id, id, name, enabled, models, budgets, limits, from_config FROM projects ORDER BY tenant_id, id;", static r => new Project
        {
            TenantId = r.GetString(0),
            Id = r.GetString(1),
            Name = r.GetString(2),
            Enabled = r.GetBoolean(3),
            Models = IdentityText.Lines(r.GetString(4)),
            Budgets = IdentityText.Budgets(r.GetString(5)),
            Limits = IdentityText.Limits(r.GetString(6)),
            FromConfig = r.GetBoolean(7),
        });

    /// <summary>All keys, by id.</summary>
    public List<KeyFacts> Keys() => Query(
        "SELECT id, tenant_id, project_id, name, created_ns, revoked_ns, expires_ns, models, routes, networks, priority, budgets, limits FROM api_keys ORDER BY id;",
        static r => new KeyFacts
        {
            Id = r.GetString(0),
            TenantId = r.GetString(1),
            ProjectId = r.GetString(2),
            Name = r.GetString(3),
            Created = new(r.GetInt64(4)),
            Revoked = r.IsDBNull(5) ? null : new Instant(r.GetInt64(5)),
            Expires = new(r.GetInt64(6)),
            Models = IdentityText.Lines(r.GetString(7)),
            Routes = IdentityText.Lines(r.GetString(8)),
            Networks = IdentityText.Networks(r.GetString(9)),
            Priority = IdentityText.Priority(r.GetString(10)),
            Budgets = IdentityText.Budgets(r.GetString(11)),
            Limits = IdentityText.Limits(r.GetString(12)),
        });

    /// <summary>All secrets of keys, in no order that means anything.</summary>
    public List<StoredSecret> Secrets() => Query(
        "SELECT key_id, hash, expires_ns FROM key_secrets;", static r => new StoredSecret(r.GetString(0), r.GetFieldValue<byte[]>(1), new(r.GetInt64(2))));

    /// <summary>The newest entries of the trail, newest first.</summary>
    public List<AuditEntry> Audit(int count) => Query(
        "SELECT number, at_ns, actor, action, subject, before, after FROM audit ORDER BY number DESC LIMIT $count;",
        static r => new AuditEntry(r.GetInt64(0), new(r.GetInt64(1)), r.GetString(2), r.GetString(3), r.GetString(4),
            r.IsDBNull(5) ? null : r.GetString(5), r.IsDBNull(6) ? null : r.GetString(6)),
        ("$count", count));

    /// <summary>Makes changes and notes them in the trail, all in one transaction.</summary>
    public void Change(AuditEntry note, Action<IdentityWriter> change)
    {
        lock (_lock)
        {
            using (SqliteTransaction transaction = _connection.BeginTransaction())
            {
                var writer = new IdentityWriter(_connection);
                change(writer);
                writer.Note(note);
                transaction.Commit();
            }

            SqliteFile.Checkpoint(_connection);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        lock (_lock)
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach ((string name, object value) in parameters) { command.Parameters.AddWithValue(name, value); }
            using SqliteDataReader reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read()) { rows.Add(read(reader)); }
            return rows;
        }
    }
}
