using Gigawatt.Server.Identity;
using Gigawatt.Tenants;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using Gigawatt.Workloads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gigawatt.Server.Control;

/// <summary>API keys over HTTP.</summary>
internal sealed class KeyEndpoints(Identities identities, TimeProvider time)
{
    private const long GraceSecondsMax = 365 * 86_400;

    public void Map(RouteGroupBuilder keys)
    {
        keys.MapPost("", CreateAsync).WithName("createKey").WithSummary("Make an API key; it is shown in this answer only.")
            .Accepts<KeyRequest>("application/json").Produces<KeyView>(201).Produces<ControlError>(400).Produces<ControlError>(403).Produces<ControlError>(404);
        keys.MapGet("", List).WithName("listKeys").WithSummary("API keys, without the keys themselves.").Produces<IReadOnlyList<KeyView>>();
        keys.MapPost("/{id}/rotate", RotateAsync).WithName("rotateKey").WithSummary("Give a key another secret; the old one is accepted for a while longer.")
            .Accepts<KeyRotation>("application/json").Produces<KeyView>().Produces<ControlError>(400).Produces<ControlError>(404);
        keys.MapPost("/{id}/revoke", Revoke).WithName("revokeKey").WithSummary("Stop accepting a key at once.").Produces<KeyView>().Produces<ControlError>(404);
    }

    private async Task<IResult> CreateAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("make keys"); }
        (KeyRequest? request, IResult? error) = await ControlErrors.ReadAsync(http.Request, ControlJson.Default.KeyRequest, cancellationToken);
        if (request is null) { return error!; }
        if (identities.Tenants().All(t => t.Id != request.Tenant)) { return TenantEndpoints.NoTenant(identities, request.Tenant); }
        if (request.Project is { } project && identities.Projects().All(p => p.TenantId != request.Tenant || p.Id != project))
        {
            return TenantEndpoints.NoProject(identities, request.Tenant, project);
        }

        var reader = new AllowanceReader();
        var facts = new KeyFacts
        {
            Id = "",
            TenantId = request.Tenant,
            ProjectId = request.Project ?? "",
            Name = reader.KeyName(request.Name),
            Expires = reader.Expiry(request.Expires, time),
            Models = reader.Models(request.Models),
            Routes = reader.Routes(request.Routes),
            Networks = reader.Networks(request.Addresses),
            Priority = Priorities.TryParse(request.Priority, out Priority priority) ? priority : reader.Wrong<Priority>($"priority must be one of {string.Join(", ", Priorities.Names)}; it is '{request.Priority}'"),
            Budgets = reader.Budgets(request.Budgets),
            Limits = reader.Limits(request.Limits),
        };
        if (reader.Error is { } wrong) { return wrong; }
        NewKey made = identities.CreateKey(facts, Actors.Operator);
        return Results.Json(IdentityAudit.View(made.Facts) with { ApiKey = made.Secret }, ControlJson.Default.KeyView, statusCode: 201);
    }

    private IResult List(HttpContext http)
    {
        IReadOnlyList<KeyView> views = [.. identities.Keys().Where(k => http.Caller().MayActFor(k.TenantId)).Select(IdentityAudit.View)];
        return Results.Json(views, ControlJson.Default.KeyViews);
    }

    private async Task<IResult> RotateAsync(HttpContext http, string id, CancellationToken cancellationToken)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("rotate keys"); }
        (KeyRotation? request, IResult? error) = await ControlErrors.ReadAsync(http.Request, ControlJson.Default.KeyRotation, cancellationToken);
        if (request is null) { return error!; }
        if (request.GraceSeconds is < 0 or > GraceSecondsMax) { return ControlErrors.BadRequest($"graceSeconds must be 0 to {GraceSecondsMax}; it is {request.GraceSeconds}."); }
        return identities.Rotate(id, Duration.FromSeconds(request.GraceSeconds), Actors.Operator) is { } made
            ? Results.Json(IdentityAudit.View(made.Facts) with { ApiKey = made.Secret }, ControlJson.Default.KeyView)
            : NoKey(id);
    }

    private IResult Revoke(HttpContext http, string id)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("revoke keys"); }
        return identities.Revoke(id, Actors.Operator)
            ? Results.Json(IdentityAudit.View(identities.Keys().First(k => k.Id == id)), ControlJson.Default.KeyView)
            : NoKey(id);
    }

    private static IResult NoKey(string id) => ControlErrors.NotFound($"There is no key '{id}' that is good. 'gw key list' lists the keys.");
}
