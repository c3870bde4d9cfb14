using System.Buffers;
using Gigawatt.Metering;
using Gigawatt.Server.Durability;

namespace Gigawatt.Server.Ledger;

/// <summary>What opening the usage journal found.</summary>
/// <param name="Settled">Settled records that a crash had kept from the ledger and that are in it now.</param>
/// <param name="Recovered">Reservations whose settlement was lost; charged at their bound.</param>
/// <param name="BytesCut">Bytes of a torn tail that were cut off.</param>
internal readonly record struct UsageRecovery(int Settled, int Recovered, long BytesCut);

/// <summary>The write-ahead log of the ledger. Work is noted before it is dispatched and before its result is acknowledged.</summary>
/// <remarks>
/// <para>Each note is a copy into mapped memory of a file, no system call and no fsync, and survives the death of the process.
/// <see cref="Flush"/>, called about each second, moves settled records into the ledger together with the journal position
/// in one transaction: exactly once. A loss of power can take the last second.</para>
/// <para>After a crash a reservation without a settlement is charged at its bound, with the outcome <c>recovered</c>:
/// the provider may have done the work, and nothing may be free by crashing.</para>
/// <para>When a segment has grown large, the open reservations are copied to a new one; the old one goes when the ledger has its records.</para>
/// </remarks>
internal sealed class UsageJournal : IDisposable
{
    /// <summary>The outcome of work whose settlement was lost in a crash.</summary>
    public const string Recovered = "recovered";

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    private readonly Lock _flushing = new();
    private readonly Lock _lock = new();
    private readonly UsageLedger _ledger;
    private readonly string _folder;
    private readonly long _segmentLength;
    private readonly Dictionary<string, UsageRecord> _open = [];
    private readonly List<MappedLog> _retired = [];
    private List<UsageRecord> _settled = [];
    private List<UsageRecord> _flushed = []; // takes turns with the one above, so that neither grows anew each second
    private MappedLog _log;
    private long _segment;

    private UsageJournal(string folder, UsageLedger ledger, long segment, long segmentLength)
    {
        _folder = folder;
        _ledger = ledger;
        _segment = segment;
        _segmentLength = segmentLength;
        _log = MappedLog.Create(UsageRecoveryPass.SegmentPath(folder, segment), segmentLength);
    }

    /// <summary>Work that is reserved and not settled yet.</summary>
    public int OpenReservations
    {
        get { lock (_lock) { return _open.Count; } }
    }

    /// <summary>Gets each record once it is noted: for metrics, which must not throw.</summary>
    public Action<UsageRecord>? Noted { get; set; }

    /// <summary>Opens the journal in a folder of its own; what an earlier process left goes to the ledger first.</summary>
    /// <exception cref="StoreException">In use, not writable, of a newer version, or damaged.</exception>
    public static UsageJournal Open(string folder, UsageLedger ledger, out UsageRecovery recovery, long segmentLength = 16 << 20)
    {
        try { Directory.CreateDirectory(folder); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreProblem.NotWritable, $"{folder} cannot be created: {e.Message}", e);
        }

