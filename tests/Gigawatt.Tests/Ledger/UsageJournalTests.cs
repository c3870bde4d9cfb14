using System.Diagnostics;
using CsCheck;
using Gigawatt.Server.Ledger;
using static Gigawatt.Tests.Ledger.UsageRecords;

namespace Gigawatt.Tests.Ledger;

public sealed class UsageJournalTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gw-usage-").FullName;
    private int _copies;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Settled_work_is_in_the_ledger_after_a_flush_and_only_once()
    {
        string data = NewFolder();
        using (UsageLedger ledger = OpenLedger(data))
        using (UsageJournal journal = OpenJournal(data, ledger, out _))
        {
            journal.Reserve(Record("a", 100, UsageJournal.Recovered));
            journal.Settle(Record("a", 7));
            journal.Flush();
            Assert.Equal(["a ok 7"], Rows(ledger));
            Assert.Equal(0, journal.OpenReservations);
        }

        AssertReopened(data, ["a ok 7"], new(0, 0, 0));
    }

    [Fact]
    public void A_crash_after_settling_keeps_the_settlement_and_charges_the_rest_at_the_bound()
    {
        string data = NewFolder();
        using UsageLedger ledger = OpenLedger(data);
        using UsageJournal journal = OpenJournal(data, ledger, out _);
        journal.Reserve(Record("a", 100, UsageJournal.Recovered));
        journal.Reserve(Record("b", 200, UsageJournal.Recovered));
        journal.Settle(Record("a", 7));

        string crashed = CopyOf(data);
        AssertReopened(crashed, ["a ok 7", "b recovered 200"], new(1, 1, 0));
        // The same files again, as after a crash during recovery: nothing is doubled.
        AssertReopened(crashed, ["a ok 7", "b recovered 200"], new(0, 0, 0));
    }

    /// <summary>Random work with flushes and rotations in between; the journal is cut at a random byte behind what an fsync covered.
    /// Whatever the cut, the settlements whose frames are whole are there with their cost, everything else that was reserved is
    /// there at its bound, and nothing is there twice.</summary>
    [Fact]
    public void Whatever_a_crash_leaves_each_reservation_is_in_the_ledger_exactly_once()
    {
        Gen<(int Work, bool Settle, bool Flush)> step = Gen.Select(Gen.Int[0, 9], Gen.Bool, Gen.Int[0, 9].Select(i => i == 0));
        Gen.Select(step.Array[1, 60], Gen.Double[0, 1]).Sample(t =>
        {
            ((int Work, bool Settle, bool Flush)[] steps, double share) = t;
            string data = NewFolder();
            var reserved = new HashSet<string>();
            var settled = new HashSet<string>();
            var flushed = new HashSet<string>();
            string crashed;
            using (UsageLedger ledger = OpenLedger(data))
            using (UsageJournal journal = OpenJournal(data, ledger, out _, segmentLength: 2_000))
            {
                foreach ((int work, bool settle, bool flush) in steps)
                {
                    string id = $"r{work}";
                    if (reserved.Add(id)) { journal.Reserve(Record(id, 1_000, UsageJournal.Recovered)); }
                    else if (settle && settled.Add(id)) { journal.Settle(Record(id, 7)); }
                    if (flush)
                    {
                        journal.Flush();
                        flushed.UnionWith(settled);
                    }
                }

                crashed = CopyOf(data);
            }

            (string[] whole, _) = Reopen(CopyOf(crashed));
            Assert.Equal(reserved.Order().Select(id => settled.Contains(id) ? $"{id} ok 7" : $"{id} recovered 1000"), whole);

            string last = Directory.GetFiles(Path.Combine(crashed, "usage")).Order().Last();
            using (FileStream file = File.OpenWrite(last)) { file.SetLength((long)(file.Length * share)); }
            (string[] cut, _) = Reopen(crashed);
            Assert.Equal(cut.Select(r => r.Split(' ')[0]).Distinct(), cut.Select(r => r.Split(' ')[0]));
            Assert.All(cut, row => Assert.Contains(row, (string[])[.. settled.Select(id => $"{id} ok 7"), .. reserved.Select(id => $"{id} recovered 1000")]));
            Assert.All(flushed, id => Assert.Contains($"{id} ok 7", cut));
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void A_grown_segment_is_replaced_and_open_reservations_outlive_it()
    {
        string data = NewFolder();
        using UsageLedger ledger = OpenLedger(data);
        using UsageJournal journal = OpenJournal(data, ledger, out _, segmentLength: 1_000);
        journal.Reserve(Record("long", 500, UsageJournal.Recovered));
        for (int i = 0; i < 100; i++)
        {
            journal.Reserve(Record($"r{i:00}", 100, UsageJournal.Recovered));
            journal.Settle(Record($"r{i:00}", 1));
            journal.Flush();
            Assert.Single(Directory.GetFiles(Path.Combine(data, "usage")));
        }

        Assert.True(new FileInfo(Directory.GetFiles(Path.Combine(data, "usage"))[0]).Length < 3_000);
        (string[] rows, UsageRecovery recovery) = Reopen(CopyOf(data));
        Assert.Equal(101, rows.Length);
        Assert.Contains("long recovered 500", rows);
        Assert.Equal(1, recovery.Recovered);
    }

    [Fact]
    public void Threads_that_settle_while_it_flushes_lose_nothing()
    {
        string data = NewFolder();
        using UsageLedger ledger = OpenLedger(data);
        using UsageJournal journal = OpenJournal(data, ledger, out _, segmentLength: 20_000);
        Parallel.For(0, 1_000, i =>
        {
            journal.Reserve(Record($"r{i}", 100, UsageJournal.Recovered));
            journal.Settle(Record($"r{i}", 1));
            if (i % 50 == 0) { journal.Flush(); }
        });
        journal.Flush();
        Assert.Equal(1_000, Rows(ledger).Length);
        Assert.Equal(0, journal.OpenReservations);
    }

    private static void AssertReopened(string data, string[] rows, UsageRecovery recovery)
    {
        (string[] found, UsageRecovery how) = Reopen(data);
        Assert.Equal(rows, found);
        Assert.Equal(recovery, how);
    }

    private string NewFolder() => Directory.CreateDirectory(Path.Combine(_root, $"data{++_copies}")).FullName;

    /// <summary>What another process would find if this one died now.</summary>
    private string CopyOf(string data)
    {
        // Another process copies, because this one's runtime respects the lock of the open log.
        string copy = NewFolder();
        var start = new ProcessStartInfo("cp") { ArgumentList = { "-r", data + "/.", copy } };
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return copy;
    }

    private static (string[] Rows, UsageRecovery Recovery) Reopen(string data)
    {
        using UsageLedger ledger = OpenLedger(data);
        using UsageJournal journal = OpenJournal(data, ledger, out UsageRecovery recovery);
        return (Rows(ledger), recovery);
    }

    private static UsageLedger OpenLedger(string data) => UsageLedger.Open(Path.Combine(data, "ledger.db"));

    private static UsageJournal OpenJournal(string data, UsageLedger ledger, out UsageRecovery recovery, long segmentLength = 16 << 20) =>
        UsageJournal.Open(Path.Combine(data, "usage"), ledger, out recovery, segmentLength);

    private static string[] Rows(UsageLedger ledger) => [.. ledger.Records().OrderBy(r => r.Id, StringComparer.Ordinal).Select(r => $"{r.Id} {r.Outcome} {r.Cost.Micros}")];
}
