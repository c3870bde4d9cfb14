using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Admission;

/// <summary>Whose budget or limit it is.</summary>
public enum AccountScope
{
    /// <summary>One API key's.</summary>
    Key,

    /// <summary>Shared by the keys of a project.</summary>
    Project,

    /// <summary>Shared by the keys of a tenant.</summary>
    Tenant,

    /// <summary>Shared by everybody.</summary>
    Server,
}

/// <summary>A budget that a caller draws on.</summary>
/// <param name="Scope">Whose it is.</param>
/// <param name="Name">The key's, project's or tenant's name; empty for the server's.</param>
/// <param name="Account">What is used of it.</param>
public sealed record BudgetEntry(AccountScope Scope, string Name, BudgetAccount Account);

/// <summary>A rate limit that a caller is under.</summary>
/// <param name="Scope">Whose it is.</param>
/// <param name="Name">The key's, project's or tenant's name; empty for the server's.</param>
/// <param name="Account">What is used of it.</param>
public sealed record RateEntry(AccountScope Scope, string Name, RateAccount Account);

/// <summary>Why a reservation failed: the one account that had too little left.</summary>
/// <param name="Budget">The budget; null when a limit was short.</param>
/// <param name="Rate">The limit; null when a budget was short.</param>
/// <param name="Asked">What the request can take at most, in the unit of the account.</param>
/// <param name="Used">What was spent and reserved of the budget when it refused; 0 for a limit.</param>
/// <param name="Until">When the budget's period ends, or when the limit has enough again.</param>
public readonly record struct Shortage(BudgetEntry? Budget, RateEntry? Rate, long Asked, long Used, Instant Until);

/// <summary>The tightest limit of one kind.</summary>
/// <param name="Limit">For each minute, or at once.</param>
/// <param name="Remaining">What is left of it.</param>
/// <param name="Full">When all of it is there again.</param>
public readonly record struct RateStatus(long Limit, long Remaining, Instant Full);

/// <summary>Every budget and limit that the requests of one key touch: the key's, its project's, its tenant's, the server's.</summary>
public sealed class CallerAccounts
{
    /// <summary>No budgets and no limits.</summary>
    public static readonly CallerAccounts None = new([], []);

    private readonly BudgetEntry[] _budgets;
    private readonly RateEntry[] _rates;

    /// <summary>From entries in the order in which they are asked, and named to a caller who is refused.</summary>
    public CallerAccounts(IEnumerable<BudgetEntry> budgets, IEnumerable<RateEntry> rates) => (_budgets, _rates) = ([.. budgets], [.. rates]);

    /// <summary>The budgets.</summary>
    public IReadOnlyList<BudgetEntry> Budgets => _budgets;

    /// <summary>The limits.</summary>
    public IReadOnlyList<RateEntry> Rates => _rates;

    /// <summary>Sets the bound aside in every account that is for the model, or in none.</summary>
    /// <param name="model">The model asked for.</param>
    /// <param name="bound">The most that the request can take.</param>
    /// <param name="now">The time.</param>
    /// <param name="hold">To be settled or released once; null on refusal.</param>
    /// <param name="shortage">On refusal, the account that was short.</param>
    /// <param name="withRates">Whether limits count too, and not only budgets.</param>
    public RequestRefusal Reserve(string model, in Charge bound, Instant now, out RequestHold? hold, out Shortage shortage, bool withRates = true)
    {
        var made = new RequestHold(bound);
        shortage = default;
        RequestRefusal refusal = ReserveBudgets(made, model, bound, now, ref shortage);
        if (refusal == RequestRefusal.None && withRates) { refusal = TakeRates(made, model, bound, now, ref shortage); }
        if (refusal != RequestRefusal.None) { made.Release(); }
        hold = refusal == RequestRefusal.None ? made : null;
        return refusal;
    }

    /// <summary>The limit of a kind with the smallest part left, among those for the model; false when there is none.</summary>
    public bool TryGetTightest(RateKind kind, string model, Instant now, out RateStatus status)
    {
        status = default;
        bool found = false;
        foreach (RateEntry entry in _rates)
        {
            RateLimit limit = entry.Account.Limit;
            if (limit.Kind != kind || !IsFor(limit.Model, model)) { continue; }
            (long remaining, Instant full) = entry.Account.At(now);
            if (found && (Int128)remaining * status.Limit >= (Int128)status.Remaining * limit.Amount) { continue; }
            (status, found) = (new(limit.Amount, remaining, full), true);
        }

        return found;
    }

    private RequestRefusal ReserveBudgets(RequestHold hold, string model, in Charge bound, Instant now, ref Shortage shortage)
    {
        foreach (BudgetEntry entry in _budgets)
        {
            BudgetLimit limit = entry.Account.Limit;
            if (!IsFor(limit.Model, model)) { continue; }
            long asked = bound.In(limit.Unit);
            if (entry.Account.TryReserve(asked, now, out BudgetHold reserved))
            {
                hold.Add(reserved, limit.Unit);
                continue;
            }

            (long used, Instant end) = entry.Account.At(now);
            shortage = new(entry, null, asked, used, end);
            return RequestRefusal.BudgetExceeded;
        }

        return RequestRefusal.None;
    }

    private RequestRefusal TakeRates(RequestHold hold, string model, in Charge bound, Instant now, ref Shortage shortage)
    {
        foreach (RateEntry entry in _rates)
        {
            RateLimit limit = entry.Account.Limit;
            if (!IsFor(limit.Model, model)) { continue; }
            long asked = bound.In(limit.Kind);
            if (entry.Account.TryTake(asked, now, out long taken, out Instant until))
            {
                hold.Add(entry.Account, limit.Kind, taken);
                continue;
            }

            shortage = new(null, entry, asked, 0, until);
            return RequestRefusal.RateLimited;
        }

        return RequestRefusal.None;
    }

    private static bool IsFor(string pattern, string model) => pattern.Length == 1 && pattern[0] == '*' || ModelPattern.Matches(pattern, model);
}
