using Gigawatt.Admission;
using Gigawatt.Server.Identity;
using Gigawatt.Units;
using Gigawatt.Wire;
using Gigawatt.Wire.Batches;
using Gigawatt.Workloads;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Batches;

/// <summary>Works the requests of batches off in the background: each once, a bounded number at a time, no batch at the cost of another.</summary>
/// <remarks>The next request is one of the tenant with the fewest under way, of that tenant's batch with the fewest under way, the
/// oldest first. A tenant with one batch gets as much as a tenant with a hundred.</remarks>
internal sealed partial class BatchRunner(
    BatchStore store, BatchOptions options, RequestPath path, Identities identities, TimeProvider time, ILogger<BatchRunner> logger) : BackgroundService
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _wake = new(0);
    private readonly List<Batch> _working = [];
    private readonly HashSet<Task> _underWay = [];
    private readonly Dictionary<(string Batch, int Index), int> _refusals = [];
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _aborting = new();
    private volatile CallersById? _callers;

    private Instant Now => Instant.From(time.GetUtcNow());

    /// <summary>Begins to work a batch off.</summary>
    public void Add(Batch batch)
    {
        batch.Open();
        lock (_lock) { _working.Add(batch); }
        _wake.Release();
    }

    /// <summary>Looks again at what is to be done: a batch was cancelled.</summary>
    public void Wake() => _wake.Release();

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        Task[] left;
        lock (_lock) { left = [.. _underWay]; }
        // As long as the host lets it: then what is under way is cut off, and the next start says so in its result.
        try { await Task.WhenAll(left).WaitAsync(cancellationToken); }
        catch (OperationCanceledException) { await _aborting.CancelAsync(); }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _wake.Dispose();
        _aborting.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (Batch batch in store.All().Where(static b => b.Facts.Ended is null)) { Resume(batch); }
        try
        {
            while (true)
            {
                Begin();
                await _wake.WaitAsync(Tick, stoppingToken);
                while (_wake.Wait(0, CancellationToken.None)) { }
                LookAfter();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // No further request is begun; StopAsync waits for those under way.
        }
    }

    private void Resume(Batch batch)
    {
        batch.Open();
        foreach (int index in batch.Begun())
        {
            batch.End(index, BatchOutcome.Errored, BatchCall.Error(ApiErrorKind.Api,
                "The server was stopped while this request was under way. It was not sent again, as it may have been answered; the usage records say what it was charged."));
        }

        lock (_lock) { _working.Add(batch); }
    }

    /// <summary>Fills the free places.</summary>
    private void Begin()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_underWay.Count >= options.Concurrency || Next() is not { } batch) { return; }
                int index = batch.Take(Now);
                if (index < 0) { return; }
                Task task = RunAsync(batch, index);
                _underWay.Add(task);
                _ = task.ContinueWith(Ended, TaskScheduler.Default);
            }
        }
    }

    private void Ended(Task task)
    {
        lock (_lock) { _underWay.Remove(task); }
        try { _wake.Release(); }
        catch (ObjectDisposedException) { /* The server has stopped. */ }
    }

    private Batch? Next()
    {
        Instant now = Now;
        Batch? next = null;
        (int Tenant, int Batch) least = default;
        foreach (Batch batch in _working)
        {
            if (batch.Facts.CancelInitiated is not null || !batch.HasDue(now)) { continue; }
            (int Tenant, int Batch) busy = (_working.Where(b => b.Facts.Tenant == batch.Facts.Tenant).Sum(static b => b.UnderWay), batch.UnderWay);
            if (next is null || busy.CompareTo(least) < 0) { (next, least) = (batch, busy); }
        }

        return next;
    }

    private async Task RunAsync(Batch batch, int index)
    {
        await Task.Yield();
        try
        {
            Caller? caller = CallerOf(batch.Facts.Key);
            BatchAnswer answer = caller is null
                ? new(BatchOutcome.Errored, BatchCall.Error(ApiErrorKind.Authentication, "The API key that made this batch is gone."), null)
                : await BatchCall.SendAsync(path, batch.Facts, caller, batch.Params(index), _aborting.Token);
            if (answer.Outcome is { } outcome)
            {
                lock (_lock) { _refusals.Remove((batch.Facts.Id, index)); }
                batch.End(index, outcome, answer.Body.Span);
            }
            else { batch.PutOff(index, Now + Duration.FromMilliseconds((long)WaitOf(batch, index, answer.Wait).TotalMilliseconds)); }
        }
        catch (OperationCanceledException) when (_aborting.IsCancellationRequested)
        {
            // It stays begun, and the next start gives it its result.
        }
        catch (Exception e)
        {
            LogItemFailed(logger, e, batch.Facts.Id, index);
            TryEnd(batch, index);
        }
    }

    /// <summary>Whom a key stands for now: it may have been changed or revoked since the batch was made.</summary>
    private Caller? CallerOf(string key)
    {
        KeyRing ring = identities.Ring;
        CallersById? known = _callers;
        if (!ReferenceEquals(known?.Ring, ring)) { _callers = known = CallersById.Of(ring); }

        return known.ById.GetValueOrDefault(key);
    }

    private void TryEnd(Batch batch, int index)
    {
        try { batch.End(index, BatchOutcome.Errored, BatchCall.Error(ApiErrorKind.Api, "This server failed; its log has the reason.")); }
        catch (Exception e) when (e is IOException or ObjectDisposedException) { LogItemFailed(logger, e, batch.Facts.Id, index); }
    }

    /// <summary>What the refusal asks for, else longer each time.</summary>
    private TimeSpan WaitOf(Batch batch, int index, TimeSpan? asked)
    {
        int refusals;
        lock (_lock)
        {
            refusals = _refusals.GetValueOrDefault((batch.Facts.Id, index));
            _refusals[(batch.Facts.Id, index)] = refusals + 1;
        }

        TimeSpan own = FirstWait * Math.Pow(2, Math.Min(refusals, 10));
        return asked ?? (own < LongestWait ? own : LongestWait);
    }

    /// <summary>Ends what was cancelled or is too old, notes which batches have ended, and deletes old ones.</summary>
    private void LookAfter()
    {
        Batch[] working;
        lock (_lock) { working = [.. _working]; }
        foreach (Batch batch in working)
        {
            try { LookAfter(batch); }
            catch (Exception e) when (e is IOException or ObjectDisposedException) { LogBatchFailed(logger, e, batch.Facts.Id); }
        }

        Instant now = Now;
        foreach (Batch old in store.All().Where(b => b.Facts.Ended is not null && now.Nanoseconds - b.Facts.Created > BatchOptions.Kept.Ticks * 100)) { store.Delete(old); }
    }

    private void LookAfter(Batch batch)
    {
        if (batch.Facts.CancelInitiated is not null) { batch.EndOpen(BatchOutcome.Canceled); }
        else if (Now.Nanoseconds >= batch.Facts.Expires) { batch.EndOpen(BatchOutcome.Expired); }
        batch.Flush();
        if (batch.Processing > 0) { return; }
        lock (_lock) { _working.Remove(batch); }
        store.End(batch, Now);
    }

    private sealed record CallersById(KeyRing Ring, Dictionary<string, Caller> ById)
    {
        /// <summary>A key that was rotated is there once for each of its secrets; the newest lives longest. All of them take what is left.</summary>
        public static CallersById Of(KeyRing ring) => new(ring, ring.Callers.GroupBy(static c => c.Key.Id)
            .Select(static secrets => secrets.MaxBy(static c => c.Expires)!)
            .ToDictionary(static c => c.Key.Id, static c => c with { Key = c.Key with { Priority = Priority.Spot } }));
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Error, Message = "Request {Index} of batch {Batch} failed")]
    private static partial void LogItemFailed(ILogger logger, Exception exception, string batch, int index);

    [LoggerMessage(EventId = 2302, Level = LogLevel.Error, Message = "Batch {Batch} cannot be looked after; it is tried again")]
    private static partial void LogBatchFailed(ILogger logger, Exception exception, string batch);
}
