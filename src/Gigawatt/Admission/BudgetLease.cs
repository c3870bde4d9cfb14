using Gigawatt.Units;

namespace Gigawatt.Admission;

/// <summary>A replica's part of a shared budget. For any number of threads, without a lock.</summary>
/// <remarks>What is reserved and spent under it never exceeds what was granted and not given back: the one number
/// <see cref="Available"/> holds the difference, and only a compare-and-swap that keeps it at 0 or above takes from it.</remarks>
/// <param name="id">Its number in the <see cref="BudgetPool"/>.</param>
public sealed class BudgetLease(long id)
{
    private long _available;
    private long _granted;
    private long _returned;
    private long _expires;

    /// <summary>Its number in the <see cref="BudgetPool"/>.</summary>
    public long Id { get; } = id;

    /// <summary>What can still be reserved. Below 0 when a provider billed more than its bound.</summary>
    public long Available => Volatile.Read(ref _available);

    /// <summary>All that was granted under it so far.</summary>
    public long Granted => Volatile.Read(ref _granted);

    /// <summary>All that was given back under it so far.</summary>
    public long Returned => Volatile.Read(ref _returned);

    /// <summary>Takes note of the pool's answer, which may come late or twice. One thread speaks with the pool.</summary>
    /// <param name="granted">All that was granted so far.</param>
    /// <param name="expires">When the lease ends.</param>
    public void Take(long granted, Instant expires)
    {
        if (expires.Nanoseconds > Volatile.Read(ref _expires)) { Volatile.Write(ref _expires, expires.Nanoseconds); }
        long more = granted - _granted;
        if (more <= 0) { return; }
        Volatile.Write(ref _granted, granted);
        Interlocked.Add(ref _available, more);
    }

    /// <summary>Sets the bound of a piece of work aside; false when the lease has ended or has too little left.</summary>
    public bool TryReserve(long bound, Instant now)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bound);
        return now.Nanoseconds < Volatile.Read(ref _expires) && TryTake(bound);
    }

    /// <summary>Replaces a bound by what the work did take; 0 gives all of it back to this lease.</summary>
    public void Settle(long bound, long actual)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        Interlocked.Add(ref _available, bound - actual);
    }

    /// <summary>Takes what is free above <paramref name="keep"/> out of the lease, to be given back to the pool.</summary>
    /// <returns>What to tell the pool: all that was given back so far.</returns>
    public long GiveBack(long keep)
    {
        long free = Available - keep;
        if (free > 0 && TryTake(free)) { Volatile.Write(ref _returned, _returned + free); }
        return _returned;
    }

    private bool TryTake(long amount)
    {
        long seen = Volatile.Read(ref _available);
        while (seen >= amount)
        {
            long before = Interlocked.CompareExchange(ref _available, seen - amount, seen);
            if (before == seen) { return true; }
            seen = before;
        }

        return false;
    }
}
