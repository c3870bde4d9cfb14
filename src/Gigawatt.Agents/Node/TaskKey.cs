using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Gigawatt.Agents.Node;

/// <summary>Names one task: one process group of one attempt of one job. A key is used once and never again.</summary>
/// <param name="Job">The job's number, zero or more.</param>
/// <param name="Attempt">Which try of the job this is, zero or more. A requeued job comes back with a new attempt.</param>
/// <param name="Rank">The task's place in its gang, zero or more; zero for a job of one task.</param>
public readonly record struct TaskKey(long Job, int Attempt, int Rank) : IComparable<TaskKey>
{
    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <returns>False when the text is anything else, negative numbers and leading zeros included.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out TaskKey key)
    {
        key = default;
        if (text?.Split('-') is not [string job, string attempt, string rank]
            || !long.TryParse(job, NumberStyles.None, CultureInfo.InvariantCulture, out long parsedJob)
            || !int.TryParse(attempt, NumberStyles.None, CultureInfo.InvariantCulture, out int parsedAttempt)
            || !int.TryParse(rank, NumberStyles.None, CultureInfo.InvariantCulture, out int parsedRank))
        {
            return false;
        }

        key = new(parsedJob, parsedAttempt, parsedRank);
        return key.ToString() == text;
    }

    /// <inheritdoc/>
    public int CompareTo(TaskKey other) => (Job, Attempt, Rank).CompareTo((other.Job, other.Attempt, other.Rank));

    /// <summary>Earlier in the order of job, attempt, rank.</summary>
    public static bool operator <(TaskKey left, TaskKey right) => left.CompareTo(right) < 0;

    /// <summary>Later in the order of job, attempt, rank.</summary>
    public static bool operator >(TaskKey left, TaskKey right) => left.CompareTo(right) > 0;

    /// <summary>Not later.</summary>
    public static bool operator <=(TaskKey left, TaskKey right) => left.CompareTo(right) <= 0;

    /// <summary>Not earlier.</summary>
    public static bool operator >=(TaskKey left, TaskKey right) => left.CompareTo(right) >= 0;

    /// <summary><c>job-attempt-rank</c>, which is also the name of the task's folder and log.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Job}-{Attempt}-{Rank}");
}
