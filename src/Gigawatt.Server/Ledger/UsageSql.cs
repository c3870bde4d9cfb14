using System.Globalization;
using Gigawatt.Metering;
using Gigawatt.Units;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Ledger;

/// <summary>A usage query as SQL, and its rows read back.</summary>
internal static class UsageSql
{
    private const long NanosecondsPerHour = 3_600_000_000_000;

    private static readonly string RecordColumns = string.Join(", ",
    [
        "seq", "id", "kind", "tenant", "project", "key", "subject", "model", "endpoint", "format", "decision", "outcome",
        "started_ns", "ended_ns", "first_byte_ns", "attempts", "tokens_estimated", "energy_method", .. UsageSchema.Quantities,
    ]);

    /// <summary>The statement; its parameters are added to <paramref name="parameters"/>.</summary>
    public static string Build(UsageQuery query, SqliteParameterCollection parameters)
    {
        bool hours = !query.ReadsRecords && IsHour(query.From) && IsHour(query.To);
        string[] groups = [.. query.GroupBy.Select(Column)];
        // SUM fails when 64 bits overflow, so each half is summed by itself and the halves are joined in Int128.
        IEnumerable<string> sums = UsageSchema.Quantities.Select(q => hours
            ? $"coalesce(sum({q}_high), 0), coalesce(sum({q}_low), 0)"
            : $"coalesce(sum({q} >> 32), 0), coalesce(sum({q} & 4294967295), 0)");
        string records = hours ? "records" : "1";
        string estimated = hours ? "estimated" : "tokens_estimated";
        IEnumerable<string> columns =
        [
            .. groups, $"coalesce(sum({records}), 0)", .. sums, $"coalesce(sum(CASE kind WHEN 0 THEN {records} END), 0)",
            $"coalesce(sum({estimated}), 0)", "group_concat(DISTINCT energy_method)",
        ];
        string by = groups.Length == 0 ? "" : $" GROUP BY {string.Join(", ", groups)} ORDER BY {string.Join(", ", groups)}";
        return $"SELECT {string.Join(", ", columns)} FROM {(hours ? "usage_by_hour" : "usage")}{Where(query, hours, null, parameters)}{by};";
    }

    /// <summary>The statement for a page of records from a number on upwards, or from one on downwards.</summary>
    public static string BuildRecords(UsageQuery query, long from, int limit, bool downwards, SqliteParameterCollection parameters)
    {
        parameters.AddWithValue("$limit", limit);
        return $"SELECT {RecordColumns} FROM usage{Where(query, hours: false, from, parameters, downwards)} ORDER BY seq{(downwards ? " DESC" : "")} LIMIT $limit;";
    }

    /// <summary>The statement that compares targets which are tried out with those that answer.</summary>
    public static string BuildComparison(UsageQuery query, SqliteParameterCollection parameters)
    {
        string where = Where(query, hours: false, null, parameters);
        const string Shadow = $"id LIKE '%{Requests.Shadows.IdSuffix}'";
        const string Canary = "decision LIKE 'canary of %'";
        return $"""
            WITH chosen AS MATERIALIZED (SELECT * FROM usage{where}),
            copied AS MATERIALIZED (SELECT substr(id, 1, length(id) - length('{Requests.Shadows.IdSuffix}')) AS id FROM chosen WHERE {Shadow}),
            roles AS (SELECT CASE WHEN {Shadow} THEN 'shadow' WHEN {Canary} THEN 'canary' WHEN id IN (SELECT id FROM copied) THEN 'main' ELSE 'others' END AS role, * FROM chosen)
            SELECT subject, role, endpoint, model, count(*), sum(outcome = 'ok'), sum(tokens_estimated), avg(ended_ns - started_ns), avg(first_byte_ns - started_ns),
                avg(input_tokens + cache_read_tokens + cache_write_tokens), avg(output_tokens), sum(cost_micros), sum(energy_millijoules)
            FROM roles WHERE role <> 'others' OR subject IN (SELECT subject FROM roles WHERE role = 'canary')
            GROUP BY subject, role, endpoint, model ORDER BY subject, role, endpoint, model;
            """;
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

        // Initialisers run in the order in which they are written, which is the order of the columns.
        return new UsageRow
        {
            Group = group,
            Records = records,
            UncachedTokens = Next(),
            CachedTokens = Next(),
            CacheWriteTokens = Next(),
            CacheWriteHourTokens = Next(),
            OutputTokens = Next(),
            ReasoningTokens = Next(),
            WebSearches = Next(),
            AcceleratorMilliseconds = Next(),
            CoreMilliseconds = Next(),
            CostMicros = Next(),
            Millijoules = Next(),
            Micrograms = Next(),
            Microlitres = Next(),
            Requests = reader.GetInt64(column),
            Estimated = reader.GetInt64(column + 1),
            EnergyMethods = Methods(reader.IsDBNull(column + 2) ? "" : reader.GetString(column + 2)),
        };
    }

