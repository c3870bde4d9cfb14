using Gigawatt.Server.Durability;
using Gigawatt.Units;
using Gigawatt.Wire.Responses;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Responses;

/// <summary>The kept responses, in <c>responses.db</c>: each with what its own request added, and a link to the one before it.</summary>
/// <remarks>What is kept survives the death of the process from the moment that <see cref="Keep"/> returns. To use a response is
/// to use all before it, so they grow old together. Safe to use from several threads.</remarks>
internal sealed class ResponseStore : IDisposable
{
    private const string Mine = "tenant = $tenant AND ($project = '' OR project = $project) AND id = $id";

    private readonly Lock _lock = new();
    private readonly SqliteConnection _database;
    private long _length;

    private ResponseStore(SqliteConnection database)
    {
        _database = database;
        // What was deleted is not to be found in the file.
        SqliteFile.Execute(database, "PRAGMA secure_delete = ON;");
        using SqliteCommand sum = Command("SELECT COALESCE(SUM(length), 0) FROM responses");
        _length = (long)sum.ExecuteScalar()!;
    }

    /// <summary>Bytes that all responses take.</summary>
    public long Length
    {
        get { lock (_lock) { return _length; } }
    }

    /// <summary>Opens or creates the file.</summary>
    /// <exception cref="StoreException">Not writable, of a newer version, or damaged.</exception>
    public static ResponseStore Open(string path) => new(SqliteFile.Open(path,
    [
        // The numbers of rows are not used again: a link to a response that is gone stays one.
        """
        CREATE TABLE responses (
            number INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, project TEXT NOT NULL, id TEXT NOT NULL, before INTEGER,
            endpoint TEXT, input BLOB NOT NULL, answer BLOB NOT NULL, length INTEGER NOT NULL, used_ns INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX responses_by_id ON responses (tenant, id);
        CREATE INDEX responses_by_use ON responses (used_ns, number);
        """,
    ]));

    /// <summary>Keeps a response, and makes room for it.</summary>
    /// <param name="owner">Whose it is.</param>
    /// <param name="id">Its id. Where one of the same owner has it already, the newer one is found by it, and the older one still stands in its conversations.</param>
    /// <param name="before">The row that it goes on from, or null.</param>
    /// <param name="turn">What was asked and answered.</param>
    /// <param name="endpoint">The provider that keeps it too, or null.</param>
    /// <param name="now">When it was made.</param>
    /// <param name="lengthMax">Most bytes of all responses.</param>
    /// <exception cref="SqliteException">It could not be written.</exception>
    public void Keep(ResponseOwner owner, string id, long? before, in StoredTurn turn, string? endpoint, Instant now, long lengthMax)
    {
        long length = turn.Input.Length + turn.Answer.Length;
        lock (_lock)
        {
            using SqliteTransaction transaction = _database.BeginTransaction();
            using SqliteCommand insert = Command("""
                INSERT INTO responses (tenant, project, id, before, endpoint, input, answer, length, used_ns)
                VALUES ($tenant, $project, $id, $before, $endpoint, $input, $answer, $length, $now)
                """, owner, id);
            insert.Parameters.AddWithValue("$before", before is { } row ? row : DBNull.Value);
            insert.Parameters.AddWithValue("$endpoint", (object?)endpoint ?? DBNull.Value);
            insert.Parameters.AddWithValue("$input", turn.Input);
            insert.Parameters.AddWithValue("$answer", turn.Answer);
            insert.Parameters.AddWithValue("$length", length);
            insert.Parameters.AddWithValue("$now", now.Nanoseconds);
            insert.ExecuteNonQuery();
            long made = MakeRoom(_length + length - lengthMax);
            transaction.Commit();
            _length += length - made;
        }
    }

    /// <summary>A response that somebody may see, with the turns before it, all of which count as used now; null when there is none.</summary>
    public StoredResponse? Find(ResponseOwner owner, string id, Instant now)
    {
        lock (_lock)
        {
            using SqliteCommand find = Command($"SELECT number, endpoint FROM responses WHERE {Mine} ORDER BY number DESC LIMIT 1", owner, id);
            long number;
            string? endpoint;
            using (SqliteDataReader found = find.ExecuteReader())
            {
                if (!found.Read()) { return null; }
                (number, endpoint) = (found.GetInt64(0), found.IsDBNull(1) ? null : found.GetString(1));
            }

            Touch(number, now);
            return Read(number, endpoint);
        }
    }

