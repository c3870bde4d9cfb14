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
    public void A_record_added_twice_is_there_once()
    {
        using UsageLedger ledger = UsageLedger.Open(LedgerPath);
        Assert.Equal(1, ledger.Add([Record("r1", 10)], new(1, 10)));
        Assert.Equal(1, ledger.Add([Record("r1", 99), Record("r2", 5)], new(1, 20)));
        UsageRow all = Assert.Single(ledger.Query(new()));
        Assert.Equal((2, 15), (all.Requests, all.CostMicros));
        Assert.Equal(new JournalPosition(1, 20), ledger.Position);
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

    private static IEnumerable<string> Sums(IEnumerable<UsageRow> rows) => rows.Select(r => $"{string.Join('/', r.Group)}:{r.CostMicros}");
}
