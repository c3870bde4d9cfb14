using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Twin.Rehearsals;

/// <summary>When an attempt of a job is expected to end.</summary>
internal static class ExpectedEnd
{
    /// <summary>The end of a job's current attempt, or <see cref="Instant.Never"/> when nothing bounds it. Never before <paramref name="now"/>.</summary>
    /// <param name="job">A job that holds capacity.</param>
    /// <param name="now">The present.</param>
    public static Instant Of(Job job, Instant now)
    {
        if (job.Spec.TimeLimit is not { } limit) { return Instant.Never; }
        Instant end = Began(job, now) + limit;
        return end > now ? end : now;
    }

    // The limit counts from when the last task reported that it runs.
    private static Instant Began(Job job, Instant now)
    {
        Instant began = Instant.Epoch;
        foreach (TaskState task in job.Tasks)
        {
            if (task.Started is not { } started) { return now; }
            began = started > began ? started : began;
        }

        return began;
    }
}
