using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Gigawatt.Server.Ledger;

/// <summary>A prepared statement without the wrapper's objects, whose parameters keep their values from one run to the next.</summary>
/// <remarks>Binding through <see cref="SqliteCommand"/> boxes each value and looks up each type, which costs more than SQLite's own work.</remarks>
internal sealed class SqlStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly long?[] _bound;

    /// <summary>Prepares it; its parameters are <c>?</c>.</summary>
    public SqlStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
        _bound = new long?[raw.sqlite3_bind_parameter_count(_statement)];
    }

    /// <summary>Binds a number to the parameter, counted from 0. Binding what is bound costs nothing.</summary>
    public void Bind(int parameter, long value)
    {
        if (_bound[parameter] == value) { return; }
        Check(raw.sqlite3_bind_int64(_statement, parameter + 1, value));
        _bound[parameter] = value;
    }

    /// <summary>Binds NULL.</summary>
    public void BindNull(int parameter)
    {
        Check(raw.sqlite3_bind_null(_statement, parameter + 1));
        _bound[parameter] = null;
    }

    /// <summary>Binds a text.</summary>
    public void Bind(int parameter, string value)
    {
        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> utf8 = most <= 512 ? stackalloc byte[512] : new byte[most];
        Check(raw.sqlite3_bind_text(_statement, parameter + 1, utf8[..Encoding.UTF8.GetBytes(value, utf8)]));
        _bound[parameter] = null;
    }

    /// <summary>Runs it; returns how many rows it changed.</summary>
    public int Run()
    {
        int code = raw.sqlite3_step(_statement);
        raw.sqlite3_reset(_statement);
        if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW)) { Check(code); }
        return raw.sqlite3_changes(_database);
    }

    /// <summary>Runs it; the number in its first row's first column, or null without a row.</summary>
    public long? Ask()
    {
        int code = raw.sqlite3_step(_statement);
        long? answer = code == raw.SQLITE_ROW ? raw.sqlite3_column_int64(_statement, 0) : null;
        raw.sqlite3_reset(_statement);
        if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW)) { Check(code); }
        return answer;
    }

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);
}
