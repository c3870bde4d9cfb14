using Gigawatt.Admission;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Server.Identity;

/// <content>From what is stored to whom each secret stands for, with its accounts; and what the config file says.</content>
internal sealed partial class Identities
{
    /// <summary>Takes over what the config file says of tenants, projects and the server.</summary>
    /// <remarks>
    /// <b>Who decides:</b> the file decides what it names, whole: at each start and each reload its words replace what is stored,
    /// and the control API refuses to change it. What the file does not name is the control API's. A tenant or project that is
    /// taken out of the file stays as it was and is the control API's from then on, so that no key stops working by a line that
    /// is gone. Keys are always the control API's: their secrets are nobody's to write down.
    /// </remarks>
    public void Adopt(IReadOnlyList<Tenant> tenants, IReadOnlyList<Project> projects, IReadOnlyList<BudgetLimit> budgets, IReadOnlyList<RateLimit> limits)
    {
        lock (_lock)
        {
            foreach (Tenant tenant in tenants) { Save(tenant with { FromConfig = true }, Actors.ConfigFile); }
            foreach (Project project in projects) { Save(project with { FromConfig = true }, Actors.ConfigFile); }
            foreach (Project left in _store.Projects().Where(p => p.FromConfig && !projects.Any(q => q.TenantId == p.TenantId && q.Id == p.Id)))
            {
                Save(left with { FromConfig = false }, Actors.ConfigFile);
            }

            foreach (Tenant left in _store.Tenants().Where(t => t.FromConfig && !tenants.Any(n => n.Id == t.Id)))
            {
                Save(left with { FromConfig = false }, Actors.ConfigFile);
            }

            (_serverBudgets, _serverLimits) = (budgets, limits);
            _ring = BuildRing();
        }
    }

    /// <summary>Every account there is, with its owner, in the order of server, tenants, projects and keys.</summary>
    public IReadOnlyList<(AccountOwner Owner, CallerAccounts Accounts)> Accounts()
    {
        lock (_lock)
        {
            List<KeyFacts> keys = _store.Keys();
            _accounts.Begin(keys);
            return
            [
                (new(AccountScope.Server, "", ""), Of(ServerBudgets(), ServerLimits())),
                .. _store.Tenants().Select(t => (OwnerOf(t), Of(Budgets(t), Limits(t)))),
                .. _store.Projects().Select(p => (OwnerOf(p), Of(Budgets(p), Limits(p)))),
                .. keys.Where(static k => k.Enabled).Select(k => (OwnerOf(k), Of(Budgets(k), Limits(k)))),
            ];
        }
    }

    private KeyRing BuildRing()
    {
        Dictionary<string, Tenant> tenants = _store.Tenants().ToDictionary(static t => t.Id);
        Dictionary<(string, string), Project> projects = _store.Projects().ToDictionary(static p => (p.TenantId, p.Id));
        List<KeyFacts> keys = _store.Keys();
        _accounts.Begin(keys);
        Dictionary<string, Caller> callers = keys.ToDictionary(static k => k.Id, key =>
        {
            Tenant tenant = tenants[key.TenantId];
            Project? project = key.ProjectId.Length == 0 ? null : projects[(key.TenantId, key.ProjectId)];
            // The narrowest first: it is what a refused caller can do something about.
            return new Caller(key, project, tenant, new CallerAccounts(
                [.. Budgets(key), .. project is null ? [] : Budgets(project), .. Budgets(tenant), .. ServerBudgets()],
                [.. Limits(key), .. project is null ? [] : Limits(project), .. Limits(tenant), .. ServerLimits()]));
        });
        // Tenants and projects without keys have budgets too.
        foreach (Tenant tenant in tenants.Values) { _ = Of(Budgets(tenant), []); }
        foreach (Project project in projects.Values) { _ = Of(Budgets(project), []); }
        _ = Of(ServerBudgets(), []);
        _accounts.End();
        return new(_secret, _store.Secrets().Select(s =>
        {
            Caller caller = callers[s.KeyId];
            return (s.Hash, s.Expires < caller.Expires ? caller with { Expires = s.Expires } : caller);
        }));
    }

    private IEnumerable<BudgetEntry> Budgets(KeyFacts key) => _accounts.Budgets(OwnerOf(key), key.Name, key.Budgets);

    private IEnumerable<BudgetEntry> Budgets(Project project) => _accounts.Budgets(OwnerOf(project), project.Name, project.Budgets);

    private IEnumerable<BudgetEntry> Budgets(Tenant tenant) => _accounts.Budgets(OwnerOf(tenant), tenant.Name, tenant.Budgets);

    private IEnumerable<BudgetEntry> ServerBudgets() => _accounts.Budgets(new(AccountScope.Server, "", ""), "", _serverBudgets);

    private IEnumerable<RateEntry> Limits(KeyFacts key) => _accounts.Rates(OwnerOf(key), key.Name, key.Limits);

    private IEnumerable<RateEntry> Limits(Project project) => _accounts.Rates(OwnerOf(project), project.Name, project.Limits);

    private IEnumerable<RateEntry> Limits(Tenant tenant) => _accounts.Rates(OwnerOf(tenant), tenant.Name, tenant.Limits);

    private IEnumerable<RateEntry> ServerLimits() => _accounts.Rates(new(AccountScope.Server, "", ""), "", _serverLimits);

    private static CallerAccounts Of(IEnumerable<BudgetEntry> budgets, IEnumerable<RateEntry> rates) => new(budgets, rates);

    private static AccountOwner OwnerOf(KeyFacts key) => new(AccountScope.Key, key.TenantId, key.Id);

    private static AccountOwner OwnerOf(Project project) => new(AccountScope.Project, project.TenantId, project.Id);

    private static AccountOwner OwnerOf(Tenant tenant) => new(AccountScope.Tenant, tenant.Id, "");
}
