using System.Net.Http.Json;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Connection;

internal sealed partial class ControlClient
{
    private const string Jobs = "gigawatt/v1/jobs";

    /// <summary>How long one call waits for a job's end.</summary>
    private const int WaitSeconds = 20;

    /// <summary>How long a copy of a large cell may take to run ahead.</summary>
    private static readonly TimeSpan RehearsalTime = TimeSpan.FromMinutes(10);

    /// <summary>How long a server may be away, for a restart, before a command gives up.</summary>
    private static readonly TimeSpan RestartTime = TimeSpan.FromSeconds(30);

    public Task<Answer<JobList>> ListJobsAsync(bool all, int? limit, CancellationToken cancellationToken) =>
        GetAsync<JobList>(Jobs + Query(("all", all ? "true" : null), ("limit", limit is { } n ? Text(n) : null)), cancellationToken);

    public Task<Answer<JobView>> GetJobAsync(long id, CancellationToken cancellationToken) =>
        GetAsync<JobView>($"{Jobs}/{Text(id)}", cancellationToken);

    /// <summary>Why a job waits. Takes as long as running a copy of the cell ahead takes.</summary>
    public Task<Answer<WhyView>> WhyJobAsync(long id, CancellationToken cancellationToken) =>
        SendAsync<WhyView>(() => new HttpRequestMessage(HttpMethod.Get, $"{Jobs}/{Text(id)}/why"), RehearsalTime, cancellationToken);

    /// <summary>What changes would do. Takes as long as running two copies of the cell ahead takes.</summary>
    public Task<Answer<WhatIfView>> WhatIfAsync(WhatIfRequest request, CancellationToken cancellationToken) => SendAsync<WhatIfView>(
        () => new HttpRequestMessage(HttpMethod.Post, "gigawatt/v1/what-if") { Content = JsonContent.Create(request, ControlJson.Default.WhatIfRequest) },
        RehearsalTime, cancellationToken);

    public Task<Answer<JobView>> CancelJobAsync(long id, CancellationToken cancellationToken) =>
        PostAsync<JobView>($"{Jobs}/{Text(id)}/cancel", cancellationToken);

    /// <summary>Submits a job. A lost connection is tried again with the same key, which makes it the same job.</summary>
    public Task<Answer<JobView>> SubmitJobAsync(JobRequest job, string idempotencyKey, CancellationToken cancellationToken) =>
        ThroughRestartAsync(
            () => SendAsync<JobView>(() => Submission(job, idempotencyKey), AnswerTime, cancellationToken),
            mayBeDown: false,
            cancellationToken);

    /// <summary>The job, once it ended or when the server had waited long enough. Endures a restart of the server.</summary>
    public Task<Answer<JobView>> AwaitJobAsync(long id, CancellationToken cancellationToken)
    {
        string path = $"{Jobs}/{Text(id)}/wait{Query(("seconds", Text(WaitSeconds)))}";
        TimeSpan patience = TimeSpan.FromSeconds(WaitSeconds) + AnswerTime;
        return ThroughRestartAsync(
            () => SendAsync<JobView>(() => new HttpRequestMessage(HttpMethod.Get, path), patience, cancellationToken),
            mayBeDown: true,
            cancellationToken);
    }

    /// <summary>Copies what a task printed to <paramref name="output"/>, as bytes.</summary>
    /// <returns>Null when all was copied.</returns>
    public async Task<CliFailure?> CopyLogAsync(long id, int rank, bool follow, Stream output, CancellationToken cancellationToken)
    {
        string path = $"{Jobs}/{Text(id)}/logs{Query(("rank", Text(rank)), ("follow", follow ? "true" : null))}";
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode) { return await FailureOfAsync(response, cancellationToken); }
            await using Stream log = await response.Content.ReadAsStreamAsync(cancellationToken);
            await log.CopyToAsync(output, cancellationToken);
            return null;
        }
        catch (HttpRequestException e)
        {
            return Unreachable(e);
        }
        catch (HttpIOException)
        {
            return new CliFailure(ExitCodes.NotReachable, $"Lost the connection to the Gigawatt server at {_server.Name} in the middle of the log.");
        }
    }

    private static HttpRequestMessage Submission(JobRequest job, string idempotencyKey)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Jobs) { Content = JsonContent.Create(job, ControlJson.Default.JobRequest) };
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        return request;
    }

    /// <summary>Repeats a call that may be repeated while its server restarts.</summary>
    /// <param name="call">The call.</param>
    /// <param name="mayBeDown">Whether the server is known to have run, so that even a refused first connection is worth repeating.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    private async Task<Answer<JobView>> ThroughRestartAsync(Func<Task<Answer<JobView>>> call, bool mayBeDown, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        for (TimeSpan pause = TimeSpan.FromMilliseconds(100); ; pause = Longer(pause))
        {
            Answer<JobView> answer = await call();
            if (answer.TryGet(out _, out CliFailure? failure) || failure.ExitCode != ExitCodes.NotReachable) { return answer; }
            if (failure.NeverSent && !mayBeDown) { return answer; }
            if (_time.GetElapsedTime(start) > RestartTime) { return answer; }
            mayBeDown = true;
            await Task.Delay(pause, _time, cancellationToken);
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => TimeSpan.FromMilliseconds(Math.Min(2_000, pause.TotalMilliseconds * 2));
}
