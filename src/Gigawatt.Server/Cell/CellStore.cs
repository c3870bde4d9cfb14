using System.Globalization;
using Gigawatt.Execution;
using Gigawatt.Journal;
using Gigawatt.Metering;
using Gigawatt.Placement;
using Gigawatt.Server.Durability;

namespace Gigawatt.Server.Cell;

/// <summary>What bringing the control loop back found.</summary>
/// <param name="FromSnapshot">Events that the snapshot stood for.</param>
/// <param name="Replayed">Events replayed from the journal after it.</param>
/// <param name="BytesCut">Bytes of a torn tail that were cut off.</param>
internal readonly record struct CellRecovery(long FromSnapshot, long Replayed, long BytesCut);

/// <summary>The control loop's journal and snapshots in one folder.</summary>
/// <remarks>
/// <c>journal-N.gwj</c> holds the events after the N-th; <c>snapshot-N.gws</c> the state after the N-th. A restart loads the
/// newest snapshot and replays what follows it. The snapshot before the newest stays, with its journal, until the next one.
/// </remarks>
internal sealed class CellStore : IDisposable
{
    private const int SnapshotChunk = 16 << 20;
    private readonly string _folder;
    private readonly long _snapshotEvery;
    private readonly EventCodec _codec = new();
    private FramedLog _journal;
    private long _lastSnapshot;

    private CellStore(string folder, FramedLog journal, long lastSnapshot, long snapshotEvery)
    {
        _folder = folder;
        _journal = journal;
        _lastSnapshot = lastSnapshot;
        _snapshotEvery = snapshotEvery;
    }

    /// <summary>Opens the folder and brings the loop back to where it was.</summary>
    /// <param name="folder">Created when missing.</param>
    /// <param name="policy">Places from here on; while events are replayed, the decisions already made are made again.</param>
    /// <param name="replayedUsage">Gets every usage record of a replayed event again; recording it twice must be recording it once.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="recovery">What was found.</param>
    /// <param name="snapshotEvery">Events between two snapshots.</param>
    /// <exception cref="StoreException">In use, not writable, of a newer version, or damaged.</exception>
    public static CellStore Open(
        string folder, IPlacementPolicy policy, Action<UsageRecord> replayedUsage,
        out ControlLoop loop, out CellRecovery recovery, long snapshotEvery = 20_000)
    {
        Directory.CreateDirectory(folder);
        long snapshot = Numbered(folder, "snapshot-*.gws").LastOrDefault();
        loop = snapshot == 0 ? new ControlLoop(policy) : LoadSnapshot(SnapshotPath(folder, snapshot), policy);
        long replayed = 0, cut = 0;
        long[] segments = [.. Numbered(folder, "journal-*.gwj")];
        FramedLog? journal = null;
        foreach (long first in segments)
        {
            journal?.Dispose();
            journal = FramedLog.Open(JournalPath(folder, first), out LogRecovery found);
            cut += found.BytesCut;
            replayed += Replay(journal, first, loop, replayedUsage);
        }

        recovery = new(snapshot, replayed, cut);
        journal ??= FramedLog.Open(JournalPath(folder, 0), out _);
        return new CellStore(folder, journal, snapshot, snapshotEvery);
    }

    /// <summary>The journal's form of an entry, in an array of its own.</summary>
    public byte[] Encode(in JournalEntry entry) => _codec.Encode(entry).ToArray();

    /// <summary>Appends a batch with one write and puts it on the disk: afterwards it survives a loss of power.</summary>
    public void Append(ReadOnlySpan<ReadOnlyMemory<byte>> batch)
    {
        _journal.Append(batch);
        _journal.Flush();
    }

    /// <summary>Writes a snapshot when enough happened since the last, and begins a new journal behind it.</summary>
    public void SnapshotWhenDue(ControlLoop loop)
    {
        if (loop.State.Steps - _lastSnapshot >= _snapshotEvery) { WriteSnapshot(loop); }
    }

    /// <summary>Writes a snapshot, begins a new journal, and deletes what the snapshot before no longer needs.</summary>
    public void WriteSnapshot(ControlLoop loop)
    {
        long step = loop.State.Steps;
        if (step == _lastSnapshot) { return; }
        string temporary = Path.Combine(_folder, "snapshot.tmp");
        File.Delete(temporary);
        using (FramedLog file = FramedLog.Open(temporary, out _))
        {
            byte[] bytes = Snapshot.Save(loop);
            for (int at = 0; at < bytes.Length; at += SnapshotChunk)
            {
                file.Append(bytes.AsSpan(at, Math.Min(SnapshotChunk, bytes.Length - at)));
            }

            file.Flush();
        }

        File.Move(temporary, SnapshotPath(_folder, step), overwrite: true);
        FramedLog next = FramedLog.Open(JournalPath(_folder, step), out _);
        _journal.Dispose();
        _journal = next;
        DeleteBefore(_lastSnapshot);
        _lastSnapshot = step;
    }

    /// <inheritdoc/>
    public void Dispose() => _journal.Dispose();

    private static long Replay(FramedLog journal, long first, ControlLoop loop, Action<UsageRecord> replayedUsage)
    {
        var commands = new CommandList();
        long step = first, replayed = 0;
        FramedLogReader reader = journal.Read();
        while (reader.TryRead())
        {
            // A crash between a snapshot and its new journal leaves events here that the snapshot already stands for.
            if (++step <= loop.State.Steps) { continue; }
            JournalEntry entry = EventCodec.Decode(reader.Payload.Span);
            loop.Step(entry.Event, entry.At, commands);
            foreach (Command command in commands.Items)
            {
                if (command.Usage is { } usage) { replayedUsage(usage.Record); }
            }

            commands.Clear();
            replayed++;
        }

        return replayed;
    }

    private static ControlLoop LoadSnapshot(string path, IPlacementPolicy policy)
    {
        using FramedLog file = FramedLog.Open(path, out _);
        FramedLogReader reader = file.Read();
        var bytes = new MemoryStream();
        while (reader.TryRead()) { bytes.Write(reader.Payload.Span); }
        return Snapshot.Load(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), policy);
    }

    private void DeleteBefore(long step)
    {
        foreach (long old in Numbered(_folder, "snapshot-*.gws").Where(n => n < step)) { File.Delete(SnapshotPath(_folder, old)); }
        foreach (long old in Numbered(_folder, "journal-*.gwj").Where(n => n < step)) { File.Delete(JournalPath(_folder, old)); }
    }

    private static IEnumerable<long> Numbered(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern)
            .Select(static path => Path.GetFileNameWithoutExtension(path).Split('-')[1])
            .Select(static number => long.Parse(number, CultureInfo.InvariantCulture))
            .Order();

    private static string JournalPath(string folder, long first) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"journal-{first:000000000000}.gwj"));

    private static string SnapshotPath(string folder, long step) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"snapshot-{step:000000000000}.gws"));
}
