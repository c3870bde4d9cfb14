using Gigawatt.Placement;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Rehearsals;

/// <summary>A job as it fares without and with the changes.</summary>
/// <param name="JobId">The job; one that was submitted by a change has the number it would get.</param>
/// <param name="Name">Its name.</param>
/// <param name="Start">When it starts as things are; null when it does not, or is not there.</param>
/// <param name="StartThen">When it starts with the changes; null when it does not.</param>
/// <param name="Stopped">Whether the changes stop it and queue it again.</param>
/// <param name="IsNew">Whether the changes submit it.</param>
public sealed record JobDifference(long JobId, string Name, Instant? Start, Instant? StartThen, bool Stopped, bool IsNew);

/// <summary>How a cell fares up to the horizon.</summary>
/// <param name="Started">Jobs that start.</param>
/// <param name="Waiting">Jobs that still wait at the horizon.</param>
/// <param name="MeanWaitSeconds">Mean time from now to the start of those that start; 0 when none does.</param>
/// <param name="AcceleratorHours">Accelerator-hours held.</param>
/// <param name="AcceleratorHoursAvailable">Accelerator-hours that the fleet has, at its size after the changes.</param>
public sealed record Outlook(int Started, int Waiting, double MeanWaitSeconds, double AcceleratorHours, double AcceleratorHoursAvailable);

/// <summary>What changes would do: the cell run ahead twice from the same instant, as it is and changed.</summary>
/// <param name="From">The instant.</param>
/// <param name="Horizon">How far was looked.</param>
/// <param name="AsItIs">Without the changes.</param>
/// <param name="Changed">With them.</param>
/// <param name="Differences">Jobs that fare differently, and those that the changes submit, by number.</param>
/// <param name="EndlessJobs">Jobs with no time limit, which were taken to run on.</param>
public sealed record WhatIf(
    Instant From, Instant Horizon, Outlook AsItIs, Outlook Changed, IReadOnlyList<JobDifference> Differences, int EndlessJobs)
{
    /// <summary>Runs two copies of a cell ahead.</summary>
    /// <param name="snapshot">From <see cref="Journal.Snapshot.Save"/>.</param>
    /// <param name="newPolicy">Makes a placement policy for each copy.</param>
    /// <param name="now">The present.</param>
    /// <param name="changes">What is changed, in order.</param>
    /// <param name="span">How far to look.</param>
    /// <param name="problems">What is wrong with the changes; when there is anything, the answer is null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static WhatIf? Of(
        ReadOnlySpan<byte> snapshot, Func<IPlacementPolicy> newPolicy, Instant now, IReadOnlyList<Change> changes, Duration span,
        out IReadOnlyList<string> problems, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(newPolicy);
        ArgumentNullException.ThrowIfNull(changes);
        var changed = Rehearsal.Of(snapshot, newPolicy(), now);
        long firstNew = changed.State.Jobs.NextId;
        var before = changed.State.Jobs.InOrder().Where(static j => j.Phase.HoldsCapacity()).Select(static j => (j.Id, j.Attempt)).ToList();
        problems = [.. changes.Select(change => Changes.Make(changed, change)).OfType<string>()];
        if (problems.Count > 0) { return null; }

        // A job loses its place at once, but its attempt is over only when its last task is.
        HashSet<long> stopped = [.. before.Where(b => changed.State.Jobs.Find(b.Id) is { } j && j.Attempt == b.Attempt && Lost(j)).Select(static b => b.Id)];
        var asItIs = Rehearsal.Of(snapshot, newPolicy(), now);
        Instant horizon = asItIs.Begins + span;
        asItIs.RunTo(horizon, untilStarted: 0, cancellationToken);
        changed.RunTo(horizon, untilStarted: 0, cancellationToken);
        return new(asItIs.Begins, horizon, OutlookOf(asItIs, span), OutlookOf(changed, span),
            Compare(asItIs, changed, stopped, firstNew), changed.EndlessJobs);
    }

    private static bool Lost(Job job) => job.StopCause == StopCause.AgentFailed || job.Phase is JobPhase.Queued or JobPhase.Failed;

    private static Outlook OutlookOf(Rehearsal rehearsal, Duration span)
    {
        List<double> waits = [.. rehearsal.Starts.Values.Select(start => (start - rehearsal.Begins).Seconds)];
        return new(
            waits.Count,
            rehearsal.State.Jobs.InOrder().Count(static j => j.Phase == JobPhase.Queued),
            waits.Count == 0 ? 0 : waits.Average(),
            rehearsal.HeldAcceleratorHours,
            rehearsal.State.Fleet.AcceleratorCapacityMilli / 1000.0 * span.Seconds / 3600);
    }

    private static List<JobDifference> Compare(Rehearsal asItIs, Rehearsal changed, HashSet<long> stopped, long firstNew)
    {
        var differences = new List<JobDifference>();
        foreach (long id in asItIs.Starts.Keys.Concat(changed.Starts.Keys).Concat(stopped)
            .Concat(changed.State.Jobs.InOrder().Select(static j => j.Id).Where(id => id >= firstNew)).Distinct().Order())
        {
            Instant? start = asItIs.Starts.TryGetValue(id, out Instant s) ? s : null;
            Instant? then = changed.Starts.TryGetValue(id, out Instant t) ? t : null;
            if (start == then && id < firstNew && !stopped.Contains(id)) { continue; }
            string name = (changed.State.Jobs.Find(id) ?? asItIs.State.Jobs.Find(id))?.Spec.Name ?? "";
            differences.Add(new(id, name, start, then, stopped.Contains(id), id >= firstNew));
        }

        return differences;
    }
}
