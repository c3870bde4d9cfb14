using System.Globalization;
using Gigawatt.Server.Cell;
using Gigawatt.Server.Remote;
using Gigawatt.Server.Tasks;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaskKey = Gigawatt.Agents.Node.TaskKey;

namespace Gigawatt.Server.Control;

/// <summary>What joined nodes are taken to draw and cost where their agent does not say: as this machine.</summary>
/// <param name="Site">Index of the site they count for.</param>
/// <param name="PerCore">Power of a busy core.</param>
/// <param name="CorePerHour">Price of a core for an hour.</param>
internal sealed record JoinDefaults(int Site, Watts PerCore, Usd CorePerHour);

/// <summary>Agents of other machines over HTTP: join, sync, output.</summary>
internal sealed class AgentEndpoints(CellDriver driver, RemoteNodes nodes, TaskLogs logs, ControlAccess access, JoinDefaults defaults)
{
    private const int PieceMax = 1 << 20;

    public void Map(RouteGroupBuilder agents)
    {
        agents.MapPost("/join", JoinAsync).WithName("joinAgent").WithSummary("An agent joins with a join token and gets its own secret.")
            .Accepts<AgentJoin>("application/json").Produces<AgentJoined>().Produces<ControlError>(401);
        agents.MapPost("/sync", SyncAsync).WithName("syncAgent").WithSummary("An agent tells its tasks and gets its orders; held up to ten seconds when there are none.")
            .Accepts<AgentSync>("application/json").Produces<AgentOrders>().Produces<ControlError>(401).Produces<ControlError>(409);
        agents.MapPost("/output/{task}", OutputAsync).WithName("taskOutput").WithSummary("A piece of a task's output; answers how much is stored.")
            .Accepts<byte[]>("application/octet-stream").Produces<long>(200, "text/plain").Produces<ControlError>(401);
    }

    private async Task<IResult> JoinAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (!access.MayJoin(http.Request))
        {
            return ControlErrors.Of(401, "unauthorized", "Joining needs a join token that has not ended. 'gw join-token' makes one.");
        }

        (AgentJoin? join, IResult? error) = await ControlErrors.ReadAsync(http.Request, ControlJson.Default.AgentJoin, cancellationToken);
        if (join is null) { return error!; }
        if (Objection(join) is { } objection) { return ControlErrors.BadRequest(objection); }
        if (!await driver.AskAsync(loop => IsFree(loop, join.Name), cancellationToken))
        {
            return ControlErrors.Of(409, "name_taken", $"The fleet has a node or group called '{join.Name}' that is not an agent's. Choose another with --name.");
        }

        await nodes.JoinAsync(driver, join, defaults.Site, defaults.PerCore, defaults.CorePerHour, cancellationToken);
        return Results.Json(new AgentJoined(join.Name, access.AgentSecret(join.Name), nodes.Lease.TotalSeconds), ControlJson.Default.AgentJoined);
    }

    private async Task<IResult> SyncAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (access.FindAgent(http.Request) is not { } node) { return UnknownAgent(); }
        (AgentSync? sync, IResult? error) = await ControlErrors.ReadAsync(http.Request, ControlJson.Default.AgentSync, cancellationToken);
        if (sync is null) { return error!; }
        AgentOrders? orders = await nodes.SyncAsync(driver, node, sync, cancellationToken);
        return orders is null ? ControlErrors.JoinAgain(node) : Results.Json(orders, ControlJson.Default.AgentOrders);
    }

    private async Task<IResult> OutputAsync(HttpContext http, string task, long offset, CancellationToken cancellationToken)
    {
        if (access.FindAgent(http.Request) is not { } node) { return UnknownAgent(); }
        if (!TaskKey.TryParse(task, out TaskKey key) || offset < 0) { return ControlErrors.BadRequest("The path must end in JOB-ATTEMPT-RANK and offset must not be negative."); }
        if (!await driver.AskAsync(loop => RunsOn(loop, key, node), cancellationToken)) { return ControlErrors.NotFound($"Task {task} was not given to {node}."); }
        using var piece = new MemoryStream();
        byte[] buffer = new byte[64 << 10];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (piece.Length + read > PieceMax) { return ControlErrors.Of(413, "too_large", $"A piece of output has at most {PieceMax} bytes."); }
            piece.Write(buffer, 0, read);
        }

        long stored = logs.Store(key, offset, piece.GetBuffer().AsSpan(0, (int)piece.Length));
        return Results.Text(stored.ToString(CultureInfo.InvariantCulture));
    }

    private static bool IsFree(ControlLoop loop, string name) =>
        loop.State.Fleet.JoinedByAgent(name) || !loop.State.Fleet.Groups.Where((_, i) =>
            loop.State.Fleet.StatusOf(loop.State.Fleet.FirstNodeOf(i)) != Fleet.NodeStatus.Removed).Any(g => g.Name == name);

    private static bool RunsOn(ControlLoop loop, TaskKey key, string node) =>
        loop.State.Jobs.Find(key.Job) is { } job && key.Attempt <= job.Attempt && key.Rank < job.Tasks.Count
        && (key.Attempt < job.Attempt || loop.State.Fleet.NameOf(job.Tasks[key.Rank].Placement.Node) == node);

    private static string? Objection(AgentJoin join) => join switch
    {
        { Name.Length: 0 or > 100 } => "name must have 1 to 100 characters.",
        _ when join.Name.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')) => "name may hold letters, digits, '-', '.' and '_'.",
        { CpuMilli: <= 0 } => "cpuMilli must be above 0.",
        { MemoryMib: < 0 } => "memoryMib must not be negative.",
        { Accelerators: < 0 or > 64 } => "accelerators must be 0 to 64.",
        { Accelerators: > 0, AcceleratorType: null or "" } => "acceleratorType must be named where there are accelerators.",
        _ => null,
    };

    private static IResult UnknownAgent() => ControlErrors.Of(401, "unauthorized", "This is not the secret of an agent of this server. Join first.");
}
