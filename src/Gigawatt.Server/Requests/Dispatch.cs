using Gigawatt.Placement.Routing;
using Gigawatt.Placement.Routing.Health;
using Gigawatt.Units;
using Gigawatt.Wire;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Requests;

/// <summary>Tries the targets of a plan until one answers or trying on makes no sense, and relays what came.</summary>
/// <remarks>
/// A further attempt is made only before the first byte went to the client, when the failure may pass, within the route's
/// count, its retry budget and the request's time, and while the reservation covers it. After the first byte there is none:
/// text that another model goes on with is not what the first one would have said, so a client is told that its answer broke off.
/// </remarks>
internal sealed partial class Dispatch(ModelCall call, Settlement settlement, Shadows shadows, TimeProvider time, ILogger logger)
{
    private static readonly Duration WaitMax = Duration.FromSeconds(60);

    private int _failures;
    private AttemptFailure? _earlier; // of a target that was called
    private ulong _failed; // places of the plan that can take nothing more

    /// <summary>Runs the request.</summary>
    /// <param name="stopping">Stopped when the client left or the request's time is over.</param>
    /// <returns>Null, or what went wrong before anything was sent.</returns>
    public async Task<ApiError?> RunAsync(CancellationToken stopping)
    {
        call.Route.RetryBudget.Deposit();
        int place = 0;
        while (true)
        {
            call.Attempts++;
            call.BodyInUse = true;
            (Attempt started, place) = await StartAsync(place, stopping);
            await using Attempt attempt = started;
            if (attempt.Failure is not { } failure)
            {
                shadows.Begin(call);
                ApiError? error = await AnswerRelay.RunAsync(call, attempt, settlement, time, stopping);
                // After an attempt that broke off, a connection may still be sending from the body.
                call.BodyInUse = _failures > 0 || error is not null || stopping.IsCancellationRequested;
                return error;
            }

            LogAttemptFailed(logger, attempt.Target.Endpoint, call.Attempts, call.Id, failure.Summary);
            if (attempt.MayHaveUsed) { settlement.Charge(attempt.Target, AnswerRelay.Estimate(call, answerLength: 0), estimated: true); }
            if (failure.OnlyElsewhere)
            {
                call.Attempts--;
                _failed |= 1UL << place;
            }

            int next = Next(place);
            if (next < 0 || !await MayGoOnAsync(failure, place, next, stopping))
            {
                return failure.OnlyElsewhere && _earlier is not null ? _earlier.InOwnWords : await AnswerRelay.RefuseAsync(call, attempt, settlement, stopping);
            }

            if (!failure.OnlyElsewhere) { _earlier = failure; }
            place = next;
            call.MoveTo(call.Route.Targets[call.Plan[place]], $"attempt {call.Attempts + 1}, {attempt.Target.Endpoint} failed before");
        }
    }

    private async ValueTask<(Attempt Attempt, int Place)> StartAsync(int place, CancellationToken stopping)
    {
        RouteTarget target = call.Route.Targets[call.Plan[place]];
        if (place > 0 || call.Plan.Count < 2 || call.Route.HedgeAfter is not { } after) { return (await Attempt.StartAsync(call, target, time, stopping), place); }
        (Attempt attempt, bool secondAsked) = await new Hedge(call, settlement, time).StartAsync(target, call.Route.Targets[call.Plan[1]], after, stopping);
        return (attempt, secondAsked ? 1 : 0);
    }

    /// <summary>The place of the plan that is tried next; -1 when there is none.</summary>
    private int Next(int place)
    {
        int count = call.Plan.Count;
        for (int step = 1; step <= count; step++)
        {
            int next = place + step;
            if (next >= count && !call.Route.RepeatsTargets) { return -1; }
            next %= count;
            if ((_failed & (1UL << next)) == 0) { return next; }
        }

        return -1;
    }

    private async ValueTask<bool> MayGoOnAsync(AttemptFailure failure, int place, int next, CancellationToken stopping)
    {
        _failures++;
        if (!failure.Retryable || !settlement.Covers(call.Route.Targets[call.Plan[next]])) { return false; }
        // A target that could not be told the request was never called, so going on is no retry.
        if (failure.OnlyElsewhere) { return true; }
        if (call.Attempts > call.Route.Retries || !call.Route.RetryBudget.TryWithdraw(Now)) { return false; }
        // Another target may be called at once; the same ones only when they had time.
        Duration wait = next > place ? Duration.Zero : Backoff.Before(_failures, call.Random, failure.RetryAfter);
        // The official clients obey a provider's wish up to a minute; for longer ones they are told.
        if (wait > WaitMax || Now + wait >= call.GiveUpAt) { return false; }
        if (wait > Duration.Zero) { await Task.Delay(wait.ToTimeSpan(), time, stopping); }
        return true;
    }

    private Instant Now => Instant.From(time.GetUtcNow());

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "{Endpoint} gave no answer to attempt {Attempt} of request {Id}: {Reason}")]
    private static partial void LogAttemptFailed(ILogger logger, string endpoint, int attempt, string id, string reason);
}
