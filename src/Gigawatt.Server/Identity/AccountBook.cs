using Gigawatt.Admission;
using Gigawatt.Metering;
using Gigawatt.Server.Ledger;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Server.Identity;

/// <summary>Whose account it is.</summary>
/// <param name="Scope">The kind of owner.</param>
/// <param name="Tenant">The tenant; empty for the server.</param>
/// <param name="Id">The key's or project's id; empty for a tenant and the server.</param>
internal readonly record struct AccountOwner(AccountScope Scope, string Tenant, string Id);

/// <summary>The accounts of all budgets and limits. Each lives on while its budget or limit is there, whatever else changes, and a
/// new one starts with what the ledger holds.</summary>
/// <param name="ledger">Says what was spent.</param>
/// <param name="journal">Holds what is not in the ledger yet; null when nothing runs.</param>
/// <param name="time">The clock that decides which budget period it is.</param>
internal sealed class AccountBook(UsageLedger ledger, UsageJournal? journal, TimeProvider time)
{
    private readonly Dictionary<(AccountOwner, BudgetLimit), BudgetAccount> _budgets = [];
    private readonly Dictionary<(AccountOwner, RateLimit), RateAccount> _rates = [];

    private readonly HashSet<BudgetAccount> _used = [];

    private Dictionary<string, string> _projects = [];

    // Sums of the ledger by the start of a period, while accounts are opened.
    private readonly Dictionary<(Instant Start, bool ByModel), IReadOnlyList<UsageRow>> _spent = [];

    /// <summary>The entries of an owner's budgets.</summary>
    /// <param name="owner">Whose they are.</param>
    /// <param name="name">How messages call the owner.</param>
    /// <param name="budgets">The budgets as they are to be.</param>
    public IEnumerable<BudgetEntry> Budgets(AccountOwner owner, string name, IReadOnlyList<BudgetLimit> budgets) =>
        budgets.Select(limit => new BudgetEntry(owner.Scope, name, Budget(owner, limit)));

    /// <summary>The entries of an owner's limits.</summary>
    public IEnumerable<RateEntry> Rates(AccountOwner owner, string name, IReadOnlyList<RateLimit> limits) =>
        limits.Select(limit => new RateEntry(owner.Scope, name, Rate(owner, limit)));

    /// <summary>Begins a look through all accounts: the ledger is asked anew for those that have to be opened.</summary>
    /// <param name="keys">Every key there ever was, as keys tell which project used what.</param>
    public void Begin(IEnumerable<KeyFacts> keys)
    {
        _spent.Clear();
        _used.Clear();
        _projects = keys.ToDictionary(static k => k.Id, static k => k.ProjectId);
    }

    /// <summary>Ends a look through all accounts: those that no budget is left for are let go of. Nothing is counted in them any more,
    /// so a budget that comes back starts with what the ledger holds then.</summary>
    public void End()
    {
        foreach ((var key, BudgetAccount account) in _budgets.ToArray())
        {
            if (!_used.Contains(account)) { _budgets.Remove(key); }
        }
    }

    private BudgetAccount Budget(AccountOwner owner, BudgetLimit limit)
    {
        var key = (owner, limit with { Amount = 0 });
        if (_budgets.TryGetValue(key, out BudgetAccount? account)) { account.Limit = limit; }
        else
        {
            Instant now = Instant.From(time.GetUtcNow());
            account = _budgets[key] = new(limit, Spent(owner, limit, now), now);
        }

        _used.Add(account);
        return account;
    }

    private RateAccount Rate(AccountOwner owner, RateLimit limit)
    {
        var key = (owner, limit with { Amount = 0 });
        if (_rates.TryGetValue(key, out RateAccount? account)) { account.Limit = limit; }
        else { account = _rates[key] = new(limit); }
        return account;
    }

    private long Spent(AccountOwner owner, BudgetLimit limit, Instant now)
    {
        Int128 sum = 0;
        // Budgets of a model count what was asked for, which is what admission sees; a route may have served it with another.
        foreach (UsageRow row in SpentSince(limit.PeriodAt(now).Start, byModel: limit.Model != "*"))
        {
            bool theirs = owner.Scope switch
            {
                AccountScope.Server => true,
                AccountScope.Tenant => row.Group[0] == owner.Tenant,
                AccountScope.Project => row.Group[0] == owner.Tenant && _projects.GetValueOrDefault(row.Group[1]) == owner.Id,
                _ => row.Group[1] == owner.Id,
            };
            if (theirs && (row.Group.Count == 2 || ModelPattern.Matches(limit.Model, row.Group[2]))) { sum += Of(row, limit.Unit); }
        }

        return (long)Int128.Min(sum, long.MaxValue);
    }

    private IReadOnlyList<UsageRow> SpentSince(Instant start, bool byModel)
    {
        if (_spent.TryGetValue((start, byModel), out IReadOnlyList<UsageRow>? rows)) { return rows; }
        // What was settled a moment ago may not have reached the ledger.
        if (_spent.Count == 0) { journal?.Flush(); }
        // Requests only, as only requests are charged to accounts while the server runs.
        return _spent[(start, byModel)] = ledger.Query(new UsageQuery
        {
            GroupBy = byModel ? [UsageGroup.Tenant, UsageGroup.Key, UsageGroup.Asked] : [UsageGroup.Tenant, UsageGroup.Key],
            From = start,
            Kind = UsageKind.Request,
        });
    }

    private static Int128 Of(UsageRow row, BudgetUnit unit) => unit switch
    {
        BudgetUnit.Dollars => row.CostMicros,
        BudgetUnit.Tokens => row.InputTokens + row.OutputTokens,
        BudgetUnit.Joules => row.Millijoules,
        _ => row.Micrograms,
    };
}
