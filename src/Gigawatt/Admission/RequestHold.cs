using System.Runtime.CompilerServices;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Admission;

/// <summary>What an admitted request holds in its caller's accounts until it is settled. The only object that admission makes for a request.</summary>
public sealed class RequestHold
{
    // As many as most requests touch; the rest go into a list.
    private const int BudgetsInline = 3;
    private const int RatesInline = 2;

    private readonly Charge _bound;
    private Budgets _budgets;
    private Rates _rates;
    private int _budgetCount;
    private int _rateCount;
    private List<(BudgetHold Hold, BudgetUnit Unit)>? _moreBudgets;
    private List<(RateAccount Account, RateKind Kind, long Taken)>? _moreRates;
    private bool _ended;

    internal RequestHold(in Charge bound) => _bound = bound;

    /// <summary>The most the request can take.</summary>
    public Charge Bound => _bound;

    /// <summary>Charges what the request did take and gives back the rest.</summary>
    /// <returns>By how much its cost was above the bound: 0, unless the provider billed more than it could have.</returns>
    /// <exception cref="InvalidOperationException">It was settled or released before.</exception>
    public Usd Settle(in Charge actual)
    {
        End(actual, ran: true);
        return actual.Cost > _bound.Cost ? actual.Cost - _bound.Cost : Usd.Zero;
    }

    /// <summary>Gives everything back: the request never ran, and counts nowhere.</summary>
    /// <exception cref="InvalidOperationException">It was settled or released before.</exception>
    public void Release() => End(default, ran: false);

    internal void Add(in BudgetHold hold, BudgetUnit unit)
    {
        if (_budgetCount < BudgetsInline) { _budgets[_budgetCount++] = (hold, unit); }
        else { (_moreBudgets ??= []).Add((hold, unit)); }
    }

    internal void Add(RateAccount account, RateKind kind, long taken)
    {
        if (_rateCount < RatesInline) { _rates[_rateCount++] = (account, kind, taken); }
        else { (_moreRates ??= []).Add((account, kind, taken)); }
    }

    private void End(in Charge actual, bool ran)
    {
        if (_ended) { throw new InvalidOperationException("A hold ends once."); }
        _ended = true;
        for (int i = 0; i < _budgetCount; i++) { BudgetAccount.Settle(_budgets[i].Hold, actual.In(_budgets[i].Unit)); }
        for (int i = 0; i < _rateCount; i++) { Correct(_rates[i], actual, ran); }
        if (_moreBudgets is not null)
        {
            foreach ((BudgetHold hold, BudgetUnit unit) in _moreBudgets) { BudgetAccount.Settle(hold, actual.In(unit)); }
        }

        if (_moreRates is not null)
        {
            foreach ((RateAccount Account, RateKind Kind, long Taken) rate in _moreRates) { Correct(rate, actual, ran); }
        }
    }

    // A request that ran counts as one, whatever it used.
    private static void Correct((RateAccount Account, RateKind Kind, long Taken) rate, in Charge actual, bool ran) =>
        rate.Account.Correct(rate.Taken, ran ? actual.In(rate.Kind) : 0);

    [InlineArray(BudgetsInline)]
    private struct Budgets
    {
        private (BudgetHold Hold, BudgetUnit Unit) _first;
    }

    [InlineArray(RatesInline)]
    private struct Rates
    {
        private (RateAccount Account, RateKind Kind, long Taken) _first;
    }
}
