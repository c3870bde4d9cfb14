using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Admission;

/// <summary>A budget that several replicas of the server share: it grants each a lease, from which the replica reserves by itself.</summary>
/// <remarks>
/// <para>A lease counts against the limit by what was granted and not given back, so the invariant of <see cref="BudgetAccount"/>
/// holds for the whole whatever a replica does with its part. Nothing of it rests on clocks or on messages arriving: totals are
/// cumulative, so a message that is lost, doubled or late changes nothing, and a lease that ends stays charged, so a replica that
/// has not noticed spends only what is paid for.</para>
/// <para>The end of a lease is the point from which on its replica counts as gone: what it had is charged whole.</para>
/// <para>It is not thread-safe: its owner calls it from one thread.</para>
/// </remarks>
public sealed class BudgetPool
{
    /// <summary>How long a lease lasts unless it is extended.</summary>
    public static readonly Duration LeaseTime = Duration.FromSeconds(60);

    private readonly Dictionary<long, Lease> _leases = [];
    private long _committed;

    /// <summary>A pool that starts with what the ledger says was spent in the period that holds <paramref name="now"/>.</summary>
    public BudgetPool(BudgetLimit limit, long spent, Instant now) =>
        (Limit, _committed, PeriodEnd) = (limit, spent, limit.PeriodAt(now).End);

    /// <summary>What may be spent by all replicas together. A change takes effect with the next grant.</summary>
    public BudgetLimit Limit { get; set; }

    /// <summary>Spent, and granted to replicas, in the current period.</summary>
    public long Committed => _committed;

    /// <summary>The end of the current period.</summary>
    public Instant PeriodEnd { get; private set; }

    /// <summary>Leases that have not ended.</summary>
    public int Leases => _leases.Count;

    /// <summary>Opens a lease, or adds to it, or only extends its time.</summary>
    /// <param name="lease">Its number, drawn by the replica and never used again: one that has ended is opened anew and charged again.</param>
    /// <param name="granted">All that was to be granted under this lease so far, what is asked for now included.</param>
    /// <param name="now">The time.</param>
    /// <param name="expires">On success, when the lease ends unless it is extended; never after the period.</param>
    /// <returns>False when the budget has not that much left; nothing changed then.</returns>
    public bool TryGrant(long lease, long granted, Instant now, out Instant expires)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(granted);
        Expire(now);
        expires = default;
        bool known = _leases.TryGetValue(lease, out Lease held);
        long more = Math.Max(0, granted - held.Granted);
        if (_committed > Limit.Amount || more > Limit.Amount - _committed) { return false; }
        Instant end = now + LeaseTime;
        expires = end < PeriodEnd ? end : PeriodEnd;
        _leases[lease] = new(known ? held.Granted + more : more, held.Returned, expires);
        _committed += more;
        return true;
    }

    /// <summary>Takes back what a replica does not need.</summary>
    /// <param name="lease">The lease.</param>
    /// <param name="returned">All that was given back under this lease so far.</param>
    /// <param name="now">The time.</param>
    public void Return(long lease, long returned, Instant now)
    {
        Expire(now);
        // A lease that has ended is charged whole, and what comes late of another period is none of this one's business.
        if (!_leases.TryGetValue(lease, out Lease held) || returned <= held.Returned) { return; }
        // An old message may have opened an ended lease anew with less than it had.
        returned = Math.Min(returned, held.Granted);
        _committed -= returned - held.Returned;
        _leases[lease] = held with { Returned = returned };
    }

    /// <summary>Ends the leases whose time is over, and the period when it is.</summary>
    public void Expire(Instant now)
    {
        if (now >= PeriodEnd)
        {
            _leases.Clear();
            (_committed, PeriodEnd) = (0, Limit.PeriodAt(now).End);
        }

        foreach ((long lease, Lease held) in _leases)
        {
            if (now >= held.Expires) { _leases.Remove(lease); }
        }
    }

    private readonly record struct Lease(long Granted, long Returned, Instant Expires);
}
