using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Admission;

/// <summary>How much of a rate limit is used now. For any number of threads, without a lock or an allocation.</summary>
/// <remarks>
/// <para>Limits of a minute are a token bucket that refills continuously, as Anthropic documents its own ("your capacity is
/// continuously replenished up to your maximum limit, rather than being reset at fixed intervals",
/// platform.claude.com/docs/en/api/rate-limits): it holds a minute's amount. It is kept as one number, the time at which it will be
/// full again, as in the generic cell rate algorithm (ITU-T I.371): taking moves that time on, waiting lets it come.</para>
/// <para>A request takes its bound and gives back what it did not use. One whose bound is more than a minute's amount waits for
/// a full bucket and empties it: it could never run otherwise, and bounds are far above what is used.</para>
/// </remarks>
public sealed class RateAccount
{
    /// <summary>The time over which limits count.</summary>
    public static readonly Duration Window = Duration.FromSeconds(60);

    private RateLimit _limit;

    // Requests under way for a limit of concurrency; for others the instant at which the bucket is full again, in nanoseconds.
    private long _state;

    /// <summary>An account with nothing used.</summary>
    public RateAccount(RateLimit limit) => _limit = limit;

    /// <summary>What may be used. A change takes effect with the next request.</summary>
    /// <exception cref="ArgumentException">The new limit counts something else; that needs a new account.</exception>
    public RateLimit Limit
    {
        get => Volatile.Read(ref _limit);
        set
        {
            if (value with { Amount = _limit.Amount } != _limit) { throw new ArgumentException($"The account is one of {_limit}.", nameof(value)); }
            Volatile.Write(ref _limit, value);
        }
    }

    /// <summary>Takes some of the limit, or nothing.</summary>
    /// <param name="amount">What the work can use at most, 0 or more.</param>
    /// <param name="now">The time.</param>
    /// <param name="taken">What was taken: the amount, or all there is where that is less. To be given to <see cref="Correct"/> once.</param>
    /// <param name="until">On refusal, when there will be enough if nobody else takes any; a concurrency limit cannot tell and says now.</param>
    public bool TryTake(long amount, Instant now, out long taken, out Instant until)
    {
        RateLimit limit = Limit;
        return limit.Kind == RateKind.Concurrent ? TryEnter(limit.Amount, now, out taken, out until) : TryPour(limit.Amount, amount, now, out taken, out until);
    }

    /// <summary>Replaces what was taken by what was used; ends one of a concurrency limit.</summary>
    public void Correct(long taken, long used)
    {
        RateLimit limit = Limit;
        if (limit.Kind == RateKind.Concurrent) { Interlocked.Decrement(ref _state); }
        else if (used > taken) { Interlocked.Add(ref _state, Cost(used - taken, limit.Amount, roundUp: true)); }
        else if (used < taken) { Interlocked.Add(ref _state, -Cost(taken - used, limit.Amount, roundUp: false)); }
    }

    /// <summary>What is left now, and when all of it will be there again.</summary>
    public (long Remaining, Instant Full) At(Instant now)
    {
        RateLimit limit = Limit;
        long state = Volatile.Read(ref _state);
        if (limit.Kind == RateKind.Concurrent) { return (Math.Max(0, limit.Amount - state), now); }
        long missing = Math.Clamp(state - now.Nanoseconds, 0, Window.Nanoseconds);
        return ((long)((Int128)(Window.Nanoseconds - missing) * limit.Amount / Window.Nanoseconds), new(Math.Max(state, now.Nanoseconds)));
    }

    private bool TryEnter(long most, Instant now, out long taken, out Instant until)
    {
        (taken, until) = (1, now);
        long seen = Volatile.Read(ref _state);
        while (seen < most)
        {
            long before = Interlocked.CompareExchange(ref _state, seen + 1, seen);
            if (before == seen) { return true; }
            seen = before;
        }

        return false;
    }

    private bool TryPour(long most, long amount, Instant now, out long taken, out Instant until)
    {
        taken = Math.Min(amount, most);
        long cost = Cost(taken, most, roundUp: true);
        long seen = Volatile.Read(ref _state);
        while (true)
        {
            long full = checked(Math.Max(seen, now.Nanoseconds) + cost);
            until = new(full - Window.Nanoseconds);
            if (until > now) { return false; }
            long before = Interlocked.CompareExchange(ref _state, full, seen);
            if (before == seen) { return true; }
            seen = before;
        }
    }

    // Nanoseconds in which the bucket refills by so much. 128 bits only where 64 would not do: a division of them is slow.
    private static long Cost(long amount, long most, bool roundUp)
    {
        long carry = roundUp ? most - 1 : 0;
        return amount < 100_000_000 && most < 100_000_000
            ? (amount * Window.Nanoseconds + carry) / most
            : checked((long)(((Int128)amount * Window.Nanoseconds + carry) / most));
    }
}
