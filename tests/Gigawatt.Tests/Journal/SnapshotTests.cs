using CsCheck;
using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Journal;
using Gigawatt.Placement.BinPack;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Journal;

/// <summary>
/// Goal: what the loop knows is a fold over its journal. Method: random histories of submissions, reports, losses and time; at a
/// random point the loop is saved and loaded, or replayed from its encoded events, and both must go on command for command.
/// </summary>
public sealed class SnapshotTests
{
    private static readonly FleetModel Fleet = TestCell.Fleet(
        TestCell.Group("rack", racks: 2, nodesPerRack: 3, cpuMilli: 4000, type: 0, accelerators: 4),
        TestCell.Group("cpu", racks: 1, nodesPerRack: 2, cpuMilli: 8000));

    private static readonly Gen<int[]> Histories = Gen.Int[0, 1_000_000].Array[5, 120];

    [Fact]
    public void A_loop_loaded_from_a_snapshot_goes_on_as_if_nothing_had_happened() => Gen.Select(Histories, Gen.Int[0, 100]).Sample((history, cut) =>
    {
        var whole = new TestCell(Fleet);
        var restarted = new TestCell(Fleet);
        for (int i = 0; i < history.Length; i++)
        {
            if (i == history.Length * cut / 100) { restarted.Loop = Snapshot.Load(Snapshot.Save(restarted.Loop), new BinPackPolicy()); }
            Act(whole, history[i]);
            Act(restarted, history[i]);
            Assert.Equal(whole.Last, restarted.Last);
        }

        Assert.Equal(whole.Loop.State.Hash, restarted.Loop.State.Hash);
        Assert.Equal(Snapshot.Save(whole.Loop), Snapshot.Save(restarted.Loop));
    }, iter: 300);

    [Fact]
    public void Replaying_the_encoded_events_gives_the_same_hash_and_the_same_snapshot() => Histories.Sample(history =>
    {
        var first = new TestCell(Fleet);
        var journal = new List<byte[]>();
        var codec = new EventCodec();
        first.OnStep = (at, happened) => journal.Add(codec.Encode(new JournalEntry(at, happened)).ToArray());
        foreach (int choice in history) { Act(first, choice); }

        var second = new TestCell(Fleet);
        foreach (byte[] line in journal)
        {
            JournalEntry entry = EventCodec.Decode(line);
            second.Now = entry.At;
            second.Step(entry.Event);
        }

        Assert.Equal(first.Loop.State.Hash, second.Loop.State.Hash);
        Assert.Equal(Snapshot.Save(first.Loop), Snapshot.Save(second.Loop));
    }, iter: 300);

    [Fact]
    public void Free_capacity_is_what_running_tasks_leave_after_every_event() => Histories.Sample(history =>
    {
        var cell = new TestCell(Fleet);
        foreach (int choice in history)
        {
            Act(cell, choice);
            CheckCapacity(cell.Loop.State);
        }
    }, iter: 300);

    [Fact]
    public void A_damaged_snapshot_is_refused_and_never_half_loaded()
    {
        byte[] bytes = Snapshot.Save(new TestCell(Fleet).Loop);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.ThrowsAny<Exception>(() => Snapshot.Load(bytes.AsSpan(0, length), new BinPackPolicy()));
        }

        bytes[0] = 99;
        Assert.Contains("format 99", Assert.Throws<JournalFormatException>(() => Snapshot.Load(bytes, new BinPackPolicy())).Message, StringComparison.Ordinal);
    }

    // One random act. What it does follows from the choice and the state alone, so that two equal loops act alike.
    private static void Act(TestCell cell, int choice)
    {
        cell.Now += Duration.FromSeconds(choice % 7);
        long jobs = cell.Loop.State.Jobs.NextId - 1;
        Job? job = jobs == 0 ? null : cell[1 + choice / 16 % jobs];
        int rank = job is null || job.Tasks.Count == 0 ? 0 : choice / 1024 % job.Tasks.Count;
        switch (choice % 16)
        {
            case 0 or 1 or 2 or 3: cell.Submit(RandomSpec(choice / 16)); break;
            case 4: cell.Step(new JobCancelRequested(job?.Id ?? 1)); break;
            case 5 or 6 or 7: cell.Step(new TaskStarted(job?.Id ?? 1, job?.Attempt ?? 1, rank)); break;
            case 8 or 9 or 10: cell.Step(new TaskExited(job?.Id ?? 1, job?.Attempt ?? 1, rank, choice / 4096 % 3, default)); break;
            case 11: cell.Step(new TaskLost(job?.Id ?? 1, job?.Attempt ?? 1, rank, "lost")); break;
            case 12: cell.Step(new NodeJoined(TestCell.Group("agent", execution: NodeExecution.Agent), null)); break;
            case 13: cell.Step(new NodeLost("agent")); break;
            case 14: cell.Step(new QuotaSet("team", choice % 3 == 0 ? null : choice % 9_000)); break;
            default: cell.Pass(choice % 100); break;
        }
    }

    private static JobSpec RandomSpec(int choice) => new()
    {
        Name = $"j{choice % 10}",
        Tenant = choice % 2 == 0 ? "team" : "others",
        Priority = (Priority)(choice % 4),
        GangSize = 1 + choice / 4 % 3,
        CpuMilli = 500 * (1 + choice / 8 % 6),
        MemoryMib = choice % 5 == 0 ? 1024 : 0,
        Accelerators = choice / 16 % 3,
        AcceleratorMilli = choice / 16 % 3 == 1 && choice % 3 == 0 ? 300 : 1000,
        AcceleratorTypes = choice % 7 == 0 ? ["h100"] : [],
        TimeLimit = choice % 4 == 0 ? Duration.FromSeconds(1 + choice % 50) : null,
        WhenItDoesNotFit = choice % 11 == 0 ? WhenItDoesNotFit.Drop : WhenItDoesNotFit.Wait,
        IdempotencyKey = choice % 3 == 0 ? $"key{choice}" : "",
        Environment = [new("A", "ä€")],
    };

    private static void CheckCapacity(CellState cell)
    {
        var cpu = new int[cell.Fleet.NodeCount];
        var accelerators = new Dictionary<(int, int), int>();
        foreach (Job job in cell.Jobs.InOrder().Where(j => j.Phase.HoldsCapacity()))
        {
            TaskDemand demand = cell.Shapes[job.Shape];
            foreach (TaskState task in job.Tasks.Where(t => !t.Ended))
            {
                cpu[task.Placement.Node] += demand.CpuMilli;
                for (int i = 0; i < 64; i++)
                {
                    if ((task.Placement.AcceleratorMask >> i & 1) == 0) { continue; }
                    accelerators[(task.Placement.Node, i)] = accelerators.GetValueOrDefault((task.Placement.Node, i)) + demand.AcceleratorMilli;
                }
            }
        }

        for (int node = 0; node < cell.Fleet.NodeCount; node++)
        {
            Assert.Equal(cell.Fleet.GroupOf(node).CpuMilli - cpu[node], cell.Fleet.CpuFreeMilli(node));
            ReadOnlySpan<ushort> free = cell.Fleet.AcceleratorsFreeMilli(node);
            for (int i = 0; i < free.Length; i++) { Assert.Equal(1000 - accelerators.GetValueOrDefault((node, i)), free[i]); }
        }
    }
}
