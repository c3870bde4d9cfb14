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
    private readonly TimeProvider _time;
    private Places _places;

    // How many wait in the upper half, how many run in the lower.
    private long _state;

    /// <param name="concurrent">Requests that run at once, 1 or more.</param>
    /// <param name="reserved">How many of them only class production may use; less than <paramref name="concurrent"/>.</param>
    /// <param name="queue">Requests that wait at most.</param>
    /// <param name="maxWait">How long one waits at most.</param>
    /// <param name="time">The clock that the wait is measured by.</param>
    public AdmissionGate(int concurrent, int reserved, int queue, TimeSpan maxWait, TimeProvider time) =>
        (_places, _queue, _time) = (new(concurrent, concurrent - reserved, maxWait), new(queue), time);

    /// <summary>A gate that lets everything through.</summary>
    public static AdmissionGate Open => new(int.MaxValue, 0, 0, TimeSpan.Zero, TimeProvider.System);

    /// <summary>Changes its numbers, which are those of the constructor. Who runs or waits already goes on.</summary>
    public void Change(int concurrent, int reserved, int queue, TimeSpan maxWait)
    {
        lock (_lock)
        {
            Volatile.Write(ref _places, new(concurrent, concurrent - reserved, maxWait));
            _queue.Capacity = queue;
            LetIn();
        }
    }

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
        int most = PlacesOf(priority);
        long seen = Volatile.Read(ref _state);
        while (seen < most)
        {
            long before = Interlocked.CompareExchange(ref _state, seen + 1, seen);
            if (before == seen) { return true; }
            seen = before;
        }

        return false;
    }

    private int PlacesOf(Priority priority)
    {
        Places places = Volatile.Read(ref _places);
        return priority == Priority.Production ? places.All : places.Shared;
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
            LetIn();
            // Whose class has a place left makes nobody give way in the queue, where only the other classes wait now.
            if (TryTake(waiter.Priority))
            {
                call.Gate = this;
                return null;
            }

            if (!_queue.TryAdd(waiter, out AdmissionTicket? shed)) { return Full(); }
            if (shed is null) { Interlocked.Add(ref _state, OneWaiting); }
            else { ((Waiter)shed).Admitted.SetResult(false); }
            // Somebody may have left before this one was seen to wait.
            LetIn();
        }

        TimeSpan maxWait = Volatile.Read(ref _places).MaxWait;
        try
        {
            if (!await waiter.Admitted.Task.WaitAsync(maxWait, _time, call.Http.RequestAborted)) { return Full(); }
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            if (StopWaiting(waiter)) { return e is TimeoutException ? TooLong(maxWait) : throw new OperationCanceledException(call.Http.RequestAborted); }
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

    // Under the lock, behind LetIn: who waits then is of a class without a place.
    private bool TryTake(Priority priority)
    {
        int most = PlacesOf(priority);
        long seen = Volatile.Read(ref _state);
        while ((int)seen < most)
        {
            long before = Interlocked.CompareExchange(ref _state, seen + 1, seen);
            if (before == seen) { return true; }
            seen = before;
        }

        return false;
    }

    // Under the lock.
    private void LetIn()
    {
        Places places = _places;
        while (true)
        {
            long seen = Volatile.Read(ref _state);
            int running = (int)seen;
            if (running >= places.All || !_queue.TryPeek(productionOnly: running >= places.Shared, out AdmissionTicket? next)) { return; }
            if (Interlocked.CompareExchange(ref _state, seen + 1 - OneWaiting, seen) != seen) { continue; }
            _queue.Remove(next);
            ((Waiter)next).Admitted.SetResult(true);
        }
    }

    private static ApiError Full() =>
        new(ApiErrorKind.Overloaded, "This server is at its limit of requests at once, and too many wait already. Try again later.") { RetryAfter = ComeBackAfter };

    private static ApiError TooLong(TimeSpan maxWait) =>
        new(ApiErrorKind.Overloaded, $"This server is at its limit of requests at once, and none of them ended for this one within {maxWait.TotalSeconds:0.###} s. Try again later.")
        {
            RetryAfter = ComeBackAfter,
        };

    /// <param name="All">Requests that run at once.</param>
    /// <param name="Shared">Those of them that are not kept for class production.</param>
    /// <param name="MaxWait">How long one waits at most.</param>
    private sealed record Places(int All, int Shared, TimeSpan MaxWait);

    private sealed class Waiter(Priority priority, string tenant) : AdmissionTicket(priority, tenant)
    {
        public TaskCompletionSource<bool> Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
