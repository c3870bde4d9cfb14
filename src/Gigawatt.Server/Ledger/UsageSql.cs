using System.Globalization;
using Gigawatt.Metering;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Ledger;

/// <summary>A usage query as SQL, and its rows read back.</summary>
internal static class UsageSql
{
    // In the order of the numbers of UsageRow.
    private static readonly string[] Sums =
    [
        "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "accelerator_ms", "core_ms",
        "cost_micros", "energy_millijoules", "carbon_micrograms", "water_microlitres",
    ];

    /// <summary>The statement; its parameters are added to <paramref name="parameters"/>.</summary>
    public static string Build(UsageQuery query, SqliteParameterCollection parameters)
    {
        string[] groups = [.. query.GroupBy.Select(Column)];
        // SUM fails when 64 bits overflow, so each half is summed by itself and the halves are joined in Int128.
        IEnumerable<string> sums = Sums.Select(c => $"coalesce(sum({c} >> 32), 0), coalesce(sum({c} & 4294967295), 0)");
        var conditions = new List<string>();
        void Where(string condition, string name, object? value)
        {
            if (value is null) { return; }
            conditions.Add(condition);
            parameters.AddWithValue(name, value);
        }

        Where("started_ns >= $from", "$from", query.From?.Nanoseconds);
        Where("started_ns < $to", "$to", query.To?.Nanoseconds);
        Where("tenant = $tenant", "$tenant", query.Tenant);
        Where("key = $key", "$key", query.Key);
        Where("kind = $kind", "$kind", (long?)query.Kind);
        // A range instead of LIKE: it needs no escaping and uses the primary key.
        Where("id >= $prefix", "$prefix", query.IdPrefix);
        Where("id < $prefixEnd", "$prefixEnd", query.IdPrefix is { } prefix ? prefix + "\uFFFF" : null);
        string where = conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
        string by = groups.Length == 0 ? "" : $" GROUP BY {string.Join(", ", groups)} ORDER BY {string.Join(", ", groups)}";
        return $"SELECT {string.Join(", ", groups.Append("count(*)").Concat(sums).Append("coalesce(sum(kind = 0), 0)").Append("group_concat(DISTINCT energy_method)"))} FROM usage{where}{by};";
    }

    /// <summary>The row the reader stands on.</summary>
    public static UsageRow Read(SqliteDataReader reader, int groupCount)
    {
        string[] group = new string[groupCount];
        for (int i = 0; i < groupCount; i++) { group[i] = reader.GetString(i); }
        int column = groupCount;
        long records = reader.GetInt64(column++);
        Int128 Next()
        {
            Int128 high = reader.GetInt64(column++);
            return (high << 32) + reader.GetInt64(column++);
        }

        Int128 input = Next();
        Int128 cacheRead = Next();
        Int128 cacheWrite = Next();
        return new(group, records, input + cacheRead + cacheWrite, Next(), cacheRead, Next(), Next(), Next(), Next(), Next(), Next(),
            reader.GetInt64(column), Methods(reader.IsDBNull(column + 1) ? "" : reader.GetString(column + 1)));
    }

    private static List<EnergyMethod> Methods(string numbers) =>
        [.. numbers.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => (EnergyMethod)int.Parse(n, CultureInfo.InvariantCulture)).Order()];

    /// <summary>The record the reader stands on; its columns are those of <see cref="UsageInsert.ColumnList"/>.</summary>
    public static UsageRecord ReadRecord(SqliteDataReader reader) => new()
    {
        Id = reader.GetString(0),
        Kind = (UsageKind)reader.GetInt64(1),
        Tenant = reader.GetString(2),
        Key = reader.GetString(3),
        Subject = reader.GetString(4),
        Endpoint = reader.GetString(5),
        Started = new(reader.GetInt64(6)),
        Ended = new(reader.GetInt64(7)),
        Tokens = new(reader.GetInt64(9), reader.GetInt64(10), reader.GetInt64(11), reader.GetInt64(12)),
        AcceleratorMilliseconds = reader.GetInt64(13),
        CoreMilliseconds = reader.GetInt64(14),
        Cost = new(reader.GetInt64(15)),
        Energy = new(reader.GetInt64(16)),
        EnergyMethod = (EnergyMethod)reader.GetInt64(17),
        Carbon = new(reader.GetInt64(18)),
        Water = new(reader.GetInt64(19)),
        Outcome = reader.GetString(20),
        TokensEstimated = reader.GetBoolean(21),
    };

    private static string Column(UsageGroup group) => group switch
    {
        UsageGroup.Tenant => "tenant",
        UsageGroup.Model => "subject",
        UsageGroup.Day => "date(day * 86400, 'unixepoch')",
        UsageGroup.Key => "key",
        UsageGroup.Kind => "CASE kind WHEN 0 THEN 'request' ELSE 'job' END",
        UsageGroup.Endpoint => "endpoint",
        _ => throw new ArgumentOutOfRangeException(nameof(group), group, null),
    };
}
