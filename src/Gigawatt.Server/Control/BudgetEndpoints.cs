using Gigawatt.Admission;
using Gigawatt.Server.Identity;
using Gigawatt.Tenants;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gigawatt.Server.Control;

/// <summary>Budgets and what is used of them over HTTP.</summary>
internal sealed class BudgetEndpoints(Identities identities, TimeProvider time)
{
    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/budgets", List).WithName("listBudgets").WithSummary("Every budget with what is spent and reserved of it.").Produces<IReadOnlyList<BudgetView>>();
        api.MapPut("/budgets", SetAsync).WithName("setBudgets").WithSummary("Put budgets and limits in the place of those that a key, project or tenant has.")
            .Accepts<BudgetChange>("application/json").Produces<IReadOnlyList<BudgetView>>().Produces<ControlError>(400).Produces<ControlError>(404).Produces<ControlError>(409);
    }

    private IResult List(HttpContext http, string? tenant) => Results.Json(
        Views(owner => tenant is null || owner.Tenant == tenant, http.Caller()), ControlJson.Default.BudgetViews);

    private async Task<IResult> SetAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("set budgets"); }
        (BudgetChange? request, IResult? error) = await ControlErrors.ReadAsync(http.Request, ControlJson.Default.BudgetChange, cancellationToken);
        if (request is null) { return error!; }
        var reader = new AllowanceReader();
        IReadOnlyList<BudgetLimit>? budgets = request.Budgets is null ? null : reader.Budgets(request.Budgets);
        IReadOnlyList<RateLimit>? limits = request.Limits is null ? null : reader.Limits(request.Limits);
        if (reader.Error is { } wrong) { return wrong; }
        if (budgets is null && limits is null) { return ControlErrors.BadRequest("Give budgets, limits or both; an empty list takes all away."); }
        return request switch
        {
            { Key: { } key, Tenant: null, Project: null } => SetOfKey(http, key, budgets, limits),
            { Tenant: { } tenant, Project: { } project, Key: null } => SetOfProject(http, tenant, project, budgets, limits),
            { Tenant: { } tenant, Key: null } => SetOfTenant(http, tenant, budgets, limits),
            _ => ControlErrors.BadRequest("Say whose they are: key, or tenant, or tenant and project. Those of the server stand in its config file."),
        };
    }

    private IResult SetOfKey(HttpContext http, string key, IReadOnlyList<BudgetLimit>? budgets, IReadOnlyList<RateLimit>? limits) =>
        identities.Change(key, k => k with { Budgets = budgets ?? k.Budgets, Limits = limits ?? k.Limits }, Actors.Operator)
            ? Changed(http, o => o.Scope == AccountScope.Key && o.Id == key)
            : ControlErrors.NotFound($"There is no key '{key}'. 'gw key list' lists the keys.");

    private IResult SetOfProject(HttpContext http, string tenant, string id, IReadOnlyList<BudgetLimit>? budgets, IReadOnlyList<RateLimit>? limits)
    {
        if (identities.Projects().FirstOrDefault(p => p.TenantId == tenant && p.Id == id) is not { } project) { return TenantEndpoints.NoProject(identities, tenant, id); }
        if (project.FromConfig) { return TenantEndpoints.InConfig($"Project '{id}'"); }
        identities.Save(project with { Budgets = budgets ?? project.Budgets, Limits = limits ?? project.Limits }, Actors.Operator);
        return Changed(http, o => o.Scope == AccountScope.Project && o.Tenant == tenant && o.Id == id);
    }

    private IResult SetOfTenant(HttpContext http, string id, IReadOnlyList<BudgetLimit>? budgets, IReadOnlyList<RateLimit>? limits)
    {
        if (identities.Tenants().FirstOrDefault(t => t.Id == id) is not { } tenant) { return TenantEndpoints.NoTenant(identities, id); }
        if (tenant.FromConfig) { return TenantEndpoints.InConfig($"Tenant '{id}'"); }
        identities.Save(tenant with { Budgets = budgets ?? tenant.Budgets, Limits = limits ?? tenant.Limits }, Actors.Operator);
        return Changed(http, o => o.Scope == AccountScope.Tenant && o.Tenant == id);
    }

    private IResult Changed(HttpContext http, Func<AccountOwner, bool> which) => Results.Json(Views(which, http.Caller()), ControlJson.Default.BudgetViews);

    private IReadOnlyList<BudgetView> Views(Func<AccountOwner, bool> which, ControlCaller caller)
    {
        Instant now = Instant.From(time.GetUtcNow());
        bool Sees(AccountOwner owner) => owner.Scope == AccountScope.Server ? caller.IsOperator : caller.MayActFor(owner.Tenant);
        return
        [
            .. identities.Accounts().Where(a => Sees(a.Owner) && which(a.Owner))
                .SelectMany(a => a.Accounts.Budgets.Select(b => View(a.Owner, b.Account, now))),
        ];
    }

    private static BudgetView View(AccountOwner owner, BudgetAccount account, Instant now)
    {
        BudgetLimit limit = account.Limit;
        (long committed, Instant end) = account.At(now);
        (string unit, decimal size) = limit.Unit switch
        {
            BudgetUnit.Dollars => ("usd", 1_000_000m),
            BudgetUnit.Tokens => ("tokens", 1m),
            BudgetUnit.Joules => ("joules", 1_000m),
            _ => ("gCO2e", 1_000_000m),
        };
        string scope = owner.Scope switch
        {
            AccountScope.Key => "key",
            AccountScope.Project => "project",
            AccountScope.Tenant => "tenant",
            _ => "server",
        };
        return new BudgetView(scope, owner.Tenant, owner.Id, limit.ToString(), unit, limit.Amount / size, committed / size,
            Math.Max(0, limit.Amount - committed) / size, end == Instant.Never ? null : end.ToDateTimeOffset());
    }
}
