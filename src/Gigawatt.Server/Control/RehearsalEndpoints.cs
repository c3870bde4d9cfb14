using Gigawatt.Journal;
using Gigawatt.Placement;
using Gigawatt.Server.Cell;
using Gigawatt.Twin.Rehearsals;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using Gigawatt.Workloads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Gigawatt.Server.Control;

/// <summary>Questions that a copy of the cell answers, beside the one that runs: why a job waits, and what if.</summary>
/// <remarks>The cell's thread only writes the snapshot. The rest is done on another thread, one question at a time.</remarks>
internal sealed class RehearsalEndpoints(CellDriver driver, IPlacementPolicy policy, Func<IPlacementPolicy> newPolicy, TimeProvider time, string defaultTenant) : IDisposable
{
    private const int DifferencesMax = 1000;
    private const double LongestHorizonSeconds = 366 * 86_400.0;
    private readonly SemaphoreSlim _one = new(1);

    public void Map(RouteGroupBuilder api)
    {
        api.MapGet("/jobs/{id:long}/why", WhyAsync).WithName("whyJob").WithSummary("Why a job waits: each filter, when it is forecast to start, and what would make it start now.")
            .Produces<WhyView>().Produces<ControlError>(404);
        api.MapPost("/what-if", WhatIfAsync).WithName("whatIf").WithSummary("What changes would do, by running two copies of the cell ahead.")
            .Accepts<WhatIfRequest>("application/json").Produces<WhatIfView>().Produces<ControlError>(400).Produces<ControlError>(403);
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private async Task<IResult> WhyAsync(HttpContext http, long id, CancellationToken cancellationToken)
    {
        (WhyView? why, byte[] snapshot) = await driver.AskAsync(loop => Describe(loop, id), cancellationToken);
        if (why is null || !http.Caller().MayActFor(why.Job.Tenant)) { return ControlErrors.NotFound($"There is no job {id}. 'gw queue --all' lists the jobs."); }
        if (snapshot.Length > 0) { why = await AloneAsync(() => Forecast(why, snapshot, cancellationToken), cancellationToken); }
        return Results.Json(why, ControlJson.Default.WhyView);
    }

    private (WhyView? Why, byte[] Snapshot) Describe(ControlLoop loop, long id)
    {
        if (loop.State.Jobs.Find(id) is not { } job) { return (null, []); }
        JobView view = JobMapping.ToView(loop, job, policy, whole: false);
        if (job.Phase != JobPhase.Queued) { return (new WhyView { Job = view, Filters = [] }, []); }
        FilterCounts c = PlacementExplanation.Filter(loop.State.Fleet, loop.State.Shapes[job.Shape]);
        int left = c.Nodes;
        FilterView Filter(string name, int removed) => new(name, removed, left -= removed);
        return (new WhyView
        {
            Job = view,
            Filters = [Filter("type", c.WrongType), Filter("up", c.Down), Filter("accelerators", c.LackAccelerators), Filter("cpu", c.LackCpu), Filter("memory", c.LackMemory)],
            TasksThatFit = Math.Min(c.Slots, job.Spec.GangSize),
        }, Snapshot.Save(loop));
    }

    private WhyView Forecast(WhyView why, byte[] snapshot, CancellationToken cancellationToken)
    {
        Instant now = Instant.From(time.GetUtcNow());
        StartForecast forecast = StartForecast.Of(snapshot, newPolicy(), now, why.Job.Id, cancellationToken);
        return why with
        {
            Start = forecast.Start?.ToDateTimeOffset(),
            Horizon = forecast.Horizon.ToDateTimeOffset(),
            After = [.. forecast.After.Select(static f => new EndingView(f.JobId, f.At.ToDateTimeOffset()))],
            EndlessJobs = forecast.EndlessJobs,
            Remedies = [.. Remedies.Of(snapshot, newPolicy, now, why.Job.Id).Select(static r => new RemedyView(r.Kind, r.Sentence))],
        };
    }

    private async Task<IResult> WhatIfAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (!http.Caller().IsOperator) { return ControlErrors.OperatorOnly("ask what if"); }
        (WhatIfRequest? request, IResult? error) = await ControlErrors.ReadAsync(http.Request, ControlJson.Default.WhatIfRequest, cancellationToken);
        if (request is null) { return error!; }
        var wrong = new List<string>();
        IReadOnlyList<Change> changes = ChangesOf(request, wrong);
        if (wrong.Count > 0) { return ControlErrors.BadRequest(string.Join('\n', wrong)); }
        byte[] snapshot = await driver.AskAsync(Snapshot.Save, cancellationToken);
        return await AloneAsync(() =>
        {
            Instant now = Instant.From(time.GetUtcNow());
            WhatIf? answer = WhatIf.Of(snapshot, newPolicy, now, changes, Duration.FromSeconds(request.HorizonSeconds), out IReadOnlyList<string> problems, cancellationToken);
            return answer is null ? ControlErrors.BadRequest(string.Join('\n', problems)) : Results.Json(View(answer), ControlJson.Default.WhatIfView);
        }, cancellationToken);
    }

    private List<Change> ChangesOf(WhatIfRequest request, List<string> wrong)
    {
        if (!double.IsFinite(request.HorizonSeconds) || request.HorizonSeconds is <= 0 or > LongestHorizonSeconds) { wrong.Add("horizonSeconds must be above 0 and at most a year."); }
        var changes = new List<Change>();
        changes.AddRange(request.AddNodes.Select(static a => new AddNodes(a.Group, a.Nodes)));
        changes.AddRange(request.Drain.Select(static name => new Drain(name)));
        changes.AddRange(request.TenantQuotas.Select(q => new TenantQuota(q.Tenant, Milli(q.Accelerators, wrong))));
        changes.AddRange(request.QueueQuotas.Select(q => new QueueQuota(q.Queue, q.AcceleratorType, Milli(q.Accelerators, wrong))));
        foreach (JobRequest job in request.Submit)
        {
            (JobSpec? spec, string? error) = JobMapping.ToSpec(job, job.Tenant ?? defaultTenant, idempotencyKey: "");
            if (spec is null) { wrong.Add(error!); }
            else { changes.Add(new Submit(spec)); }
        }

        if (changes.Count == 0 && wrong.Count == 0) { wrong.Add("Name at least one change: addNodes, drain, tenantQuotas, queueQuotas or submit."); }
        return changes;
    }

    private static long Milli(double accelerators, List<string> wrong)
    {
        if (double.IsFinite(accelerators) && accelerators is >= 0 and <= 1e9) { return (long)Math.Round(accelerators * 1000); }
        wrong.Add("accelerators of a quota must be 0 to 1,000,000,000.");
        return 0;
    }

    private async Task<T> AloneAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try { return await Task.Run(work, cancellationToken); }
        finally { _one.Release(); }
    }

    private static WhatIfView View(WhatIf w) => new(
        w.From.ToDateTimeOffset(), w.Horizon.ToDateTimeOffset(), View(w.AsItIs), View(w.Changed),
        [.. w.Differences.Take(DifferencesMax).Select(static d => new DifferenceView(
            d.JobId, d.Name, d.Start?.ToDateTimeOffset(), d.StartThen?.ToDateTimeOffset(), d.Stopped, d.IsNew))],
        w.Differences.Count, w.EndlessJobs);

    private static OutlookView View(Outlook o) => new(o.Started, o.Waiting, o.MeanWaitSeconds, o.AcceleratorHours, o.AcceleratorHoursAvailable);
}
