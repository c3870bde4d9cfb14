using Gigawatt.Admission.Queues;
using Gigawatt.Execution;
using Gigawatt.Journal;
using Gigawatt.Placement.BinPack;
using Gigawatt.Tests.Support;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Journal;

/// <summary>
/// Goal: what an earlier version wrote is read for ever. Method: the bytes of a short history as written before there were queues:
/// a fleet of four accelerators, three jobs of two of them, the first of which has ended.
/// </summary>
public sealed class EarlierFormatsTests
{
    private const ulong Hash = 6695406058905950727;

    private static readonly string[] Events =
    [
        "0180A8D6B907010166010173E0120202020174010468313030801000000001016E000202807D8010000800000100",
        "0180D0ACF30E02047465616D01C03E",
        "0180F882AD160502036A6F62047465616D0102D00F0004D00F00010474727565000000008090DFC04A060000",
        "0180A0D9E61D0504036A6F62047465616D0102D00F0004D00F00010474727565000000008090DFC04A060000",
        "0180C8AFA0250506036A6F62047465616D0102D00F0004D00F00010474727565000000008090DFC04A060000",
        "0180F085DA2C07020200",
        "018098DC93340802020000000000",
    ];

    private const string SnapshotAfterThem =
        "018098DC93340E87B4D9C0E38AB7F55CC6B80208010173E0120202020174010468313030801000000001016E000202807D8010000800000100000101" +
        "01047465616D01C03E0302036A6F62047465616D0102D00F0004D00F00010474727565000000008090DFC04A06000080F882AD16040200000180F882" +
        "AD16018098DC9334010000000862696E2D7061636B00010003C0B8020180F085DA2C01010004036A6F62047465616D0102D00F0004D00F0001047472" +
        "7565000000008090DFC04A06000080A0D9E61D010200000180A0D9E61D000000000862696E2D7061636B0001000CC2B80200000006036A6F62047465" +
        "616D0102D00F0004D00F00010474727565000000008090DFC04A06000080C8AFA02501020000018098DC9334000000000862696E2D7061636B000100" +
        "03C4B802000000010200";

    [Fact]
    public void A_journal_from_before_there_were_queues_replays_to_the_hash_it_had()
    {
        var cell = new TestCell();
        foreach (string line in Events)
        {
            JournalEntry entry = EventCodec.Decode(Convert.FromHexString(line));
            cell.Now = entry.At;
            cell.Step(entry.Event);
        }

        Assert.Equal(Hash, cell.Loop.State.Hash.Value);
        Check(cell);
    }

    [Fact]
    public void A_snapshot_from_before_there_were_queues_is_loaded_and_its_jobs_go_into_a_queue_when_there_is_one()
    {
        var cell = new TestCell { Loop = Snapshot.Load(Convert.FromHexString(SnapshotAfterThem), new BinPackPolicy()) };
        Assert.Equal(Hash, cell.Loop.State.Hash.Value);
        Check(cell);
        cell.Step(new QueuesSet(new QueueModel { Queues = [new("default", "", 1000, [new("h100", 4000)], [])] }));
        Assert.Equal(("default", 4000), (cell[2].Queue, cell.Loop.State.Queues.Find("default")!.Levels[0].Used));
    }

    private static void Check(TestCell cell)
    {
        Assert.Equal([JobPhase.Succeeded, JobPhase.Starting, JobPhase.Starting], cell.Loop.State.Jobs.InOrder().Select(static job => job.Phase));
        Assert.Equal(4000, cell.Loop.State.Quotas.HeldBy("team"));
        Assert.Equal("", cell[2].Queue);
    }
}