    /// <summary>The record the reader stands on.</summary>
    public static UsageRecord ReadRecord(SqliteDataReader reader) => new()
    {
        Id = reader.GetString(1),
        Kind = (UsageKind)reader.GetInt64(2),
        Tenant = reader.GetString(3),
        Project = reader.GetString(4),
        Key = reader.GetString(5),
        Subject = reader.GetString(6),
        Model = reader.GetString(7),
        Endpoint = reader.GetString(8),
        Format = reader.GetString(9),
        Decision = reader.GetString(10),
        Outcome = reader.GetString(11),
        Started = new(reader.GetInt64(12)),
        Ended = new(reader.GetInt64(13)),
        FirstByte = reader.IsDBNull(14) ? null : new Instant(reader.GetInt64(14)),
        Attempts = reader.GetInt32(15),
        TokensEstimated = reader.GetBoolean(16),
        EnergyMethod = (EnergyMethod)reader.GetInt64(17),
        Tokens = new(reader.GetInt64(18), reader.GetInt64(19), reader.GetInt64(20), reader.GetInt64(22))
        {
            CacheWriteHour = reader.GetInt64(21),
            Reasoning = reader.GetInt64(23),
            WebSearches = reader.GetInt64(24),
        },
        AcceleratorMilliseconds = reader.GetInt64(25),
        CoreMilliseconds = reader.GetInt64(26),
        Cost = new(reader.GetInt64(27)),
        Energy = new(reader.GetInt64(28)),
        Carbon = new(reader.GetInt64(29)),
        Water = new(reader.GetInt64(30)),
    };

    /// <summary>The compared target that the reader stands on.</summary>
    public static ComparedRow ReadCompared(SqliteDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6),
        reader.GetDouble(7), reader.IsDBNull(8) ? null : reader.GetDouble(8), reader.GetDouble(9), reader.GetDouble(10), reader.GetInt64(11), reader.GetInt64(12));

    private static string Where(UsageQuery query, bool hours, long? from, SqliteParameterCollection parameters, bool downwards = false)
    {
        var conditions = new List<string>();
        void Add(string condition, string name, object? value)
        {
            if (value is null) { return; }
            conditions.Add(condition);
            parameters.AddWithValue(name, value);
        }

        Add(downwards ? "seq <= $seq" : "seq >= $seq", "$seq", from);
        Add(hours ? "hour >= $from" : "started_ns >= $from", "$from", hours ? query.From?.Nanoseconds / NanosecondsPerHour : query.From?.Nanoseconds);
        Add(hours ? "hour < $to" : "started_ns < $to", "$to", hours ? query.To?.Nanoseconds / NanosecondsPerHour : query.To?.Nanoseconds);
        Add("tenant = $tenant", "$tenant", query.Tenant);
        Add("project = $project", "$project", query.Project);
        Add("key = $key", "$key", query.Key);
        Add("charged = $model", "$model", query.Model);
        Add("subject = $asked", "$asked", query.Asked);
        Add("endpoint = $endpoint", "$endpoint", query.Endpoint);
        Add("outcome = $outcome", "$outcome", query.Outcome);
        // Written out, as the index of jobs serves only a query that says so itself.
        if (query.Kind is { } kind) { conditions.Add(kind == UsageKind.Job ? "kind = 1" : "kind = 0"); }
        // A range instead of LIKE: it needs no escaping and uses the index.
        Add("id >= $prefix", "$prefix", query.IdPrefix);
        Add("id < $prefixEnd", "$prefixEnd", query.IdPrefix is { } prefix ? prefix + "\uFFFF" : null);
        return conditions.Count == 0 ? "" : " WHERE " + string.Join(" AND ", conditions);
    }

    private static bool IsHour(Instant? bound) => bound is not { } at || (at.Nanoseconds >= 0 && at.Nanoseconds % NanosecondsPerHour == 0);

    private static List<EnergyMethod> Methods(string numbers) =>
        [.. numbers.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => (EnergyMethod)int.Parse(n, CultureInfo.InvariantCulture)).Order()];

    private static string Column(UsageGroup group) => group switch
    {
        UsageGroup.Tenant => "tenant",
        UsageGroup.Project => "project",
        UsageGroup.Key => "key",
        UsageGroup.Model => "charged",
        UsageGroup.Endpoint => "endpoint",
        UsageGroup.Day => "date(hour * 3600, 'unixepoch')",
        UsageGroup.Month => "strftime('%Y-%m', hour * 3600, 'unixepoch')",
        UsageGroup.Kind => "CASE kind WHEN 0 THEN 'request' ELSE 'job' END",
        UsageGroup.Outcome => "outcome",
        UsageGroup.Asked => "subject",
        UsageGroup.Hour => "strftime('%Y-%m-%dT%H:00Z', hour * 3600, 'unixepoch')",
        UsageGroup.Format => "format",
        UsageGroup.Decision => "decision",
        UsageGroup.Tokens => "CASE tokens_estimated WHEN 0 THEN 'counted' ELSE 'estimated' END",
        _ => throw new ArgumentOutOfRangeException(nameof(group), group, null),
    };
}
