using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Units;

namespace Gigawatt.Server.Requests;

/// <summary>Asks a second target when the first is silent for a while. The first answer wins; the other call is cut off.</summary>
/// <remarks>What is cut off had read the prompt and may have begun to write, so it is charged as a client's hanging up is: the
/// prompt and what came, at the price of its model. The reservation of a route that hedges covers that.</remarks>
internal sealed class Hedge(ModelCall call, Settlement settlement, TimeProvider time)
{
    /// <summary>Begins with one target, and goes on with it alone or with a second one beside it.</summary>
    /// <returns>The attempt that answered, or failed last; and whether it is that of the second target, or both were tried.</returns>
    public async Task<(Attempt Attempt, bool SecondAsked)> StartAsync(RouteTarget first, RouteTarget second, Duration after, CancellationToken stopping)
    {
        using var firstStop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task<Attempt> one = Attempt.StartAsync(call, first, time, firstStop.Token).AsTask();
        if (await AnswersWithinAsync(one, after) || !call.Route.RetryBudget.TryWithdraw(Instant.From(time.GetUtcNow()))) { return (await one, false); }
        using var secondStop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        call.Attempts++;
        Task<Attempt> two = Attempt.StartAsync(call, second, time, secondStop.Token).AsTask();
        try
        {
            bool secondWins = await FirstAnswerAsync(one, two) == two;
            await (secondWins ? firstStop : secondStop).CancelAsync();
            await EndLoserAsync(secondWins ? one : two, secondWins ? first : second);
            if (secondWins) { call.MoveTo(second, $"hedged, as {first.Endpoint} was silent for {after}"); }
            return (await (secondWins ? two : one), true);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The first is charged by whoever stopped the request.
            await EndLoserAsync(two, second);
            await EndAsync(one);
            throw;
        }
    }

    private async Task<bool> AnswersWithinAsync(Task<Attempt> attempt, Duration after)
    {
        using var answered = new CancellationTokenSource();
        Task delay = Task.Delay(after.ToTimeSpan(), time, answered.Token);
        bool inTime = await Task.WhenAny(attempt, delay) == attempt;
        await answered.CancelAsync();
        return inTime;
    }

    // A failure is no answer: then the other is waited for, whatever becomes of it.
    private static async Task<Task<Attempt>> FirstAnswerAsync(Task<Attempt> one, Task<Attempt> two)
    {
        Task<Attempt> done = await Task.WhenAny(one, two);
        return (await done).Failure is null ? done : done == one ? two : one;
    }

    private async Task EndLoserAsync(Task<Attempt> loser, RouteTarget target)
    {
        TokenUsage used = AnswerRelay.Estimate(call, answerLength: 0);
        try
        {
            await using Attempt attempt = await loser;
            if (attempt.Failure is not null && !attempt.MayHaveUsed) { return; }
            if (attempt.Meter is { } meter) { used = meter.UsageOrFloor(call.Facts.InputTokenBound); }
            else if (attempt.Failure is null) { used = AnswerRelay.Estimate(call, attempt.First.Length); }
        }
        catch (OperationCanceledException) { /* It was cut off before its first byte. */ }

        settlement.Charge(target, used, estimated: true);
    }

    private static async Task EndAsync(Task<Attempt> attempt)
    {
        try { await (await attempt).DisposeAsync(); }
        catch (OperationCanceledException) { /* Stopped with the request. */ }
    }
}
