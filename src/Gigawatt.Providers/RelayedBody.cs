using System.Runtime.CompilerServices;

namespace Gigawatt.Providers;

/// <summary>An answer's bytes as they come; disposing it gives the connection back, or closes it before the end.</summary>
/// <remarks>A read that waits longer than the idle timeout ends in an <see cref="IOException"/>. Most reads find bytes there and
/// cost nothing for that; of those that wait, each only notes since when, and one timer looks at the note.</remarks>
internal sealed class RelayedBody(Stream body, HttpResponseMessage response, TimeSpan idleTimeout, TimeProvider time) : ReadOnlyStream
{
    private readonly CancellationTokenSource _stop = HeadTimer.Take();
    private CancellationToken _reader;
    private CancellationTokenRegistration _readerGone;
    private ITimer? _timer;
    private long _waitingSince;
    private volatile bool _waiting;
    private volatile bool _silent;
    private bool _disposed;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (idleTimeout == Timeout.InfiniteTimeSpan) { return body.ReadAsync(buffer, cancellationToken); }
        if (cancellationToken != _reader)
        {
            _readerGone.Dispose();
            _reader = cancellationToken;
            _readerGone = cancellationToken.UnsafeRegister(static stop => ((CancellationTokenSource)stop!).Cancel(), _stop);
        }

        ValueTask<int> read = body.ReadAsync(buffer, _stop.Token);
        return read.IsCompletedSuccessfully ? read : WaitAsync(read, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _readerGone.Dispose();
            body.Dispose();
            response.Dispose();
            // A timer may be just firing, and would cancel what somebody else has by then.
            if (_timer is null) { HeadTimer.GiveBack(_stop); }
            else { _timer.Dispose(); }
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(ValueTask<int> read, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _waitingSince, time.GetTimestamp());
        _waiting = true;
        _timer ??= time.CreateTimer(static body => ((RelayedBody)body!).Look(), this, idleTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            return await read;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception e) when (_silent)
        {
            throw new IOException($"it sent nothing for {idleTimeout.TotalSeconds:0.###} s", e);
        }
        finally { _waiting = false; }
    }

    private void Look()
    {
        TimeSpan left = _waiting ? idleTimeout - time.GetElapsedTime(Volatile.Read(ref _waitingSince)) : idleTimeout;
        if (left > TimeSpan.Zero)
        {
            // A timer counts whole milliseconds and may not fire early.
            _timer?.Change(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
            return;
        }

        _silent = true;
        _stop.Cancel();
    }
}
