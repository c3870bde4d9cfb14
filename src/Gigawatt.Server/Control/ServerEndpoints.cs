using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Server.Cell;
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

/// <summary>The server itself and its fleet.</summary>
internal sealed class ServerEndpoints(
    CellDriver driver, IPlacementPolicy policy, ControlAccess access, ServerIdentity identity, TimeProvider time)
{
    private static readonly TimeSpan JoinTokenLife = TimeSpan.FromHours(24);

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/server", ShowAsync).WithName("server").WithSummary("The server: version, address, models, state hash.").Produces<ServerView>();
        api.MapGet("/fleet", FleetAsync).WithName("fleet").WithSummary("Groups of nodes with what they have and what is free.").Produces<FleetView>();
        api.MapPost("/nodes/{name}/release", ReleaseAsync).WithName("releaseNode").WithSummary("End the quarantine of a node that was lost again and again.")
            .Produces<GroupView>().Produces<ControlError>(403).Produces<ControlError>(404);
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
        FleetView view = await driver.AskAsync(loop => new FleetView(identity.FleetName, Groups(loop.State)), cancellationToken);
        return Results.Json(view, ControlJson.Default.FleetView);
    }

    private static List<GroupView> Groups(CellState cell)
    {
        FleetState fleet = cell.Fleet;
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
                (double)g.Accelerators * g.Nodes, acceleratorsFree / 1000.0, g.Execution == NodeExecution.Simulated ? "simulated" : "agent",
                g.Nodes == 1 ? cell.Quarantine.Explain(g.Name, cell.Now) : null));
        }

        return views;
    }

    private async Task<IResult> ReleaseAsync(HttpContext http, string name, CancellationToken cancellationToken)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("release nodes"); }
        if (await driver.AskAsync(loop => loop.State.Fleet.FindSingleNode(name), cancellationToken) < 0)
        {
            return ControlErrors.NotFound($"There is no node '{name}' that an agent serves. 'gw fleet' lists the nodes.");
        }

        await driver.ApplyAsync(new NodeReleased(name), cancellationToken);
        GroupView? node = await driver.AskAsync(loop => Groups(loop.State).Find(g => g.Name == name), cancellationToken);
        return Results.Json(node, ControlJson.Default.GroupView);
    }

    private IResult CreateJoinToken(HttpContext http)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("make join tokens"); }
        DateTimeOffset expires = time.GetUtcNow() + JoinTokenLife;
        return Results.Json(new JoinToken(access.CreateJoinToken(expires), expires), ControlJson.Default.JoinToken, statusCode: 201);
    }
}
