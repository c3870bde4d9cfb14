using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Durability;

/// <summary>Opens a SQLite file of the data folder: write-ahead log, schema version checked and brought up to date.</summary>
internal static class SqliteFile
{
    /// <summary>Opens or creates the file.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="migrations">The statements that lead from schema version i to i + 1. Never change one that was released: add one.</param>
    /// <exception cref="StoreException">Not writable, of a newer version, or damaged.</exception>
    public static SqliteConnection Open(string path, IReadOnlyList<string> migrations)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ConnectionString);
        try
        {
            connection.Open();
            // In write-ahead mode NORMAL survives the death of the process at any moment; after a loss of power the newest
            // commits may be gone, never half of one. Whoever needs more keeps a journal in front and checkpoints before trimming it.
            Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;");
            Migrate(connection, path, migrations);
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Explain(path, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that return nothing.</summary>
    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Moves the write-ahead log into the main file and onto the disk, so that what was committed survives a loss of power.</summary>
    public static void Checkpoint(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE);";
        using SqliteDataReader reader = command.ExecuteReader();
        if (!reader.Read() || reader.GetInt64(0) != 0) { throw new IOException($"{connection.DataSource} could not be checkpointed: a reader holds its log"); }
    }

    private static void Migrate(SqliteConnection connection, string path, IReadOnlyList<string> migrations)
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version;";
        long version = (long)command.ExecuteScalar()!;
        if (version > migrations.Count) { throw StoreException.Newer(path, version, migrations.Count); }
        if (version == migrations.Count) { return; }
        for (int i = (int)version; i < migrations.Count; i++) { Execute(connection, migrations[i]); }
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {migrations.Count};"));
        transaction.Commit();
    }

    private static StoreException Explain(string path, SqliteException e) => e.SqliteErrorCode switch
    {
        SqliteBusy or SqliteLocked => new(StoreProblem.InUse, $"{path} is in use by another process", e),
        SqliteCorrupt or SqliteNotADatabase => StoreException.Corrupt(path, e.Message, e),
        _ => new(StoreProblem.NotWritable, $"{path} cannot be opened for writing: {e.Message}", e),
    };

    // Result codes of https://www.sqlite.org/rescode.html.
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;
}
