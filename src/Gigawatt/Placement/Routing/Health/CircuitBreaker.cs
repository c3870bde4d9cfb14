using Gigawatt.Units;

namespace Gigawatt.Placement.Routing.Health;

/// <summary>Whether calls may go to a target. The list is closed.</summary>
public enum BreakerState
{
    /// <summary>It works as far as is known.</summary>
    Closed,

    /// <summary>It failed too often, and its time to rest is over: one call may try whether it works again.</summary>
    HalfOpen,

    /// <summary>It failed too often, or asked to be left alone for a while.</summary>
    Open,
}

/// <summary>When a target counts as broken, and for how long.</summary>
public sealed record BreakerPolicy
{
    /// <summary>The values that hold unless others are given.</summary>
    public static readonly BreakerPolicy Default = new();

    /// <summary>Failures in a row that open the breaker; 5, as Envoy's outlier detection has it.</summary>
    public int ConsecutiveFailures { get; init; } = 5;

    /// <summary>Length of the window over which the rate of failures is counted.</summary>
    public Duration Window { get; init; } = Duration.FromSeconds(60);

    /// <summary>Calls in the window below which its rate says nothing.</summary>
    public int WindowCallsMin { get; init; } = 10;

    /// <summary>Share of failures in the window above which the breaker opens, in percent; 50, as LiteLLM has it.</summary>
    public int FailurePercentMax { get; init; } = 50;

    /// <summary>How long it stays open the first time; twice as long each further time in a row.</summary>
    public Duration Rest { get; init; } = Duration.FromSeconds(5);

    /// <summary>The longest rest.</summary>
    public Duration RestMax { get; init; } = Duration.FromSeconds(120);

    /// <summary>Rest after a refusal for too many requests that does not say for how long; 5 s, as LiteLLM has it.</summary>
    public Duration RateLimitRest { get; init; } = Duration.FromSeconds(5);
}

/// <summary>What is known of a target's health: a state machine whose only clock is the <c>now</c> it is told. For any number of threads, without a lock.</summary>
/// <remarks>
/// Failures open it; after a rest one call may try, whose success closes it and whose failure opens it for twice as long. A
/// refusal for too many requests is no failure: it keeps calls away for exactly the time it names, and then all may come.
/// Where threads race, a call may be counted in the wrong window; no state is lost by it.
/// </remarks>
public sealed class CircuitBreaker(BreakerPolicy policy)
{
    private long _openUntil; // nanoseconds; 0 while closed
    private long _coolUntil; // nanoseconds; asked for by the target
    private int _probing;
    private int _consecutive;
    private int _openings;
    private long _windowStart = long.MinValue;
    private int _calls;
    private int _failures;

    /// <summary>The state at a moment.</summary>
    public BreakerState StateAt(Instant now)
    {
        if (now.Nanoseconds < Volatile.Read(ref _coolUntil)) { return BreakerState.Open; }
        long until = Volatile.Read(ref _openUntil);
        if (until == 0) { return BreakerState.Closed; }
        return now.Nanoseconds < until || Volatile.Read(ref _probing) != 0 ? BreakerState.Open : BreakerState.HalfOpen;
    }

    /// <summary>When it may be tried again; the past while it may be.</summary>
    public Instant OpenUntil => new(Math.Max(Volatile.Read(ref _openUntil), Volatile.Read(ref _coolUntil)));

    /// <summary>The calls that ended in the window that holds <paramref name="now"/>, and how many of them failed.</summary>
    public (int Calls, int Failures) WindowAt(Instant now) =>
        Volatile.Read(ref _windowStart) is var start && start != long.MinValue && now.Nanoseconds - start < policy.Window.Nanoseconds
            ? (Volatile.Read(ref _calls), Volatile.Read(ref _failures))
            : (0, 0);

    /// <summary>Takes the one call that a half-open breaker lets through; to be followed by exactly one of the calls that note an end.</summary>
    /// <returns>False when it is open, or another call is trying already.</returns>
    public bool TryEnter(Instant now) => StateAt(now) switch
    {
        BreakerState.Closed => true,
        BreakerState.HalfOpen => Interlocked.CompareExchange(ref _probing, 1, 0) == 0,
        _ => false,
    };

    /// <summary>A call was answered.</summary>
    public void Succeeded(Instant now)
    {
        Count(now, failed: false);
        if (Volatile.Read(ref _consecutive) != 0) { Volatile.Write(ref _consecutive, 0); }
        long until = Volatile.Read(ref _openUntil);
        // A call that began before it opened says nothing of now.
        if (until == 0 || now.Nanoseconds < until) { return; }
        Volatile.Write(ref _openings, 0);
        Volatile.Write(ref _openUntil, 0);
        Volatile.Write(ref _probing, 0);
    }

    /// <summary>A call failed by the target's fault: it could not be reached, broke off, took too long or said that it failed.</summary>
    public void Failed(Instant now)
    {
        (int calls, int failures) = Count(now, failed: true);
        int consecutive = Interlocked.Increment(ref _consecutive);
        long until = Volatile.Read(ref _openUntil);
        bool rate = calls >= policy.WindowCallsMin && failures * 100L > calls * (long)policy.FailurePercentMax;
        if (until == 0 ? consecutive >= policy.ConsecutiveFailures || rate : now.Nanoseconds >= until) { Open(now, until); }
    }

    /// <summary>The target refused for too many requests.</summary>
    /// <param name="now">When it did.</param>
    /// <param name="retryAfter">For how long it wants to be left alone; null where it did not say.</param>
    public void RateLimited(Instant now, Duration? retryAfter)
    {
        long until = (now + (retryAfter ?? policy.RateLimitRest)).Nanoseconds;
        long seen = Volatile.Read(ref _coolUntil);
        while (until > seen)
        {
            long before = Interlocked.CompareExchange(ref _coolUntil, until, seen);
            if (before == seen) { break; }
            seen = before;
        }

        Volatile.Write(ref _probing, 0);
    }

    /// <summary>A call ended in a way that says nothing of the target: the client's own fault, or it left.</summary>
    public void Ignored() => Volatile.Write(ref _probing, 0);

    private void Open(Instant now, long seen)
    {
        int openings = Math.Min(Volatile.Read(ref _openings), 30);
        long rest = Math.Min(policy.RestMax.Nanoseconds, policy.Rest.Nanoseconds << Math.Min(openings, 20));
        if (Interlocked.CompareExchange(ref _openUntil, now.Nanoseconds + rest, seen) != seen) { return; }
        Volatile.Write(ref _openings, openings + 1);
        Volatile.Write(ref _consecutive, 0);
        Volatile.Write(ref _probing, 0);
        Volatile.Write(ref _windowStart, long.MinValue);
    }

    private (int Calls, int Failures) Count(Instant now, bool failed)
    {
        long start = Volatile.Read(ref _windowStart);
        if (start == long.MinValue || now.Nanoseconds - start >= policy.Window.Nanoseconds)
        {
            if (Interlocked.CompareExchange(ref _windowStart, now.Nanoseconds, start) == start)
            {
                Volatile.Write(ref _calls, 0);
                Volatile.Write(ref _failures, 0);
            }
        }

        int failures = failed ? Interlocked.Increment(ref _failures) : Volatile.Read(ref _failures);
        return (Interlocked.Increment(ref _calls), failures);
    }
}
