using Gigawatt.Admission;
using Gigawatt.Units;
using Gigawatt.Wire;
using Gigawatt.Workloads;

namespace Gigawatt.Server.Requests;

/// <summary>Lets so many requests run at once. The others wait in an <see cref="AdmissionOrder"/>, and when there are too many or
/// they wait too long, the least urgent are turned away.</summary>
/// <remarks>
/// A part of the places is for class production alone, so that a burst of other work never fills them all. While nobody waits,
/// entering and leaving are one interlocked operation each: how many run and how many wait are the two halves of one number, so
/// who leaves sees whether somebody waits, and who begins to wait sees whether somebody left.
/// </remarks>
internal sealed class AdmissionGate
{
    private const long OneWaiting = 1L << 32;
    private static readonly Duration ComeBackAfter = Duration.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly AdmissionOrder _queue;
    private readonly TimeSpan _maxWait;
    private readonly TimeProvider _time;
    private readonly int _all;
    private readonly int _shared;

    // How many wait in the upper half, how many run in the lower.
    private long _state;

    /// <param name="concurrent">Requests that run at once, 1 or more.</param>
    /// <param name="reserved">How many of them only class production may use; less than <paramref name="concurrent"/>.</param>
    /// <param name="queue">Requests that wait at most.</param>
    /// <param name="maxWait">How long one waits at most.</param>
    /// <param name="time">The clock that the wait is measured by.</param>
    public AdmissionGate(int concurrent, int reserved, int queue, TimeSpan maxWait, TimeProvider time) =>
        (_all, _shared, _queue, _maxWait, _time) = (concurrent, concurrent - reserved, new(queue), maxWait, time);

    /// <summary>A gate that lets everything through.</summary>
    public static AdmissionGate Open => new(int.MaxValue, 0, 0, TimeSpan.Zero, TimeProvider.System);

    /// <summary>Requests that run.</summary>
    public int Running => (int)Volatile.Read(ref _state);

    /// <summary>Requests that wait.</summary>
    public int Waiting => (int)(Volatile.Read(ref _state) >> 32);

    /// <summary>Enters, at once or after a wait; the call leaves when it is disposed of.</summary>
    /// <returns>Null, or why the call is turned away.</returns>
    /// <exception cref="OperationCanceledException">The client left while it waited.</exception>
    public ValueTask<ApiError?> EnterAsync(ModelCall call)
    {
        if (TryEnter(call.Caller.Key.Priority))
        {
            call.Gate = this;
            return default;
        }

        return new(WaitAsync(call));
    }

    /// <summary>Enters when there is a place and nobody waits.</summary>
    public bool TryEnter(Priority priority)
    {
        int most = priority == Priority.Production ? _all : _shared;
        long seen = Volatile.Read(ref _state);
        while (seen < most)
        {
            long before = Interlocked.CompareExchange(ref _state, seen + 1, seen);
            if (before == seen) { return true; }
            seen = before;
        }

        return false;
    }

    /// <summary>Makes place for the next.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _state) < OneWaiting) { return; }
        lock (_lock) { LetIn(); }
    }

    private async Task<ApiError?> WaitAsync(ModelCall call)
    {
        var waiter = new Waiter(call.Caller.Key.Priority, call.Caller.Tenant.Id);
        lock (_lock)
        {
            if (!_queue.TryAdd(waiter, out AdmissionTicket? shed)) { return Full(); }
            if (shed is null) { Interlocked.Add(ref _state, OneWaiting); }
            else { ((Waiter)shed).Admitted.SetResult(false); }
            LetIn();
        }

        try
        {
            if (!await waiter.Admitted.Task.WaitAsync(_maxWait, _time, call.Http.RequestAborted)) { return Full(); }
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            if (StopWaiting(waiter)) { return e is TimeoutException ? TooLong() : throw new OperationCanceledException(call.Http.RequestAborted); }
            // It was let in, or turned away, at this very moment.
            if (!await waiter.Admitted.Task) { return Full(); }
        }

        call.Gate = this;
        return null;
    }

    private bool StopWaiting(Waiter waiter)
    {
        lock (_lock)
        {
            if (!_queue.Remove(waiter)) { return false; }
            Interlocked.Add(ref _state, -OneWaiting);
            return true;
        }
    }

    // Under the lock.
    private void LetIn()
    {
        while (true)
        {
            long seen = Volatile.Read(ref _state);
            int running = (int)seen;
            if (running >= _all || !_queue.TryPeek(productionOnly: running >= _shared, out AdmissionTicket? next)) { return; }
            if (Interlocked.CompareExchange(ref _state, seen + 1 - OneWaiting, seen) != seen) { continue; }
            _queue.Remove(next);
            ((Waiter)next).Admitted.SetResult(true);
        }
    }

    private static ApiError Full() =>
        new(ApiErrorKind.Overloaded, "This server is at its limit of requests at once, and too many wait already. Try again later.") { RetryAfter = ComeBackAfter };

    private ApiError TooLong() =>
        new(ApiErrorKind.Overloaded, $"This server is at its limit of requests at once, and none of them ended for this one within {_maxWait.TotalSeconds:0.###} s. Try again later.")
        {
            RetryAfter = ComeBackAfter,
        };

    private sealed class Waiter(Priority priority, string tenant) : AdmissionTicket(priority, tenant)
    {
        public TaskCompletionSource<bool> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
