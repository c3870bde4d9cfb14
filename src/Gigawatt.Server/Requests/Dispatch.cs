using System.Runtime.CompilerServices;
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

    private bool _leftBehind;
    private int _failures;
    private AttemptFailure? _earlier; // of a target that was called
    private ulong _failed; // places of the plan that can take nothing more

    /// <summary>Runs the request.</summary>
    /// <param name="stopping">Stopped when the client left or the request's time is over.</param>
    /// <returns>Null, or what went wrong before anything was sent.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ApiError?> RunAsync(CancellationToken stopping)
    {
        call.Route.RetryBudget.Deposit();
        int place = 0;
        while (true)
        {
            call.Attempts++;
            call.BodyInUse = true;
            (Attempt started, bool secondAsked) = Hedges(place) ? await HedgeAsync(stopping) : (await Attempt.StartAsync(call, call.Target, time, stopping), false);
            await using Attempt attempt = started;
            if (secondAsked) { (place, _leftBehind) = (1, true); }
            if (attempt.Failure is not { } failure)
            {
                shadows.Begin(call);
                ApiError? error = await AnswerRelay.RunAsync(call, attempt, settlement, time, stopping);
                // A connection of an attempt that was left behind may still be sending from the body.
                call.BodyInUse = _leftBehind || error is not null || stopping.IsCancellationRequested;
                return error;
            }

            _leftBehind = true;
            if (failure.IsCredentials) { LogCredentialsRefused(logger, attempt.Target.Endpoint, failure.Status, call.Id); }
            else if (failure.Retryable) { LogAttemptFailed(logger, attempt.Target.Endpoint, call.Attempts, call.Id, failure.Summary); }
            if (attempt.MayHaveUsed) { settlement.Charge(attempt.Target, AnswerRelay.Estimate(call, answerLength: 0), estimated: true); }
            if (failure.OnlyElsewhere)
            {
                if (!failure.IsCredentials) { call.Attempts--; }
                _failed |= 1UL << place;
            }

            int next = Next(place);
            if (next < 0 || WaitBefore(failure, place, next) is not { } wait)
            {
                return failure.OnlyElsewhere && _earlier is not null ? _earlier.InOwnWords : await AnswerRelay.RefuseAsync(call, attempt, settlement, stopping);
            }

            if (!failure.OnlyElsewhere) { _earlier = failure; }
            place = next;
            call.MoveTo(call.Route.Targets[call.Plan[place]], $"attempt {call.Attempts + 1}, {attempt.Target.Endpoint} failed before");
            // Nothing of the failed attempt is kept while the next one waits.
            await attempt.DisposeAsync();
            if (wait > Duration.Zero) { await Task.Delay(wait.ToTimeSpan(), time, stopping); }
        }
    }

    private bool Hedges(int place) => place == 0 && call.Plan.Count > 1 && call.Route.HedgeAfter is not null;

    private Task<(Attempt Attempt, bool SecondAsked)> HedgeAsync(CancellationToken stopping) =>
        new Hedge(call, settlement, time).StartAsync(call.Target, call.Route.Targets[call.Plan[1]], call.Route.HedgeAfter!.Value, stopping);

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

    /// <summary>How long to wait before the next attempt; null when there is to be none.</summary>
    private Duration? WaitBefore(AttemptFailure failure, int place, int next)
    {
        if (!failure.Retryable || !settlement.Covers(call.Route.Targets[call.Plan[next]])) { return null; }
        // A target that could not be told the request was never called, and one that refused the credentials did nothing: going on is no retry.
        if (failure.OnlyElsewhere) { return Duration.Zero; }
        _failures++;
        if (call.Attempts > call.Route.Retries || !call.Route.RetryBudget.TryWithdraw(Now)) { return null; }
        // Another target may be called at once; the same ones only when they had time.
        Duration wait = next > place ? Duration.Zero : Backoff.Before(_failures, call.Random, failure.RetryAfter);
        // The official clients obey a provider's wish up to a minute; for longer ones they are told.
        return wait > WaitMax || Now + wait >= call.GiveUpAt ? null : wait;
    }

    private Instant Now => Instant.From(time.GetUtcNow());

    [LoggerMessage(EventId = 2004, Level = LogLevel.Error, Message = "{Endpoint} refuses the credentials of this server with status {Status}: check its key in the config file, and what that key may do. Request {Id} goes to another target where there is one")]
    private static partial void LogCredentialsRefused(ILogger logger, string endpoint, int status, string id);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "{Endpoint} gave no answer to attempt {Attempt} of request {Id}: {Reason}")]
    private static partial void LogAttemptFailed(ILogger logger, string endpoint, int attempt, string id, string reason);
}
