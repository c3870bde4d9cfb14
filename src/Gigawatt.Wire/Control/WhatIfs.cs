namespace Gigawatt.Wire.Control;

/// <summary>Why a job waits, in full: <c>GET /gigawatt/v1/jobs/ID/why</c>.</summary>
public sealed record WhyView
{
    /// <summary>The job as <c>GET /gigawatt/v1/jobs/ID</c> shows it, without its use.</summary>
    public required JobView Job { get; init; }

    /// <summary>What each filter removed, in the order in which they are applied; empty when the job does not wait.</summary>
    public required IReadOnlyList<FilterView> Filters { get; init; }

    /// <summary>Tasks of the job that would fit now on the nodes that are left.</summary>
    public long? TasksThatFit { get; init; }

    /// <summary>When it is forecast to start; null when it does not within <see cref="Horizon"/>, or does not wait.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>How far ahead was looked.</summary>
    public DateTimeOffset? Horizon { get; init; }

    /// <summary>Jobs whose end gives it its room, in the order of their ends.</summary>
    public IReadOnlyList<EndingView> After { get; init; } = [];

    /// <summary>Running jobs with no time limit, which the forecast takes to run on.</summary>
    public int EndlessJobs { get; init; }

    /// <summary>What would make it start now; each was tried on a copy of the cell.</summary>
    public IReadOnlyList<RemedyView> Remedies { get; init; } = [];
}

/// <summary>How many nodes a filter removed.</summary>
/// <param name="Filter"><c>type</c>, <c>up</c>, <c>accelerators</c>, <c>cpu</c> or <c>memory</c>.</param>
/// <param name="Removed">Nodes removed by it.</param>
/// <param name="Left">Nodes left behind it.</param>
public sealed record FilterView(string Filter, int Removed, int Left);

/// <summary>A job that is expected to end.</summary>
/// <param name="JobId">The job.</param>
/// <param name="At">When.</param>
public sealed record EndingView(long JobId, DateTimeOffset At);

/// <summary>What would make a job start now.</summary>
/// <param name="Kind"><c>add-nodes</c>, <c>raise-quota</c>, <c>stop-jobs</c>, <c>smaller-gang</c> or <c>any-type</c>.</param>
/// <param name="Sentence">In words.</param>
public sealed record RemedyView(string Kind, string Sentence);

/// <summary>What to change in a copy of the cell: <c>POST /gigawatt/v1/what-if</c>. Absent lists change nothing.</summary>
/// <remarks>Settable rather than init-only, for the reason that <see cref="JobRequest"/> gives.</remarks>
public sealed record WhatIfRequest
{
    /// <summary>Nodes to add.</summary>
    public IReadOnlyList<AddNodesRequest> AddNodes { get; set; } = [];

    /// <summary>Sites and groups to take out of service.</summary>
    public IReadOnlyList<string> Drain { get; set; } = [];

    /// <summary>Quotas of tenants.</summary>
    public IReadOnlyList<TenantQuotaRequest> TenantQuotas { get; set; } = [];

    /// <summary>Nominal quotas of queues and cohorts.</summary>
    public IReadOnlyList<QueueQuotaRequest> QueueQuotas { get; set; } = [];

    /// <summary>Jobs to submit.</summary>
    public IReadOnlyList<JobRequest> Submit { get; set; } = [];

    /// <summary>How far to look, in seconds, above 0 and at most a year.</summary>
    public double HorizonSeconds { get; set; } = 30 * 86_400;
}

/// <summary>More nodes.</summary>
/// <param name="Group">The group whose nodes they are equal to.</param>
/// <param name="Nodes">How many.</param>
public sealed record AddNodesRequest(string Group, int Nodes);

/// <summary>A tenant's quota.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Accelerators">Accelerators it may hold at once.</param>
public sealed record TenantQuotaRequest(string Tenant, double Accelerators);

/// <summary>A queue's or a cohort's nominal quota.</summary>
/// <param name="Queue">The queue or cohort.</param>
/// <param name="AcceleratorType">The type.</param>
/// <param name="Accelerators">Accelerators of its own.</param>
public sealed record QueueQuotaRequest(string Queue, string AcceleratorType, double Accelerators);

/// <summary>What the changes would do. A forecast: no other jobs come, and each job runs to its time limit.</summary>
/// <param name="From">The instant at which the changes would be made.</param>
/// <param name="Horizon">How far was looked.</param>
/// <param name="AsItIs">Without them.</param>
/// <param name="Changed">With them.</param>
/// <param name="Differences">Jobs that fare differently, and those submitted, by number; the first thousand.</param>
/// <param name="DifferencesInAll">How many there are.</param>
/// <param name="EndlessJobs">Jobs with no time limit, which were taken to run on.</param>
public sealed record WhatIfView(
    DateTimeOffset From, DateTimeOffset Horizon, OutlookView AsItIs, OutlookView Changed,
    IReadOnlyList<DifferenceView> Differences, int DifferencesInAll, int EndlessJobs);

/// <summary>How the cell fares up to the horizon.</summary>
/// <param name="Started">Jobs that start.</param>
/// <param name="Waiting">Jobs that still wait at the end.</param>
/// <param name="MeanWaitSeconds">Mean time from now to a start.</param>
/// <param name="AcceleratorHours">Accelerator-hours held.</param>
/// <param name="AcceleratorHoursAvailable">Accelerator-hours that the fleet has.</param>
public sealed record OutlookView(int Started, int Waiting, double MeanWaitSeconds, double AcceleratorHours, double AcceleratorHoursAvailable);

/// <summary>A job as it fares without and with the changes.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Name">Its name.</param>
/// <param name="Start">When it starts as things are; null when it does not.</param>
/// <param name="StartThen">When it starts with the changes; null when it does not.</param>
/// <param name="Stopped">Whether the changes stop it and queue it again.</param>
/// <param name="IsNew">Whether the changes submit it.</param>
public sealed record DifferenceView(long JobId, string Name, DateTimeOffset? Start, DateTimeOffset? StartThen, bool Stopped, bool IsNew);
