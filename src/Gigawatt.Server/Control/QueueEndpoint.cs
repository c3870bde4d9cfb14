using Gigawatt.Admission.Queues;
using Gigawatt.Server.Cell;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gigawatt.Server.Control;

/// <summary>Queues and cohorts over HTTP.</summary>
internal sealed class QueueEndpoint(CellDriver driver)
{
    public void Map(RouteGroupBuilder api) =>
        api.MapGet("/queues", ListAsync).WithName("listQueues").WithSummary("Queues and cohorts: quotas, what is used, borrowed and lent, and shares.").Produces<QueueList>();

    private async Task<IResult> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<QueueStanding> standings = await driver.AskAsync(static loop => QueueStanding.All(loop.State), cancellationToken);
        return Results.Json(new QueueList([.. standings.Select(View)]), ControlJson.Default.QueueList);
    }

    private static QueueView View(QueueStanding s) => new(
        s.Name, s.IsQueue ? "queue" : "cohort", s.Parent.Length > 0 ? s.Parent : null, s.Depth, s.Weight,
        double.IsFinite(s.Share) ? s.Share : null, s.Waiting, s.Active, [.. s.Quotas.Select(View)]);

    private static QuotaView View(QuotaStanding q) => new(
        q.AcceleratorType, q.NominalMilli / 1000.0, q.UsedMilli / 1000.0, q.BorrowedMilli / 1000.0, q.BorrowingLimitMilli / 1000.0,
        q.LentMilli / 1000.0, q.LendingLimitMilli / 1000.0, q.AvailableMilli / 1000.0);
}