    /// <summary>Forgets a response; those that go on from it can be read but not gone on from.</summary>
    /// <returns>False when there is none that the owner may see.</returns>
    public bool Delete(ResponseOwner owner, string id)
    {
        lock (_lock)
        {
            using SqliteCommand delete = Command($"DELETE FROM responses WHERE {Mine} RETURNING length", owner, id);
            long length = Sum(delete);
            _length -= length;
            return length > 0;
        }
    }

    /// <summary>Forgets what was not used since a time.</summary>
    public void Expire(Instant unusedSince)
    {
        lock (_lock)
        {
            using SqliteCommand delete = Command("DELETE FROM responses WHERE used_ns < $since RETURNING length");
            delete.Parameters.AddWithValue("$since", unusedSince.Nanoseconds);
            _length -= Sum(delete);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock) { _database.Dispose(); }
    }

    private const string Chain = """
        WITH RECURSIVE chain (number, before, depth) AS (
            SELECT number, before, 0 FROM responses WHERE number = $number
            UNION ALL SELECT r.number, r.before, depth + 1 FROM responses r JOIN chain ON r.number = chain.before)
        """;

    private void Touch(long number, Instant now)
    {
        using SqliteCommand touch = Command(Chain + " UPDATE responses SET used_ns = $now WHERE number IN (SELECT number FROM chain)");
        touch.Parameters.AddWithValue("$number", number);
        touch.Parameters.AddWithValue("$now", now.Nanoseconds);
        touch.ExecuteNonQuery();
    }

    private StoredResponse Read(long number, string? endpoint)
    {
        using SqliteCommand read = Command(Chain + " SELECT chain.before, input, answer FROM chain JOIN responses USING (number) ORDER BY depth DESC");
        read.Parameters.AddWithValue("$number", number);
        using SqliteDataReader rows = read.ExecuteReader();
        List<StoredTurn> turns = [];
        bool whole = true;
        while (rows.Read())
        {
            // The first row is the oldest: one that goes on from another is not the beginning.
            whole &= turns.Count > 0 || rows.IsDBNull(0);
            turns.Add(new(rows.GetFieldValue<byte[]>(1), rows.GetFieldValue<byte[]>(2)));
        }

        return new(number, turns[..^1], turns[^1], endpoint, whole);
    }

    /// <summary>Deletes what was unused for longest until that many bytes are gone.</summary>
    private long MakeRoom(long wanted)
    {
        if (wanted <= 0) { return 0; }
        long used = 0, number = 0, sum = 0;
        using (SqliteCommand oldest = Command("SELECT used_ns, number, length FROM responses ORDER BY used_ns, number"))
        using (SqliteDataReader rows = oldest.ExecuteReader())
        {
            while (sum < wanted && rows.Read())
            {
                (used, number) = (rows.GetInt64(0), rows.GetInt64(1));
                sum += rows.GetInt64(2);
            }
        }

        using SqliteCommand delete = Command("DELETE FROM responses WHERE (used_ns, number) <= ($used, $number)");
        delete.Parameters.AddWithValue("$used", used);
        delete.Parameters.AddWithValue("$number", number);
        delete.ExecuteNonQuery();
        return sum;
    }

    private static long Sum(SqliteCommand command)
    {
        using SqliteDataReader rows = command.ExecuteReader();
        long sum = 0;
        while (rows.Read()) { sum += rows.GetInt64(0); }
        return sum;
    }

    private SqliteCommand Command(string sql, ResponseOwner owner, string id)
    {
        SqliteCommand command = Command(sql);
        command.Parameters.AddWithValue("$tenant", owner.Tenant);
        command.Parameters.AddWithValue("$project", owner.Project ?? "");
        command.Parameters.AddWithValue("$id", id);
        return command;
    }

    private SqliteCommand Command(string sql)
    {
        SqliteCommand command = _database.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