        long last = UsageRecoveryPass.Run(folder, ledger, out recovery);
        return new(folder, ledger, last + 1, segmentLength);
    }

    /// <summary>Notes that work is about to be dispatched. Returns when the note survives a crash of the process.</summary>
    /// <param name="bound">What will be charged when no settlement follows; its outcome is <see cref="Recovered"/>.</param>
    /// <exception cref="IOException">The note could not be written: do not dispatch.</exception>
    public void Reserve(in UsageRecord bound)
    {
        ReadOnlySpan<byte> payload = Encode(UsageFrameKind.Reserved, bound);
        lock (_lock)
        {
            Append(payload);
            _open.Add(bound.Id, bound);
        }
    }

    /// <summary>Notes the final record of work, reserved before or not. Returns when the note survives a crash of the process.</summary>
    /// <exception cref="IOException">The note could not be written: do not acknowledge.</exception>
    public void Settle(in UsageRecord record)
    {
        ReadOnlySpan<byte> payload = Encode(UsageFrameKind.Settled, record);
        lock (_lock)
        {
            Append(payload);
            _open.Remove(record.Id);
            _settled.Add(record);
        }

        Noted?.Invoke(record);
    }

    /// <summary>Moves what is settled to the disk and into the ledger. Afterwards the ledger answers for everything settled before the call.</summary>
    /// <exception cref="IOException">The disk is full or failing; nothing is lost, and a later flush tries again.</exception>
    public void Flush()
    {
        lock (_flushing)
        {
            (List<UsageRecord> settled, MappedLog log, JournalPosition position) = Take();
            try
            {
                log.Flush();
                if (settled.Count > 0) { _ledger.Add(settled, position); }
            }
            catch
            {
                lock (_lock) { _settled.InsertRange(0, settled); }
                throw;
            }
            finally { GiveBack(settled); }

            Retire(position.Segment);
        }
    }

    /// <summary>Flushes and closes.</summary>
    public void Dispose()
    {
        Flush();
        _log.Dispose();
    }

    private (List<UsageRecord> Settled, MappedLog Log, JournalPosition Position) Take()
    {
        lock (_lock)
        {
            List<UsageRecord> settled = _settled;
            _settled = _flushed;
            return (settled, _log, new(_segment, _log.End));
        }
    }

    private void GiveBack(List<UsageRecord> flushed)
    {
        // What a burst needed is not kept when it is over.
        if (flushed.Capacity > 1024 && flushed.Count < flushed.Capacity / 4) { flushed.Capacity = flushed.Count; }
        flushed.Clear();
        _flushed = flushed;
    }

    private void Append(ReadOnlySpan<byte> payload)
    {
        while (!_log.TryAppend(payload)) { Rotate(payload.Length); }
    }

    /// <summary>Goes on in a new segment, which begins with the open reservations, so that the old one can go once the ledger has its records.</summary>
    private void Rotate(int payloadLength)
    {
        // Encoding below reuses the buffer that the caller's payload lies in.
        var writer = new ArrayBufferWriter<byte>(512);
        long length = Math.Max(_segmentLength, FrameFormat.HeaderLength + FrameFormat.FrameHeaderLength + payloadLength);
        var frames = new List<byte[]>(_open.Count);
        foreach (UsageRecord open in _open.Values)
        {
            writer.ResetWrittenCount();
            UsageCodec.Write(writer, UsageFrameKind.Reserved, open);
            frames.Add(writer.WrittenSpan.ToArray());
            length += FrameFormat.FrameHeaderLength + writer.WrittenCount;
        }

        MappedLog fresh;
        try { fresh = MappedLog.Create(UsageRecoveryPass.SegmentPath(_folder, _segment + 1), length); }
        catch (StoreException e) { throw new IOException(e.Message, e); }
        foreach (byte[] frame in frames) { fresh.TryAppend(frame); }
        _retired.Add(_log);
        (_log, _segment) = (fresh, _segment + 1);
    }

    private void Retire(long segment)
    {
        MappedLog[] retired;
        lock (_lock)
        {
            // What was retired after this flush took its records still has some that the ledger has not.
            if (_retired.Count == 0 || segment != _segment) { return; }
            retired = [.. _retired];
            _retired.Clear();
        }

        _ledger.Checkpoint();
        foreach (MappedLog log in retired)
        {
            log.Dispose();
            File.Delete(log.Path);
        }
    }

    private static ReadOnlySpan<byte> Encode(UsageFrameKind kind, in UsageRecord record)
    {
        ArrayBufferWriter<byte> buffer = _buffer ??= new(512);
        buffer.ResetWrittenCount();
        UsageCodec.Write(buffer, kind, record);
        return buffer.WrittenSpan;
    }
}
