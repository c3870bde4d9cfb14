using Gigawatt.Workloads;

namespace Gigawatt.Execution;

/// <summary>A task that ended in this step.</summary>
/// <param name="Job">Its job.</param>
/// <param name="Attempt">The attempt it belonged to.</param>
/// <param name="Rank">Its place in the gang.</param>
/// <param name="Reading">What was measured of it.</param>
/// <param name="Outcome">How it ended, in the ledger's words.</param>
internal readonly record struct EndedTask(Job Job, int Attempt, int Rank, TaskReading Reading, string Outcome);

/// <summary>What one stage of a step hands to the next. The lists are used again in every step.</summary>
internal sealed class StepWork
{
    /// <summary>Jobs that got their places.</summary>
    public List<Job> Placed { get; } = [];

    /// <summary>Jobs whose tasks are to be stopped.</summary>
    public List<Job> Stopping { get; } = [];

    /// <summary>Tasks that ended.</summary>
    public List<EndedTask> EndedTasks { get; } = [];

    /// <summary>Jobs that ended.</summary>
    public List<Job> EndedJobs { get; } = [];

    public void Clear()
    {
        Placed.Clear();
        Stopping.Clear();
        EndedTasks.Clear();
        EndedJobs.Clear();
    }
}
