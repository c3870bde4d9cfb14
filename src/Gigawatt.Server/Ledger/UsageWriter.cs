using Gigawatt.Metering;
using Gigawatt.Units;
using Microsoft.Data.Sqlite;

namespace Gigawatt.Server.Ledger;

/// <summary>Appends records to the ledger and adds them to their hours' sums.</summary>
internal sealed class UsageWriter : IDisposable
{
    private const long NanosecondsPerHour = 3_600_000_000_000;

    private static readonly string[] Heads =
    [
        "id", "kind", "tenant", "project", "key", "subject", "model", "endpoint", "format", "decision", "outcome",
        "started_ns", "ended_ns", "first_byte_ns", "attempts", "tokens_estimated", "energy_method",
    ];

    private readonly SqliteConnection _connection;
    private readonly UsageTexts _texts;
    private readonly SqlStatement _insert;
    private readonly SqlStatement _add;
    private readonly SqlStatement _move;
    private readonly Dictionary<SumKey, long[]> _sums = [];

    public UsageWriter(SqliteConnection connection)
    {
        _connection = connection;
        _texts = new(connection);
        string[] columns = [.. Heads, .. UsageSchema.Quantities];
        // Jobs have a unique id; requests conflict with nothing.
        _insert = new(connection, $"INSERT INTO record ({string.Join(", ", columns)}) VALUES ({Marks(columns.Length)}) ON CONFLICT DO NOTHING;");
        string[] sums = ["records", "estimated", .. UsageSchema.Quantities.SelectMany(q => new[] { q + "_high", q + "_low" })];
        _add = new(connection, $"INSERT INTO hour_sum VALUES ({Marks(SumKey.Columns + sums.Length)}) ON CONFLICT DO UPDATE SET {string.Join(", ", sums.Select(s => $"{s} = {s} + excluded.{s}"))};");
        _move = new(connection, "UPDATE journal_position SET segment = ?1, offset = ?2 WHERE segment < ?1 OR (segment = ?1 AND offset < ?2);");
    }

    /// <summary>Adds records and moves the journal's position behind them in one transaction.</summary>
    /// <returns>How many records were new; 0 where the position is not behind the ledger's, as its records are there already.</returns>
    public int Write(IEnumerable<UsageRecord> records, JournalPosition position)
    {
        try
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            _move.Bind(0, position.Segment);
            _move.Bind(1, position.Offset);
            if (_move.Run() == 0) { return 0; }
            int added = 0;
            foreach (UsageRecord record in records) { added += Append(record); }
            foreach ((SumKey key, long[] sums) in _sums) { Add(key, sums); }
            transaction.Commit();
            return added;
        }
        catch
        {
            _texts.Forget();
            throw;
        }
        finally { _sums.Clear(); }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _texts.Dispose();
        _insert.Dispose();
        _add.Dispose();
        _move.Dispose();
    }

    private int Append(UsageRecord record)
    {
        Span<long> amounts = stackalloc long[UsageSchema.Quantities.Length];
        UsageSchema.Amounts(record, amounts);
        long subject = _texts.Of(record.Subject), model = _texts.Of(record.Model);
        var key = new SumKey(
            _texts.Of(record.Tenant), HourOf(record.Started), _texts.Of(record.Project), _texts.Of(record.Key),
            record.Kind == UsageKind.Job ? subject : model, _texts.Of(record.Endpoint), (long)record.Kind, _texts.Of(record.Outcome), (long)record.EnergyMethod);
        int next = 0;
        _insert.Bind(next++, record.Id);
        _insert.Bind(next++, key.Kind);
        _insert.Bind(next++, key.Tenant);
        _insert.Bind(next++, key.Project);
        _insert.Bind(next++, key.Key);
        _insert.Bind(next++, subject);
        _insert.Bind(next++, model);
        _insert.Bind(next++, key.Endpoint);
        _insert.Bind(next++, _texts.Of(record.Format));
        _insert.Bind(next++, _texts.Of(record.Decision));
        _insert.Bind(next++, key.Outcome);
        _insert.Bind(next++, record.Started.Nanoseconds);
        _insert.Bind(next++, record.Ended.Nanoseconds);
        if (record.FirstByte is { } first) { _insert.Bind(next++, first.Nanoseconds); }
        else { _insert.BindNull(next++); }
        _insert.Bind(next++, record.Attempts);
        _insert.Bind(next++, record.TokensEstimated ? 1 : 0);
        _insert.Bind(next++, key.EnergyMethod);
        foreach (long amount in amounts) { _insert.Bind(next++, amount); }
        if (_insert.Run() == 0) { return 0; }
        Sum(key, record.TokensEstimated, amounts);
        return 1;
    }

    private void Sum(SumKey key, bool estimated, ReadOnlySpan<long> amounts)
    {
        if (!_sums.TryGetValue(key, out long[]? sums)) { _sums[key] = sums = new long[2 + 2 * amounts.Length]; }
        sums[0]++;
        sums[1] += estimated ? 1 : 0;
        for (int i = 0; i < amounts.Length; i++)
        {
            sums[2 + 2 * i] += amounts[i] >> 32;
            sums[3 + 2 * i] += amounts[i] & uint.MaxValue;
        }
    }

    private void Add(in SumKey key, long[] sums)
    {
        ReadOnlySpan<long> columns = [key.Tenant, key.Hour, key.Project, key.Key, key.Charged, key.Endpoint, key.Kind, key.Outcome, key.EnergyMethod];
        int next = 0;
        foreach (long column in columns) { _add.Bind(next++, column); }
        foreach (long sum in sums) { _add.Bind(next++, sum); }
        _add.Run();
    }

    // As SQLite divides.
    private static long HourOf(Instant time) => time.Nanoseconds / NanosecondsPerHour;

    private static string Marks(int count) => string.Join(", ", Enumerable.Repeat("?", count));

    // In the order of hour_sum's columns.
    private readonly record struct SumKey(
        long Tenant, long Hour, long Project, long Key, long Charged, long Endpoint, long Kind, long Outcome, long EnergyMethod)
    {
        public const int Columns = 9;
    }
}
