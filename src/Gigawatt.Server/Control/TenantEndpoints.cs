using Gigawatt.Server.Identity;
using Gigawatt.Tenants;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gigawatt.Server.Control;

/// <summary>Tenants, projects, and the trail of changes over HTTP.</summary>
internal sealed class TenantEndpoints(Identities identities)
{
    private const int AuditDefault = 100;
    private const int AuditMax = 10_000;

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/tenants", ListTenants).WithName("listTenants").WithSummary("Tenants with their budgets and limits.").Produces<IReadOnlyList<TenantView>>();
        api.MapPost("/tenants", CreateTenantAsync).WithName("createTenant").WithSummary("Make a tenant.")
            .Accepts<TenantRequest>("application/json").Produces<TenantView>(201).Produces<ControlError>(400).Produces<ControlError>(409);
        api.MapGet("/tenants/{name}", ShowTenant).WithName("showTenant").WithSummary("One tenant.").Produces<TenantView>().Produces<ControlError>(404);
        api.MapPost("/tenants/{name}/disable", (HttpContext http, string name) => Enable(http, name, enabled: false)).WithName("disableTenant")
            .WithSummary("Stop accepting a tenant's keys at once.").Produces<TenantView>().Produces<ControlError>(404).Produces<ControlError>(409);
        api.MapPost("/tenants/{name}/enable", (HttpContext http, string name) => Enable(http, name, enabled: true)).WithName("enableTenant")
            .WithSummary("Accept a tenant's keys again.").Produces<TenantView>().Produces<ControlError>(404).Produces<ControlError>(409);
        api.MapGet("/projects", ListProjects).WithName("listProjects").WithSummary("Projects with their budgets and limits.").Produces<IReadOnlyList<ProjectView>>();
        api.MapPost("/projects", CreateProjectAsync).WithName("createProject").WithSummary("Make a project of a tenant.")
            .Accepts<ProjectRequest>("application/json").Produces<ProjectView>(201).Produces<ControlError>(400).Produces<ControlError>(404).Produces<ControlError>(409);
        api.MapPost("/projects/{tenant}/{name}/disable", (HttpContext http, string tenant, string name) => Enable(http, tenant, name, enabled: false))
            .WithName("disableProject").WithSummary("Stop accepting a project's keys at once.").Produces<ProjectView>().Produces<ControlError>(404).Produces<ControlError>(409);
        api.MapPost("/projects/{tenant}/{name}/enable", (HttpContext http, string tenant, string name) => Enable(http, tenant, name, enabled: true))
            .WithName("enableProject").WithSummary("Accept a project's keys again.").Produces<ProjectView>().Produces<ControlError>(404).Produces<ControlError>(409);
        api.MapGet("/audit", Audit).WithName("audit").WithSummary("Who changed tenants, projects, keys and budgets, newest first.").Produces<IReadOnlyList<AuditView>>();
    }

    public static IResult NoTenant(Identities identities, string tenant) =>
        ControlErrors.NotFound($"There is no tenant '{tenant}'; there are {string.Join(", ", identities.Tenants().Select(static t => t.Id))}.");

    public static IResult NoProject(Identities identities, string tenant, string project)
    {
        string[] there = [.. identities.Projects().Where(p => p.TenantId == tenant).Select(static p => p.Id)];
        return ControlErrors.NotFound($"Tenant '{tenant}' has no project '{project}'; {(there.Length == 0 ? "it has none" : $"it has {string.Join(", ", there)}")}.");
    }

    public static IResult InConfig(string what) =>
        ControlErrors.Conflict($"{what} stands in the server's config file, which decides what it is. Change it there, or take it out of the file first.");

    private IResult ListTenants(HttpContext http)
    {
        IReadOnlyList<TenantView> views = [.. identities.Tenants().Where(t => http.Caller().MayActFor(t.Id)).Select(IdentityAudit.View)];
        return Results.Json(views, ControlJson.Default.TenantViews);
    }

    private IResult ShowTenant(HttpContext http, string name)
    {
        // Who may not see a tenant is not told whether it is there.
        Tenant? tenant = identities.Tenants().FirstOrDefault(t => t.Id == name && http.Caller().MayActFor(t.Id));
        if (tenant is not null) { return Results.Json(IdentityAudit.View(tenant), ControlJson.Default.TenantView); }
        return http.Caller().IsOperator ? NoTenant(identities, name) : ControlErrors.Forbidden($"This key belongs to tenant '{http.Caller().Tenant}'.");
    }

    private async Task<IResult> CreateTenantAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("make tenants"); }
        (TenantRequest? request, IResult? error) = await ControlErrors.ReadAsync(http.Request, ControlJson.Default.TenantRequest, cancellationToken);
        if (request is null) { return error!; }
        var reader = new AllowanceReader();
        string name = reader.Name(request.Name);
        var tenant = new Tenant { Id = name, Name = name, Models = reader.Models(request.Models), Budgets = reader.Budgets(request.Budgets), Limits = reader.Limits(request.Limits) };
        if (reader.Error is { } wrong) { return wrong; }
        if (identities.Tenants().Any(t => t.Id == name)) { return ControlErrors.Conflict($"There is a tenant '{name}' already. 'gw budget set' changes its budgets."); }
        identities.Save(tenant, Actors.Operator);
        return Results.Json(IdentityAudit.View(tenant), ControlJson.Default.TenantView, statusCode: 201);
    }

    private IResult Enable(HttpContext http, string name, bool enabled)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("change tenants"); }
        if (identities.Tenants().FirstOrDefault(t => t.Id == name) is not { } tenant) { return NoTenant(identities, name); }
        if (tenant.FromConfig) { return InConfig($"Tenant '{name}'"); }
        Tenant changed = tenant with { Enabled = enabled };
        identities.Save(changed, Actors.Operator);
        return Results.Json(IdentityAudit.View(changed), ControlJson.Default.TenantView);
    }

    private IResult ListProjects(HttpContext http, string? tenant)
    {
        IReadOnlyList<ProjectView> views =
            [.. identities.Projects().Where(p => http.Caller().MayActFor(p.TenantId) && (tenant is null || p.TenantId == tenant)).Select(IdentityAudit.View)];
        return Results.Json(views, ControlJson.Default.ProjectViews);
    }

    private async Task<IResult> CreateProjectAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("make projects"); }
        (ProjectRequest? request, IResult? error) = await ControlErrors.ReadAsync(http.Request, ControlJson.Default.ProjectRequest, cancellationToken);
        if (request is null) { return error!; }
        var reader = new AllowanceReader();
        string name = reader.Name(request.Name);
        var project = new Project
        {
            TenantId = request.Tenant,
            Id = name,
            Name = name,
            Models = reader.Models(request.Models),
            Budgets = reader.Budgets(request.Budgets),
            Limits = reader.Limits(request.Limits),
        };
        if (reader.Error is { } wrong) { return wrong; }
        if (identities.Tenants().All(t => t.Id != request.Tenant)) { return NoTenant(identities, request.Tenant); }
        if (identities.Projects().Any(p => p.TenantId == request.Tenant && p.Id == name))
        {
            return ControlErrors.Conflict($"Tenant '{request.Tenant}' has a project '{name}' already. 'gw budget set' changes its budgets.");
        }

        identities.Save(project, Actors.Operator);
        return Results.Json(IdentityAudit.View(project), ControlJson.Default.ProjectView, statusCode: 201);
    }

    private IResult Enable(HttpContext http, string tenant, string name, bool enabled)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("change projects"); }
        if (identities.Projects().FirstOrDefault(p => p.TenantId == tenant && p.Id == name) is not { } project) { return NoProject(identities, tenant, name); }
        if (project.FromConfig) { return InConfig($"Project '{name}'"); }
        Project changed = project with { Enabled = enabled };
        identities.Save(changed, Actors.Operator);
        return Results.Json(IdentityAudit.View(changed), ControlJson.Default.ProjectView);
    }

    private IResult Audit(HttpContext http, int? limit)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("see the trail of changes"); }
        if (limit is < 1 or > AuditMax) { return ControlErrors.BadRequest($"limit must be 1 to {AuditMax}; it is {limit}."); }
        IReadOnlyList<AuditView> views =
            [.. identities.Audit(limit ?? AuditDefault).Select(static e => new AuditView(e.Number, e.At.ToDateTimeOffset(), e.Actor, e.Action, e.Subject, e.Before, e.After))];
        return Results.Json(views, ControlJson.Default.AuditViews);
    }
}
