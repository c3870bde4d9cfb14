using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Server.Cell;
using Gigawatt.Server.Identity;
using Gigawatt.Tenants;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gigawatt.Server.Control;

/// <summary>What the server tells of itself.</summary>
/// <param name="Url">Where it listens.</param>
/// <param name="DataFolder">Where it keeps its state.</param>
/// <param name="FleetName">The fleet's name.</param>
/// <param name="Models">Models that can be asked for now.</param>
internal sealed record ServerIdentity(Func<string> Url, string DataFolder, string FleetName, Func<IReadOnlyList<string>> Models);

/// <summary>The server itself, its fleet, its keys.</summary>
internal sealed class ServerEndpoints(
    CellDriver driver, IPlacementPolicy policy, ControlAccess access, Identities identities, ServerIdentity identity, TimeProvider time)
{
    private static readonly TimeSpan JoinTokenLife = TimeSpan.FromHours(24);

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/server", ShowAsync).WithName("server").WithSummary("The server: version, address, models, state hash.").Produces<ServerView>();
        api.MapGet("/fleet", FleetAsync).WithName("fleet").WithSummary("Groups of nodes with what they have and what is free.").Produces<FleetView>();
        api.MapPost("/keys", CreateKeyAsync).WithName("createKey").WithSummary("Make an API key; it is shown in this answer only.")
            .Accepts<KeyRequest>("application/json").Produces<KeyView>(201).Produces<ControlError>(403);
        api.MapGet("/keys", ListKeys).WithName("listKeys").WithSummary("API keys, without the keys themselves.").Produces<IReadOnlyList<KeyView>>();
        api.MapPost("/keys/{id}/revoke", RevokeKey).WithName("revokeKey").WithSummary("Stop accepting a key at once.").Produces<KeyView>().Produces<ControlError>(404);
        api.MapPost("/join-tokens", CreateJoinToken).WithName("createJoinToken").WithSummary("A token with which agents may join for a day.")
            .Produces<JoinToken>(201).Produces<ControlError>(403);
    }

    private async Task<IResult> ShowAsync(CancellationToken cancellationToken)
    {
        (string hash, long events) = await driver.AskAsync(static loop => (loop.State.Hash.ToString(), loop.State.Steps), cancellationToken);
        return Results.Json(
            new ServerView(Hosting.Product.Version, identity.Url(), identity.DataFolder, identity.FleetName, policy.Name, identity.Models(), hash, events),
            ControlJson.Default.ServerView);
    }

    private async Task<IResult> FleetAsync(CancellationToken cancellationToken)
    {
        FleetView view = await driver.AskAsync(loop => new FleetView(identity.FleetName, Groups(loop.State.Fleet)), cancellationToken);
        return Results.Json(view, ControlJson.Default.FleetView);
    }

    private static List<GroupView> Groups(FleetState fleet)
    {
        var views = new List<GroupView>();
        for (int group = 0; group < fleet.Groups.Count; group++)
        {
            NodeGroup g = fleet.Groups[group];
            int first = fleet.FirstNodeOf(group), up = 0;
            if (fleet.StatusOf(first) == NodeStatus.Removed) { continue; }
            long cpuFree = 0, acceleratorsFree = 0;
            for (int node = first; node < first + g.Nodes; node++)
            {
                if (fleet.StatusOf(node) != NodeStatus.Up) { continue; }
                up++;
                cpuFree += fleet.CpuFreeMilli(node);
                foreach (ushort free in fleet.AcceleratorsFreeMilli(node)) { acceleratorsFree += free; }
            }

            views.Add(new GroupView(
                g.Name, fleet.Sites[g.Site].Name, g.Nodes, up, (double)g.CpuMilli * g.Nodes / 1000, cpuFree / 1000.0,
                g.AcceleratorType < 0 ? null : fleet.AcceleratorTypes[g.AcceleratorType].Name,
                (double)g.Accelerators * g.Nodes, acceleratorsFree / 1000.0, g.Execution == NodeExecution.Simulated ? "simulated" : "agent"));
        }

        return views;
    }

    private async Task<IResult> CreateKeyAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (!http.Caller().IsOperator) { return OperatorOnly("make keys"); }
        (KeyRequest? request, IResult? error) = await ControlErrors.ReadAsync(http.Request, ControlJson.Default.KeyRequest, cancellationToken);
        if (request is null) { return error!; }
        if (identities.Tenants().All(t => t.Id != request.Tenant))
        {
            return ControlErrors.NotFound($"There is no tenant '{request.Tenant}'; there are {string.Join(", ", identities.Tenants().Select(t => t.Id))}.");
        }

        NewKey made = identities.CreateKey(new KeyFacts { Id = "", TenantId = request.Tenant, Name = request.Name });
        return Results.Json(ToView(made.Facts) with { ApiKey = made.Secret }, ControlJson.Default.KeyView, statusCode: 201);
    }

    private IResult ListKeys(HttpContext http)
    {
        IReadOnlyList<KeyView> views = [.. identities.Keys().Where(k => http.Caller().MayActFor(k.TenantId)).Select(ToView)];
        return Results.Json(views, ControlJson.Default.KeyViews);
    }

    private IResult RevokeKey(HttpContext http, string id)
    {
        if (!http.Caller().IsOperator) { return OperatorOnly("revoke keys"); }
        return identities.Revoke(id)
            ? Results.Json(ToView(identities.Keys().First(k => k.Id == id)), ControlJson.Default.KeyView)
            : ControlErrors.NotFound($"There is no key '{id}'. 'gw key list' lists the keys.");
    }

    private IResult CreateJoinToken(HttpContext http)
    {
        if (!http.Caller().IsOperator) { return OperatorOnly("make join tokens"); }
        DateTimeOffset expires = time.GetUtcNow() + JoinTokenLife;
        return Results.Json(new JoinToken(access.CreateJoinToken(expires), expires), ControlJson.Default.JoinToken, statusCode: 201);
    }

    private static KeyView ToView(KeyFacts key) => new(key.Id, key.TenantId, key.Name, key.Enabled, null);

    private static IResult OperatorOnly(string what) =>
        ControlErrors.Forbidden($"Only the operator can {what}: use the token from server.json in the data folder, not an API key.");
}
