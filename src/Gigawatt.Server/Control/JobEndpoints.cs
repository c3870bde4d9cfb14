using Gigawatt.Execution;
using Gigawatt.Placement;
using Gigawatt.Server.Cell;
using Gigawatt.Server.Ledger;
using Gigawatt.Server.Tasks;
using Gigawatt.Wire.Control;
using Gigawatt.Workloads;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TaskKey = Gigawatt.Agents.Node.TaskKey;

namespace Gigawatt.Server.Control;

/// <summary>Jobs over HTTP: submit, list, show, wait, cancel, logs.</summary>
internal sealed class JobEndpoints(
    CellDriver driver, IPlacementPolicy policy, JobWaiters waiters, TaskOutput output, UsageReports usage, string defaultTenant)
{
    private const int ListMax = 1000;

    public void Map(RouteGroupBuilder jobs)
    {
        jobs.MapPost("", SubmitAsync).WithName("submitJob").WithSummary("Submit a job. A repeated Idempotency-Key is the same job.")
            .Accepts<JobRequest>("application/json").Produces<JobView>(201).Produces<JobView>(200).Produces<ControlError>(400).Produces<ControlError>(422);
        jobs.MapGet("", ListAsync).WithName("listJobs").WithSummary("Jobs that are not over; with all=true, ended ones too.").Produces<JobList>();
        jobs.MapGet("/{id:long}", ShowAsync).WithName("showJob").WithSummary("One job with its tasks, its use, and why it waits or where it is.")
            .Produces<JobView>().Produces<ControlError>(404);
        jobs.MapGet("/{id:long}/wait", WaitAsync).WithName("waitForJob").WithSummary("The job when it ends, or as it is after so many seconds.")
            .Produces<JobView>().Produces<ControlError>(404);
        jobs.MapPost("/{id:long}/cancel", CancelAsync).WithName("cancelJob").WithSummary("Stop a job: SIGTERM, and SIGKILL after its grace.")
            .Produces<JobView>().Produces<ControlError>(404);
        jobs.MapGet("/{id:long}/logs", LogsAsync).WithName("jobLogs").WithSummary("The output of a task; follow=true until it ends.")
            .Produces<string>(200, "text/plain").Produces<ControlError>(404);
    }

    private async Task<IResult> SubmitAsync(HttpContext http, CancellationToken cancellationToken)
    {
        ControlCaller caller = http.Caller();
        (JobRequest? request, IResult? error) = await ControlErrors.ReadAsync(http.Request, ControlJson.Default.JobRequest, cancellationToken);
        if (request is null) { return error!; }
        string tenant = request.Tenant ?? caller.Tenant ?? defaultTenant;
        if (!caller.MayActFor(tenant)) { return ControlErrors.Forbidden($"This key belongs to tenant '{caller.Tenant}' and cannot submit for '{tenant}'."); }
        string key = http.Request.Headers["Idempotency-Key"].ToString();
        if (key.Length > 200) { return ControlErrors.BadRequest("Idempotency-Key must have at most 200 characters."); }
        (JobSpec? spec, string? wrong) = JobMapping.ToSpec(request, tenant, key);
        if (spec is null) { return ControlErrors.BadRequest(wrong!); }

        Submission submission = await driver.SubmitAsync(spec, cancellationToken);
        if (submission.Refusal is { } refusal) { return ControlErrors.Refused(refusal); }
        JobView? view = await ViewAsync(submission.JobId, whole: true, cancellationToken);
        http.Response.Headers.Location = $"/gigawatt/v1/jobs/{submission.JobId}";
        return Results.Json(view, ControlJson.Default.JobView, statusCode: submission.Repeated ? 200 : 201);
    }

    private async Task<IResult> ListAsync(HttpContext http, bool? all, int? limit, CancellationToken cancellationToken)
    {
        ControlCaller caller = http.Caller();
        int most = Math.Clamp(limit ?? 200, 1, ListMax);
        JobList list = await driver.AskAsync(loop =>
        {
            List<Job> mine = [.. loop.State.Jobs.InOrder().Where(j => caller.MayActFor(j.Spec.Tenant))];
            return new JobList(
                [.. mine.Where(j => all == true || !j.Phase.IsEnded()).TakeLast(most).Select(j => JobMapping.ToView(loop, j, policy, whole: false))],
                mine.Count(static j => j.Phase == JobPhase.Queued),
                mine.Count(static j => j.Phase.HoldsCapacity()));
        }, cancellationToken);
        return Results.Json(list, ControlJson.Default.JobList);
    }

    private async Task<IResult> ShowAsync(HttpContext http, long id, CancellationToken cancellationToken)
    {
        JobView? view = await ViewAsync(id, whole: true, cancellationToken);
        return view is null || !http.Caller().MayActFor(view.Tenant)
            ? Unknown(id)
            : Results.Json(view with { Usage = await usage.OfJobAsync(id, cancellationToken) }, ControlJson.Default.JobView);
    }

    private async Task<IResult> WaitAsync(HttpContext http, long id, double? seconds, CancellationToken cancellationToken)
    {
        Task ended = waiters.WhenEnded(id);
        JobView? view = await ViewAsync(id, whole: true, cancellationToken);
        if (view is null || !http.Caller().MayActFor(view.Tenant)) { return Unknown(id); }
        if (!view.Ended)
        {
            await Task.WhenAny(ended, Task.Delay(TimeSpan.FromSeconds(Math.Clamp(seconds ?? 20, 0, 60)), cancellationToken));
            view = await ViewAsync(id, whole: true, cancellationToken);
        }

        return Results.Json(view, ControlJson.Default.JobView);
    }

    private async Task<IResult> CancelAsync(HttpContext http, long id, CancellationToken cancellationToken)
    {
        JobView? view = await ViewAsync(id, whole: false, cancellationToken);
        if (view is null || !http.Caller().MayActFor(view.Tenant)) { return Unknown(id); }
        if (!view.Ended) { await driver.ApplyAsync(new JobCancelRequested(id), cancellationToken); }
        return Results.Json(await ViewAsync(id, whole: true, cancellationToken), ControlJson.Default.JobView);
    }

    private async Task<IResult> LogsAsync(HttpContext http, long id, int? rank, int? attempt, bool? follow, CancellationToken cancellationToken)
    {
        JobView? view = await ViewAsync(id, whole: false, cancellationToken);
        if (view is null || !http.Caller().MayActFor(view.Tenant)) { return Unknown(id); }
        int wanted = rank ?? 0;
        if (wanted < 0 || wanted >= view.Gang) { return ControlErrors.NotFound($"Job {id} has ranks 0 to {view.Gang - 1}; there is no rank {wanted}."); }
        http.Response.ContentType = "text/plain; charset=utf-8";
        int first = attempt ?? view.Attempt;
        await output.CopyAsync(new TaskKey(id, first, wanted), follow == true, () => IsOverAsync(id, first, cancellationToken), http.Response.Body, cancellationToken);
        return Results.Empty;
    }

    private Task<bool> IsOverAsync(long id, int attempt, CancellationToken cancellationToken) => driver.AskAsync(
        loop => loop.State.Jobs.Find(id) is not { } job || job.Phase.IsEnded() || job.Attempt > attempt, cancellationToken);

    private Task<JobView?> ViewAsync(long id, bool whole, CancellationToken cancellationToken) => driver.AskAsync(
        loop => loop.State.Jobs.Find(id) is { } job ? JobMapping.ToView(loop, job, policy, whole) : null, cancellationToken);

    private static IResult Unknown(long id) => ControlErrors.NotFound($"There is no job {id}. 'gw queue --all' lists the jobs.");
}
