using Gigawatt.Units;
using Gigawatt.Wire.Batches;

namespace Gigawatt.Server.Batches;

/// <summary>One batch. While it has requests without a result, its files are open; otherwise only for as long as somebody reads its results.</summary>
internal sealed class Batch(string folder, BatchFacts facts) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, long> _putOff = [];
    private BatchLog? _log;
    private BatchRequests? _requests;
    private BatchProgress? _progress;
    private int _readers;

    public string Folder { get; } = folder;

    /// <summary>What is kept of it; changed by the store only.</summary>
    public BatchFacts Facts { get; set; } = facts;

    /// <summary>Requests under way, for a fair share.</summary>
    public int UnderWay
    {
        get { lock (_lock) { return _progress?.Begun ?? 0; } }
    }

    /// <summary>Requests without a result.</summary>
    public int Processing
    {
        get { lock (_lock) { return _progress?.Processing ?? 0; } }
    }

    /// <summary>As its owner sees it.</summary>
    public BatchView View()
    {
        BatchFacts facts = Facts;
        BatchCounts counts;
        lock (_lock) { counts = facts.Counts ?? _progress?.Counts ?? new(facts.Total, 0, 0, 0, 0); }
        BatchStatus status = facts.Ended is not null ? BatchStatus.Ended : facts.CancelInitiated is not null ? BatchStatus.Canceling : BatchStatus.InProgress;
        return new(facts.Id, status, counts, new(facts.Created), new(facts.Expires), At(facts.Ended), At(facts.CancelInitiated));
    }

    /// <summary>Opens its files to work its requests off.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _log ??= BatchLog.Open(Folder);
            _requests ??= new(Folder);
            _progress ??= _log.ReadProgress(Facts.Total);
        }
    }

    /// <summary>Takes a request to be sent, and notes that it was begun; -1 when there is none now.</summary>
    /// <param name="now">Requests put off are due by this clock.</param>
    public int Take(Instant now)
    {
        lock (_lock)
        {
            int index = Due(now);
            if (index < 0) { return -1; }
            _putOff.Remove(index);
            _log!.Begin(index);
            _progress!.Begin(index);
            return index;
        }
    }

    /// <summary>Whether there is a request to be sent now.</summary>
    public bool HasDue(Instant now)
    {
        lock (_lock) { return Due(now) >= 0; }
    }

    /// <summary>The <c>params</c> of a request.</summary>
    public byte[] Params(int index) => _requests!.Params(index);

    /// <summary>Gives a request back that was refused for now.</summary>
    public void PutOff(int index, Instant until)
    {
        lock (_lock)
        {
            _log!.PutOff(index);
            _progress!.PutOff(index);
            _putOff[index] = until.Nanoseconds;
        }
    }

    /// <summary>Notes a request's result.</summary>
    public void End(int index, BatchOutcome outcome, ReadOnlySpan<byte> body)
    {
        byte[] line = BatchWire.ResultLine(_requests!.CustomId(index), outcome, body);
        lock (_lock)
        {
            _log!.End(index, outcome, line);
            _progress!.End(index, outcome);
        }
    }

    /// <summary>Ends all requests that were not begun.</summary>
    public void EndOpen(BatchOutcome outcome)
    {
        int[] open;
        lock (_lock)
        {
            open = [.. _progress!.Open()];
            // Begun here, so that nobody takes one of them in between.
            foreach (int index in open) { _progress.Begin(index); }
            _putOff.Clear();
        }

        foreach (int index in open) { End(index, outcome, []); }
    }

    /// <summary>Requests that were begun and have no result.</summary>
    public IReadOnlyList<int> Begun()
    {
        lock (_lock) { return [.. _progress!.UnderWay()]; }
    }

    /// <summary>Makes what was noted survive a loss of power.</summary>
    public void Flush()
    {
        BatchLog? log;
        lock (_lock) { log = _log; }
        log?.Flush();
    }

    /// <summary>The counts as they are now, all of them on the disk.</summary>
    public BatchCounts Counts()
    {
        lock (_lock)
        {
            _log!.Flush();
            return _progress!.Counts;
        }
    }

    /// <summary>Closes the files of a batch that has ended.</summary>
    public void Close()
    {
        lock (_lock) { CloseWhenUnused(); }
    }

    /// <summary>Its results, for as long as the reader is not disposed of.</summary>
    public Reader OpenResults()
    {
        lock (_lock)
        {
            _log ??= BatchLog.Open(Folder);
            _readers++;
            return new(this, _log);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _log?.Dispose();
            _requests?.Dispose();
            (_log, _requests) = (null, null);
        }
    }

    private static Instant? At(long? nanoseconds) => nanoseconds is { } n ? new Instant(n) : null;

    // Requests that were put off wait for their time; all others go in order.
    private int Due(Instant now)
    {
        if (_progress is null) { return -1; }
        if (_putOff.Count == 0) { return _progress.NextOpen(); }
        foreach ((int index, long until) in _putOff)
        {
            if (until <= now.Nanoseconds) { return index; }
        }

        foreach (int index in _progress.Open())
        {
            if (!_putOff.ContainsKey(index)) { return index; }
        }

        return -1;
    }

    private void CloseWhenUnused()
    {
        if (Facts.Ended is null || _readers > 0) { return; }
        Dispose();
        _progress = null;
    }

    /// <summary>Keeps the results open.</summary>
    public readonly struct Reader(Batch batch, BatchLog log) : IDisposable
    {
        public IEnumerable<ReadOnlyMemory<byte>> Lines() => log.Lines();

        public void Dispose()
        {
            lock (batch._lock)
            {
                batch._readers--;
                batch.CloseWhenUnused();
            }
        }
    }
}
