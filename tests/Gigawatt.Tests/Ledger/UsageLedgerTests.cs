using CsCheck;
using Gigawatt.Metering;
using Gigawatt.Server.Durability;
using Gigawatt.Server.Ledger;
using Gigawatt.Units;
using Microsoft.Data.Sqlite;
using static Gigawatt.Tests.Ledger.UsageRecords;

namespace Gigawatt.Tests.Ledger;

public sealed class UsageLedgerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gw-ledger-").FullName;

    private string LedgerPath => Path.Combine(_folder, "ledger.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_the_journal_moved_before_is_not_added_again()
    {
        using UsageLedger ledger = UsageLedger.Open(LedgerPath);
        Assert.Equal(1, ledger.Add([Record("r1", 10)], new(1, 10)));
        Assert.Equal(0, ledger.Add([Record("r1", 10)], new(1, 10)));
        Assert.Equal(0, ledger.Add([Record("r0", 99)], new(0, 50)));
        Assert.Equal(1, ledger.Add([Record("r2", 5)], new(1, 20)));
        UsageRow all = Assert.Single(ledger.Query(new()));
        Assert.Equal((2, 15), (all.Requests, all.CostMicros));
        Assert.Equal(new JournalPosition(1, 20), ledger.Position);
    }

    [Fact]
    public void A_job_that_a_cell_records_again_is_there_once()
    {
        using UsageLedger ledger = UsageLedger.Open(LedgerPath);
        UsageRecord job = Record("job-1/1/0", 10) with { Kind = UsageKind.Job };
        Assert.Equal(1, ledger.Add([job, job], new(1, 10)));
        Assert.Equal(0, ledger.Add([job with { Cost = new(99) }], new(1, 20)));
        Assert.Equal(10, Assert.Single(ledger.Query(new())).CostMicros);
        Assert.Equal(10, Assert.Single(ledger.Query(new() { IdPrefix = "job-1/", Kind = UsageKind.Job })).CostMicros);
        Assert.Empty(ledger.Query(new() { IdPrefix = "job-2/", Kind = UsageKind.Job }));
    }

    [Fact]
    public void A_record_comes_back_from_the_ledger_as_it_went_in() => UsageRecords.Any.List[0, 5].Sample(records =>
    {
        string path = Path.Combine(_folder, Guid.NewGuid().ToString("n"));
        using UsageLedger ledger = UsageLedger.Open(path);
        ledger.Add(records, new(1, 1));
        Assert.Equal(records.DistinctBy(r => r.Kind == UsageKind.Job ? r.Id : Guid.NewGuid().ToString()), ledger.Records());
    }, iter: 20, threads: 1);

    [Fact]
    public void Records_are_given_in_pages_and_none_twice()
    {
        using UsageLedger ledger = UsageLedger.Open(LedgerPath);
        ledger.Add([.. Enumerable.Range(0, 25).Select(i => Record($"r{i}", tenant: i % 2 == 0 ? "a" : "b"))], new(1, 1));
        var ids = new List<string>();
        long? next = 0;
        while (next is { } from)
        {
            UsagePage page = ledger.Records(new() { Tenant = "a" }, from, 5);
            ids.AddRange(page.Records.Select(r => r.Id));
            next = page.Next;
        }

        Assert.Equal(Enumerable.Range(0, 25).Where(i => i % 2 == 0).Select(i => $"r{i}"), ids);
    }

    [Fact]
    public void Usage_is_summed_by_tenant_model_and_day()
    {
        using UsageLedger ledger = UsageLedger.Open(LedgerPath);
        Instant tomorrow = Day + Duration.FromSeconds(86_400L);
        ledger.Add(
        [
            Record("1", 1, tenant: "a", model: "x"),
            Record("2", 2, tenant: "a", model: "y"),
            Record("3", 4, tenant: "b", model: "x"),
            Record("4", 8, tenant: "a", model: "x", started: tomorrow + new Duration(-1)),
            Record("5", 16, tenant: "a", model: "x", started: tomorrow),
        ], new(1, 1));

        Assert.Equal(["a:27", "b:4"], Sums(ledger.Query(new() { GroupBy = [UsageGroup.Tenant] })));
        Assert.Equal(["x:29", "y:2"], Sums(ledger.Query(new() { GroupBy = [UsageGroup.Model] })));
        Assert.Equal(["2026-11-23:15", "2026-11-24:16"], Sums(ledger.Query(new() { GroupBy = [UsageGroup.Day] })));
        Assert.Equal(["a/x:9", "a/y:2", "b/x:4"], Sums(ledger.Query(new() { GroupBy = [UsageGroup.Tenant, UsageGroup.Model], From = Day, To = tomorrow })));
        Assert.Equal(["request:27"], Sums(ledger.Query(new() { GroupBy = [UsageGroup.Kind], Tenant = "a" })));
        Assert.Empty(ledger.Query(new() { Tenant = "nobody" }));
    }

    [Fact]
    public void Usage_is_summed_by_project_month_and_outcome_and_a_job_by_its_name()
    {
        using UsageLedger ledger = UsageLedger.Open(LedgerPath);
        ledger.Add(
        [
            Record("1", 1, project: "p"),
            Record("2", 2, project: "q", outcome: "aborted"),
            Record("3", 4, started: Day + Duration.FromSeconds(8 * 86_400L)),
            Record("4", 8, model: "train") with { Kind = UsageKind.Job, Model = "" },
        ], new(1, 1));
        Assert.Equal([":12", "p:1", "q:2"], Sums(ledger.Query(new() { GroupBy = [UsageGroup.Project] })));
        Assert.Equal(["2026-11:11", "2026-12:4"], Sums(ledger.Query(new() { GroupBy = [UsageGroup.Month] })));
        Assert.Equal(["aborted/m:2", "ok/m:5", "ok/train:8"], Sums(ledger.Query(new() { GroupBy = [UsageGroup.Outcome, UsageGroup.Model] })));
        Assert.Equal(["1"], Sums(ledger.Query(new() { Project = "p", Model = "m", Endpoint = "sim", Outcome = "ok", Key = "key_1" })).Select(s => s.TrimStart(':')));
        Assert.Equal(12, Assert.Single(ledger.Query(new() { Project = "" })).CostMicros);
    }

    /// <summary>Whatever is asked, the hours' sums say what summing the records says, to the micro-dollar.</summary>
    [Fact]
    public void Totals_equal_the_sum_of_records()
    {
        Gen<UsageRecord> record = Gen.Select(UsageRecords.Any, Gen.Int[0, 2], Gen.Int[0, 2], Gen.Long[0, 3 * 86_400]).Select(t => t.Item1 with
        {
            Tenant = $"t{t.Item2}",
            Project = $"p{t.Item3}",
            Model = $"m{t.Item2 * t.Item3}",
            Endpoint = "e",
            Outcome = t.Item3 == 0 ? "ok" : "failed",
            Started = Day + Duration.FromSeconds(t.Item4),
        });
        Gen<UsageGroup[]> groups = Gen.Shuffle(Enum.GetValues<UsageGroup>(), 0, 4);
        Gen.Select(record.List[1, 40], groups, Gen.Int[-1, 72], Gen.Int[-1, 2], Gen.Int[1, 5]).Sample(t =>
        {
            (List<UsageRecord> records, UsageGroup[] by, int from, int tenant, int flushes) = t;
            using UsageLedger ledger = UsageLedger.Open(Path.Combine(_folder, Guid.NewGuid().ToString("n")));
            foreach ((int i, UsageRecord[] batch) in records.Chunk(records.Count / flushes + 1).Index()) { ledger.Add(batch, new(1, i + 1)); }
            UsageQuery query = new()
            {
                GroupBy = by,
                From = from < 0 ? null : Day + Duration.FromSeconds(3_600L * from),
                Tenant = tenant < 0 ? null : $"t{tenant}",
            };
            IReadOnlyList<UsageRow> rows = ledger.Query(query);
            UsageRecord[] chosen = [.. ledger.Records().Where(r => (query.From is not { } f || r.Started >= f) && (query.Tenant is null || r.Tenant == query.Tenant))];
            Assert.Equal(Sum(chosen, r => r.Cost.Micros), rows.Aggregate(Int128.Zero, (sum, row) => sum + row.CostMicros));
            Assert.Equal(Sum(chosen, r => r.Energy.Millijoules), rows.Aggregate(Int128.Zero, (sum, row) => sum + row.Millijoules));
            Assert.Equal(Sum(chosen, r => r.Tokens.CacheWriteHour), rows.Aggregate(Int128.Zero, (sum, row) => sum + row.CacheWriteHourTokens));
            Assert.Equal(chosen.Length, rows.Sum(r => r.Records));
            Assert.Equal(chosen.Count(r => r.TokensEstimated), rows.Sum(r => r.Estimated));
            // A bound that is no full hour is answered from the records themselves, and nothing of ours starts in its nanosecond.
            UsageQuery slow = query with { From = (query.From ?? Day) + new Duration(-1) };
            Assert.Equal(ledger.Query(slow).Select(Flat), rows.Select(Flat));
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void A_ledger_of_version_1_keeps_its_records_and_its_sums()
    {
        using (SqliteConnection old = SqliteFile.Open(LedgerPath, UsageSchema.Migrations[..1]))
        {
            SqliteFile.Execute(old, """
                INSERT INTO usage VALUES ('r1', 0, 'acme', 'key_1', 'm', 'sim', 1795392000000000000, 1795392001000000000, 20780, 100, 20, 3, 50, 0, 0, 9223372036854775807, 2000, 0, 30, 4, 'ok', 0);
                INSERT INTO usage VALUES ('r0', 0, 'acme', 'key_1', 'm', 'sim', 1795392000000000001, 1795392001000000000, 20780, 100, 20, 3, 50, 0, 0, 5, 2000, 0, 30, 4, 'ok', 1);
                INSERT INTO usage VALUES ('job-1/1/0', 1, 'acme', '', 'train', 'node-1', 1795392000000000000, 1795392001000000000, 20780, 0, 0, 0, 0, 8000, 4000, 7, 9000, 1, 30, 4, 'ok', 0);
                UPDATE journal_position SET segment = 3, offset = 77;
                """);
        }

        using UsageLedger ledger = UsageLedger.Open(LedgerPath);
        Assert.Equal(new JournalPosition(3, 77), ledger.Position);
        Assert.Equal(["job-1/1/0", "r1", "r0"], ledger.Records().Select(r => r.Id));
        Assert.Equal(Record("r1", long.MaxValue, started: new(1795392000000000000)) with { Format = "" }, ledger.Records()[1]);
        Assert.Equal([$"acme/m:{(Int128)long.MaxValue + 5}", "acme/train:7"], Sums(ledger.Query(new() { GroupBy = [UsageGroup.Tenant, UsageGroup.Model] })));
        Assert.Equal(0, ledger.Add([Record("job-1/1/0") with { Kind = UsageKind.Job }], new(3, 78)));
    }

    [Fact]
    public void Requests_are_counted_apart_and_energy_says_how_it_came_about()
    {
        using UsageLedger ledger = UsageLedger.Open(LedgerPath);
        ledger.Add([Record("1"), Record("2"), Record("3") with { Kind = UsageKind.Job, EnergyMethod = EnergyMethod.Rapl }], new(1, 1));
        UsageRow all = Assert.Single(ledger.Query(new()));
        Assert.Equal((3, 2), (all.Records, all.Requests));
        Assert.Equal([EnergyMethod.Modelled, EnergyMethod.Rapl], all.EnergyMethods);
    }

    [Fact]
    public void Sums_are_wider_than_a_record()
    {
        using UsageLedger ledger = UsageLedger.Open(LedgerPath);
        ledger.Add([Record("1", long.MaxValue), Record("2", long.MaxValue), Record("3", 7)], new(1, 1));
        UsageRow all = Assert.Single(ledger.Query(new()));
        Assert.Equal((Int128)long.MaxValue * 2 + 7, all.CostMicros);
        Assert.Equal(369, all.InputTokens);
        Assert.Equal(6m, all.Joules);
    }

    [Fact]
    public void A_ledger_of_a_newer_version_is_refused_and_says_so()
    {
        UsageLedger.Open(LedgerPath).Dispose();
        using (var connection = new SqliteConnection($"Data Source={LedgerPath};Pooling=False"))
        {
            connection.Open();
            SqliteFile.Execute(connection, "PRAGMA user_version = 99;");
        }

        Assert.Equal(StoreProblem.NewerVersion, Assert.Throws<StoreException>(() => UsageLedger.Open(LedgerPath)).Problem);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        File.WriteAllText(LedgerPath, new string('x', 5_000));
        Assert.Equal(StoreProblem.Corrupt, Assert.Throws<StoreException>(() => UsageLedger.Open(LedgerPath)).Problem);
    }

    private static Int128 Sum(UsageRecord[] records, Func<UsageRecord, long> value) => records.Aggregate(Int128.Zero, (sum, r) => sum + value(r));

    private static string Flat(UsageRow row) => $"{string.Join('/', row.Group)} {string.Join('+', row.EnergyMethods)} {row with { Group = [], EnergyMethods = [] }}";

    private static IEnumerable<string> Sums(IEnumerable<UsageRow> rows) => rows.Select(r => $"{string.Join('/', r.Group)}:{r.CostMicros}");
}
