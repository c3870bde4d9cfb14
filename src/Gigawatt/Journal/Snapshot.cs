using Gigawatt.Admission.Queues;
using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Journal;

/// <summary>The whole state of a control loop in bytes, so that a restart replays only the events since.</summary>
/// <remarks>Only what cannot be computed is written: free capacity and indexes follow from the placements.</remarks>
public static class Snapshot
{
    private const byte Format = FirstWithQuarantine;
    internal const byte FirstWithQueues = 2;
    internal const byte FirstWithFields = 3;
    internal const byte FirstWithQuarantine = 4;

    /// <summary>The state's bytes.</summary>
    public static byte[] Save(ControlLoop loop)
    {
        ArgumentNullException.ThrowIfNull(loop);
        CellState cell = loop.State;
        var w = new ByteWriter();
        w.Byte(Format);
        w.Signed(cell.Now.Nanoseconds);
        w.Signed(cell.Steps);
        w.Unsigned(cell.Hash.Value);
        w.Signed(cell.NextPort);
        w.Signed(cell.Jobs.NextId);
        FleetSnapshot.Write(w, cell.Fleet);
        w.List([.. cell.Quotas.InOrder], static (w, quota) =>
        {
            w.Text(quota.Key);
            w.Optional(quota.Value.LimitMilli);
        });
        QueueCodec.Write(w, cell.Queues.Model);
        w.List(cell.Jobs.InOrder(), (w, job) => JobSnapshot.Write(w, job, cell));
        QueueCodec.WriteMemory(w, cell.Queues);
        w.List([.. cell.Jobs.EndedInOrder], static (w, id) => w.Signed(id));
        w.List(cell.Deadlines.InOrder(), static (w, item) =>
        {
            w.Signed(item.Due.Nanoseconds);
            w.Byte((byte)item.Deadline.Kind);
            w.Signed(item.Deadline.JobId);
            w.Signed(item.Deadline.Attempt);
        });
        QuarantineSnapshot.Write(w, cell.Quarantine);
        return w.Written.ToArray();
    }

    /// <summary>A loop in the state that was saved.</summary>
    /// <param name="bytes">From <see cref="Save"/>.</param>
    /// <param name="policy">The placement policy from here on.</param>
    /// <exception cref="JournalFormatException">The bytes are damaged or of a newer version.</exception>
    public static ControlLoop Load(ReadOnlySpan<byte> bytes, IPlacementPolicy policy)
    {
        var r = new ByteReader(bytes);
        byte format = r.Byte();
        if (format is 0 or > Format) { throw new JournalFormatException($"The snapshot has format {format}; this version reads formats up to {Format}."); }
        var cell = new CellState
        {
            Now = new Instant(r.Signed()),
            Steps = r.Signed(),
            Hash = new StableHash(r.Unsigned()),
            NextPort = r.Int(),
        };
        long nextId = r.Signed();
        FleetSnapshot.Read(ref r, cell.Fleet);
        for (int quotas = r.Count(); quotas > 0; quotas--) { cell.Quotas.Set(r.Text(), r.Optional()); }
        if (format >= FirstWithQueues) { cell.Queues = new QueueTree(QueueCodec.Read(ref r)); }
        cell.Queues.Bind(cell.Fleet);
        for (int jobs = r.Count(); jobs > 0; jobs--) { JobSnapshot.Read(ref r, cell, format); }
        if (format >= FirstWithQueues) { QueueCodec.ReadMemory(ref r, cell.Queues); }
        for (int ended = r.Count(); ended > 0; ended--) { cell.Jobs.RestoreEnded(cell.Jobs.Find(r.Signed())!); }
        cell.Jobs.RestoreNextId(nextId);
        HashSet<(long, int)> resting = ReadDeadlines(ref r, cell);
        if (format >= FirstWithQuarantine) { QuarantineSnapshot.Read(ref r, cell.Quarantine); }
        if (!r.AtEnd) { throw new JournalFormatException("The snapshot goes on after its end."); }
        foreach (Job job in cell.Jobs.InOrder())
        {
            if (job.Phase == JobPhase.Queued && !resting.Contains((job.Id, job.Attempt))) { cell.Queue.Add(job); }
        }

        return new ControlLoop(policy, cell);
    }

    private static HashSet<(long, int)> ReadDeadlines(ref ByteReader r, CellState cell)
    {
        var resting = new HashSet<(long, int)>();
        for (int count = r.Count(); count > 0; count--)
        {
            var due = new Instant(r.Signed());
            var deadline = new Deadline((DeadlineKind)r.Byte(), r.Signed(), r.Int());
            cell.Deadlines.Add(due, deadline);
            if (deadline.Kind == DeadlineKind.Retry) { resting.Add((deadline.JobId, deadline.Attempt)); }
        }

        return resting;
    }
}
