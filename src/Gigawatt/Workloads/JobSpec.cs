using Gigawatt.Units;

namespace Gigawatt.Workloads;

/// <summary>What becomes of a job that cannot start at once.</summary>
public enum WhenItDoesNotFit : byte
{
    /// <summary>It waits in the queue.</summary>
    Wait,

    /// <summary>It is dropped: tried once, as placement experiments do.</summary>
    Drop,
}

/// <summary>A job as its owner asked for it. Never changes after submission.</summary>
public sealed record JobSpec
{
    /// <summary>A name for people; need not be unique.</summary>
    public required string Name { get; init; }

    /// <summary>The tenant that pays.</summary>
    public required string Tenant { get; init; }

    /// <summary>Priority tier.</summary>
    public Priority Priority { get; init; } = Priority.Standard;

    /// <summary>The queue by name; empty is the one that its tenant's jobs go to.</summary>
    public string Queue { get; init; } = "";

    /// <summary>Tasks that start all or nothing; 1 or more.</summary>
    public int GangSize { get; init; } = 1;

    /// <summary>Thousandths of a core for each task.</summary>
    public int CpuMilli { get; init; } = 1000;

    /// <summary>Memory in MiB for each task; 0 asks for none.</summary>
    public int MemoryMib { get; init; }

    /// <summary>Accelerators for each task, 0 to 64.</summary>
    public int Accelerators { get; init; }

    /// <summary>Thousandths of each accelerator; less than 1,000 only with one accelerator.</summary>
    public int AcceleratorMilli { get; init; } = TaskDemand.WholeAccelerator;

    /// <summary>Accepted accelerator types by name; empty accepts any.</summary>
    public IReadOnlyList<string> AcceleratorTypes { get; init; } = [];

    /// <summary>Program and arguments of each task.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Environment variables of each task.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Folder in which tasks start; null is the agent's choice.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Longest run of one attempt; null has no limit. Longer than zero.</summary>
    public Duration? TimeLimit { get; init; }

    /// <summary>Time between SIGTERM and SIGKILL when the job is stopped.</summary>
    public Duration StopGrace { get; init; } = Duration.FromSeconds(10);

    /// <summary>How often the job is started again after its node or agent failed; 0 or more. Its own failure is not retried.</summary>
    public int MaxRequeues { get; init; } = 3;

    /// <summary>What to do when it does not fit now.</summary>
    public WhenItDoesNotFit WhenItDoesNotFit { get; init; }

    /// <summary>Chosen by the submitter: a second submission of the same tenant with the same key is the same job. Empty is no key.</summary>
    public string IdempotencyKey { get; init; } = "";
}
