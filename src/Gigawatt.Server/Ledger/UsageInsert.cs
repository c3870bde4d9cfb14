using Gigawatt.Metering;
using Gigawatt.Units;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Ledger;

/// <summary>The prepared insertion of one usage record, reused for a whole batch.</summary>
internal sealed class UsageInsert : IDisposable
{
    private static readonly string[] Columns =
    [
        "id", "kind", "tenant", "key", "subject", "endpoint", "started_ns", "ended_ns", "day", "input_tokens", "cache_read_tokens",
        "cache_write_tokens", "output_tokens", "accelerator_ms", "core_ms", "cost_micros", "energy_millijoules", "energy_method",
        "carbon_micrograms", "water_microlitres", "outcome", "tokens_estimated",
    ];

    /// <summary>The columns in the order in which a record's fields are set and read.</summary>
    public static readonly string ColumnList = string.Join(", ", Columns);

    private static readonly string Sql =
        $"INSERT INTO usage ({ColumnList}) VALUES ({string.Join(", ", Columns.Select(c => "$" + c))}) ON CONFLICT (id) DO NOTHING;";

    private readonly SqliteCommand _command;

    public UsageInsert(SqliteConnection connection)
    {
        _command = connection.CreateCommand();
        _command.CommandText = Sql;
        foreach (string column in Columns) { _command.Parameters.Add(new SqliteParameter { ParameterName = "$" + column }); }
        _command.Prepare();
    }

    /// <summary>Inserts the record; 1 when it was new, 0 when its id was there.</summary>
    public int Execute(UsageRecord record)
    {
        int next = 0;
        void Set(object value) => _command.Parameters[next++].Value = value;
        Set(record.Id);
        Set((long)record.Kind);
        Set(record.Tenant);
        Set(record.Key);
        Set(record.Subject);
        Set(record.Endpoint);
        Set(record.Started.Nanoseconds);
        Set(record.Ended.Nanoseconds);
        Set(DayOf(record.Started));
        Set(record.Tokens.Input);
        Set(record.Tokens.CacheRead);
        Set(record.Tokens.CacheWrite);
        Set(record.Tokens.Output);
        Set(record.AcceleratorMilliseconds);
        Set(record.CoreMilliseconds);
        Set(record.Cost.Micros);
        Set(record.Energy.Millijoules);
        Set((long)record.EnergyMethod);
        Set(record.Carbon.Micrograms);
        Set(record.Water.Microlitres);
        Set(record.Outcome);
        Set(record.TokensEstimated ? 1L : 0L);
        return _command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public void Dispose() => _command.Dispose();

    /// <summary>Whole UTC days since 1970-01-01; nothing is metered before it.</summary>
    private static long DayOf(Instant time) => time.Nanoseconds / 86_400_000_000_000;
}
