using Gigawatt.Placement;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Rehearsals;

/// <summary>When a waiting job is expected to start, and after whom.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Start">When it starts; null when it does not within the horizon.</param>
/// <param name="Horizon">How far was looked.</param>
/// <param name="After">Jobs that end before it and whose nodes it gets, in the order of their ends.</param>
/// <param name="EndlessJobs">Jobs that run with no time limit and were taken to run on.</param>
public sealed record StartForecast(long JobId, Instant? Start, Instant Horizon, IReadOnlyList<FreedRoom> After, int EndlessJobs)
{
    /// <summary>How far ahead is looked unless told.</summary>
    public static readonly Duration DefaultHorizon = Duration.FromSeconds(30L * 86_400);

    /// <summary>Runs a copy of a cell until a job starts.</summary>
    /// <param name="snapshot">From <see cref="Journal.Snapshot.Save"/>.</param>
    /// <param name="policy">A placement policy that no other loop uses.</param>
    /// <param name="now">The present.</param>
    /// <param name="jobId">A queued job.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static StartForecast Of(ReadOnlySpan<byte> snapshot, IPlacementPolicy policy, Instant now, long jobId, CancellationToken cancellationToken)
    {
        var rehearsal = Rehearsal.Of(snapshot, policy, now);
        Instant horizon = rehearsal.Begins + DefaultHorizon;
        rehearsal.RunTo(horizon, jobId, cancellationToken);
        if (!rehearsal.Starts.TryGetValue(jobId, out Instant start)) { return new(jobId, null, horizon, [], rehearsal.EndlessJobs); }
        HashSet<int> nodes = [.. rehearsal.State.Jobs.Find(jobId) is { } job ? job.Tasks.Select(static t => t.Placement.Node) : []];
        return new(jobId, start, horizon, [.. rehearsal.Freed.Where(f => f.Nodes.Any(nodes.Contains))], rehearsal.EndlessJobs);
    }
}
