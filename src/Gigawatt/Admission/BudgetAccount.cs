using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Admission;

/// <summary>Money set aside in an account for one piece of work that is under way.</summary>
/// <remarks>It remembers the period it was set aside in, so that work that ends after midnight is charged to the day that admitted it.</remarks>
public readonly struct BudgetHold
{
    internal BudgetHold(BudgetAccount.PeriodTotal total, Usd bound) => (Total, Bound) = (total, bound);

    /// <summary>The most the work can cost.</summary>
    public Usd Bound { get; }

    internal BudgetAccount.PeriodTotal? Total { get; }
}

/// <summary>What a tenant or a key has spent and reserved in the current period. For any number of threads, without a lock.</summary>
/// <remarks>
/// <b>The invariant: spent + reserved &lt;= limit</b>, at every moment, whatever runs at once. It holds because the two are one
/// number, <see cref="Committed"/>, which only <see cref="TryReserve"/> raises, in one compare-and-swap that checks the limit; and
/// because <see cref="Settle"/> replaces a bound by an actual cost that is not above it. Two things are outside of it and show
/// instead as a refusal of everything further: a provider that bills more than its bound, and a limit that is lowered below
/// what is committed already.
/// </remarks>
public sealed class BudgetAccount
{
    private BudgetLimit _limit;
    private PeriodTotal _total;

    /// <summary>An account that starts with what the ledger says was spent in the period that holds <paramref name="now"/>.</summary>
    public BudgetAccount(BudgetLimit limit, Usd spent, Instant now)
    {
        _limit = limit;
        _total = new(limit.PeriodAt(now).End, spent.Micros);
    }

    /// <summary>What may be spent. A change takes effect with the next reservation; the sums of the running period stay.</summary>
    /// <exception cref="ArgumentException">The new limit has another period; that needs a new account.</exception>
    public BudgetLimit Limit
    {
        get => Volatile.Read(ref _limit);
        set
        {
            if (value.Period != _limit.Period) { throw new ArgumentException($"The account counts by {_limit.Period}.", nameof(value)); }
            Volatile.Write(ref _limit, value);
        }
    }

    /// <summary>Spent and reserved in the period last used.</summary>
    public Usd Committed => new(Volatile.Read(ref Volatile.Read(ref _total).Micros));

    /// <summary>The end of the period last used.</summary>
    public Instant PeriodEnd => Volatile.Read(ref _total).End;

    /// <summary>Sets the bound of a piece of work aside, or refuses it and changes nothing.</summary>
    /// <param name="bound">The most the work can cost, 0 or more.</param>
    /// <param name="now">Decides the period; a clock that steps back is taken to stand still.</param>
    /// <param name="hold">To be settled exactly once.</param>
    public bool TryReserve(Usd bound, Instant now, out BudgetHold hold)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bound.Micros);
        PeriodTotal total = TotalAt(now);
        long limit = Limit.Limit.Micros;
        long seen = Volatile.Read(ref total.Micros);
        while (seen <= limit && bound.Micros <= limit - seen)
        {
            long before = Interlocked.CompareExchange(ref total.Micros, seen + bound.Micros, seen);
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

    /// <summary>Replaces a hold by what the work did cost; 0 gives all of it back.</summary>
    /// <returns>By how much the cost was above the bound: 0, unless the provider billed more than it could have.</returns>
    public static Usd Settle(in BudgetHold hold, Usd actual)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(actual.Micros);
        if (hold.Total is not null) { Interlocked.Add(ref hold.Total.Micros, actual.Micros - hold.Bound.Micros); }
        return new(Math.Max(0, actual.Micros - hold.Bound.Micros));
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

    internal sealed class PeriodTotal(Instant end, long micros)
    {
        public readonly Instant End = end;

        /// <summary>Spent plus reserved.</summary>
        public long Micros = micros;
    }
}
