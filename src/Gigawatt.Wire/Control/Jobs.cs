namespace Gigawatt.Wire.Control;

/// <summary>A job as submitted: <c>POST /gigawatt/v1/jobs</c>. Absent fields take their defaults.</summary>
/// <remarks>Settable rather than init-only: generated JSON readers pass init-only properties to the constructor, which would undo the defaults.</remarks>
public sealed record JobRequest
{
    /// <summary>A name for people, 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The tenant that pays; only the local operator may name another than its key's.</summary>
    public string? Tenant { get; set; }

    /// <summary>The queue; null is the tenant's own.</summary>
    public string? Queue { get; set; }

    /// <summary><c>production</c>, <c>standard</c>, <c>early-access</c> or <c>spot</c>.</summary>
    public string Priority { get; set; } = "standard";

    /// <summary>Tasks that start all or nothing.</summary>
    public int Gang { get; set; } = 1;

    /// <summary>CPUs for each task; fractions are allowed.</summary>
    public double Cpus { get; set; } = 1;

    /// <summary>Memory for each task in MiB; 0 asks for none.</summary>
    public int MemoryMib { get; set; }

    /// <summary>Accelerators for each task; less than 1 asks for a share of one.</summary>
    public double Gpus { get; set; }

    /// <summary>Accepted accelerator types; empty accepts any.</summary>
    public IReadOnlyList<string> Accelerators { get; set; } = [];

    /// <summary>Longest run in seconds; null has no limit.</summary>
    public double? TimeLimitSeconds { get; set; }

    /// <summary>Seconds between SIGTERM and SIGKILL.</summary>
    public double StopGraceSeconds { get; set; } = 10;

    /// <summary>How often it is started again when its node fails.</summary>
    public int MaxRequeues { get; set; } = 3;

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string> Env { get; set; } = new Dictionary<string, string>();

    /// <summary>Folder in which tasks start; null is the task's own empty folder.</summary>
    public string? WorkingDirectory { get; set; }
}

/// <summary>A job and its state.</summary>
public sealed record JobView
{
    /// <summary>The job's number.</summary>
    public required long Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The tenant that pays.</summary>
    public required string Tenant { get; init; }

    /// <summary>Its queue; null when there are no queues.</summary>
    public string? Queue { get; init; }

    /// <summary>Priority tier.</summary>
    public required string Priority { get; init; }

    /// <summary><c>queued</c>, <c>starting</c>, <c>running</c>, <c>stopping</c>, <c>succeeded</c>, <c>failed</c>, <c>cancelled</c>, <c>timed-out</c> or <c>dropped</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>Whether it is over.</summary>
    public required bool Ended { get; init; }

    /// <summary>What each task asks for, in words.</summary>
    public required string Asks { get; init; }

    /// <summary>Tasks in the gang.</summary>
    public required int Gang { get; init; }

    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Current or last attempt; 0 before the first.</summary>
    public required int Attempt { get; init; }

    /// <summary>Times it was queued again after a node failed.</summary>
    public required int Requeues { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset Submitted { get; init; }

    /// <summary>When the current attempt was placed.</summary>
    public DateTimeOffset? Placed { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>0, or the exit code of the first task that failed.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it waits, from the closed list; null when it does not wait.</summary>
    public string? WaitReason { get; init; }

    /// <summary>Why it waits, in a sentence.</summary>
    public string? WaitExplanation { get; init; }

    /// <summary>Where it was placed and by which rule; null before.</summary>
    public string? Placement { get; init; }

    /// <summary>The node of its first task and how many more nodes it has, such as <c>n-17 and 3 more</c>; null before the first attempt.</summary>
    public string? Node { get; init; }

    /// <summary>How it came to its end or last failure; empty when there is nothing to say.</summary>
    public string Note { get; init; } = "";

    /// <summary>Tasks of the current attempt; only in answers about one job.</summary>
    public IReadOnlyList<TaskView> Tasks { get; init; } = [];

    /// <summary>What it used so far, from the ledger; only in answers about one job.</summary>
    public UsageTotals? Usage { get; init; }
}

/// <summary>One task of a job.</summary>
/// <param name="Rank">Its place in the gang.</param>
/// <param name="Node">The node's name.</param>
/// <param name="Accelerators">Numbers of the accelerators it holds on the node.</param>
/// <param name="State"><c>starting</c>, <c>running</c> or <c>ended</c>.</param>
/// <param name="Started">When it reported that it runs.</param>
/// <param name="ExitCode">Its exit code, once ended.</param>
public sealed record TaskView(int Rank, string Node, IReadOnlyList<int> Accelerators, string State, DateTimeOffset? Started, int? ExitCode);

/// <summary>Jobs: <c>GET /gigawatt/v1/jobs</c>.</summary>
/// <param name="Jobs">Newest last.</param>
/// <param name="Queued">Jobs that wait, in all.</param>
/// <param name="Active">Jobs that hold capacity, in all.</param>
public sealed record JobList(IReadOnlyList<JobView> Jobs, int Queued, int Active);
