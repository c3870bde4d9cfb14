using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Admission;

/// <summary>What is set aside in an account for one piece of work that is under way.</summary>
/// <remarks>It remembers the period it was set aside in, so that work that ends after midnight is charged to the day that admitted it.</remarks>
public readonly struct BudgetHold
{
    internal BudgetHold(BudgetAccount.PeriodTotal total, long bound) => (Total, Bound) = (total, bound);

    /// <summary>The most the work can take, in the small unit of the budget.</summary>
    public long Bound { get; }

    internal BudgetAccount.PeriodTotal? Total { get; }
}

/// <summary>What was spent and is reserved of one budget in the current period. For any number of threads, without a lock.</summary>
/// <remarks>
/// <para><b>The invariant of all budgets: spent + reserved &lt;= limit, and spent &gt;= delivered</b>, for every account (of a key, a
/// project, a tenant, a model or the server; in each unit; in each period) at every moment, whatever runs at once, whoever hangs up
/// and wherever a process dies. Here is why it holds; everything else only uses it. docs/reference/budgets.md says how it is proved.</para>
/// <list type="number">
/// <item>Spent and reserved are one number, <see cref="Committed"/>. Only <see cref="TryReserve"/> raises it, in one
/// compare-and-swap that checks the limit.</item>
/// <item><see cref="Settle"/> replaces a bound by an actual that is not above it, so it never raises the number.</item>
/// <item>A request reserves in all accounts that it touches or in none (<see cref="CallerAccounts.Reserve"/>), and before
/// anything is sent to a provider the reservation is in the usage journal. What a crash leaves unsettled is charged at its bound,
/// so after a restart an account starts with at least what was delivered.</item>
/// <item>A settlement is in the journal before the hold gives anything back, and before the last byte goes to the client: whatever
/// another request reserves of it, no journal ever holds both bounds.</item>
/// <item>Replicas reserve from leases (<see cref="BudgetLease"/>), each of which is a reservation in the shared account
/// (<see cref="BudgetPool"/>); a lease whose replica is gone is charged whole.</item>
/// </list>
/// <para>Two things are outside of it and show instead as a refusal of everything further: a provider that bills more than its
/// bound, and a limit that is lowered below what is committed already.</para>
/// </remarks>
public sealed class BudgetAccount
{
    private BudgetLimit _limit;
    private PeriodTotal _total;

    /// <summary>An account that starts with what the ledger says was spent in the period that holds <paramref name="now"/>.</summary>
    /// <param name="limit">What may be spent.</param>
    /// <param name="spent">In the small unit of the limit, 0 or more.</param>
    /// <param name="now">Decides the period.</param>
    public BudgetAccount(BudgetLimit limit, long spent, Instant now)
    {
        _limit = limit;
        _total = new(limit.PeriodAt(now).End, spent);
    }

    /// <summary>What may be spent. A change takes effect with the next reservation; the sums of the running period stay.</summary>
    /// <exception cref="ArgumentException">The new limit counts something else; that needs a new account.</exception>
    public BudgetLimit Limit
    {
        get => Volatile.Read(ref _limit);
        set
        {
            if (value with { Amount = _limit.Amount } != _limit) { throw new ArgumentException($"The account is one of {_limit}.", nameof(value)); }
            Volatile.Write(ref _limit, value);
        }
    }

    /// <summary>Spent and reserved in the period last used, in the small unit of the limit.</summary>
    public long Committed => Volatile.Read(ref Volatile.Read(ref _total).Committed);

    /// <summary>The end of the period last used.</summary>
    public Instant PeriodEnd => Volatile.Read(ref _total).End;

    /// <summary>Spent and reserved in the period that holds <paramref name="now"/>, and its end.</summary>
    public (long Committed, Instant PeriodEnd) At(Instant now)
    {
        PeriodTotal total = TotalAt(now);
        return (Volatile.Read(ref total.Committed), total.End);
    }

    /// <summary>Sets the bound of a piece of work aside, or refuses it and changes nothing.</summary>
    /// <param name="bound">The most the work can take, 0 or more.</param>
    /// <param name="now">Decides the period; a clock that steps back is taken to stand still.</param>
    /// <param name="hold">To be settled exactly once.</param>
    public bool TryReserve(long bound, Instant now, out BudgetHold hold)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bound);
        PeriodTotal total = TotalAt(now);
        long limit = Limit.Amount;
        long seen = Volatile.Read(ref total.Committed);
        while (seen <= limit && bound <= limit - seen)
        {
            long before = Interlocked.CompareExchange(ref total.Committed, seen + bound, seen);
            if (before == seen)
            {
                hold = new(total, bound);
                return true;
            }

            seen = before;
        }

        hold = default;
        return false;
    }

    /// <summary>Replaces a hold by what the work did take; 0 gives all of it back.</summary>
    /// <returns>By how much it took more than the bound: 0, unless the provider billed more than it could have.</returns>
    public static long Settle(in BudgetHold hold, long actual)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actual);
        if (hold.Total is not null) { Interlocked.Add(ref hold.Total.Committed, actual - hold.Bound); }
        return Math.Max(0, actual - hold.Bound);
    }

    private PeriodTotal TotalAt(Instant now)
    {
        PeriodTotal total = Volatile.Read(ref _total);
        while (now >= total.End)
        {
            // Whoever loses the exchange takes the winner's object: two totals for one period would double the limit.
            Interlocked.CompareExchange(ref _total, new(Limit.PeriodAt(now).End, 0), total);
            total = Volatile.Read(ref _total);
        }

        return total;
    }

    internal sealed class PeriodTotal(Instant end, long committed)
    {
        public readonly Instant End = end;

        /// <summary>Spent plus reserved.</summary>
        public long Committed = committed;
    }
}
