using Gigawatt.Admission;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Providers;
using Gigawatt.Server.Ledger;
using Gigawatt.Units;
using Gigawatt.Wire;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Requests;

/// <summary>Copies of requests to targets that are tried out: nobody gets their answers, which are metered and compared with the client's.</summary>
/// <remarks>
/// A copy is a call of its own: it is reserved in the caller's budgets or not made, and has a record of its own, whose id is the
/// request's with <c>/shadow</c> behind it. It begins when the client's answer is under way, so it never delays one, and a client
/// that leaves does not end it. When <see cref="UnderWayMax"/> are under way, further ones are left out.
/// </remarks>
internal sealed partial class Shadows(UsageJournal journal, TimeProvider time, ILogger<Shadows> logger) : IHostedService, IDisposable
{
    /// <summary>Most copies at once.</summary>
    public const int UnderWayMax = 64;

    /// <summary>What the id of a copy's record ends in.</summary>
    public const string IdSuffix = "/shadow";

    private static readonly Duration Longest = Duration.FromSeconds(600);

    private readonly CancellationTokenSource _stopping = new();
    private int _underWay;

    /// <summary>Copies under way.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Makes the copy that the request's plan asks for, if any, as far as budgets and places allow.</summary>
    public void Begin(ModelCall call)
    {
        if (call.Plan.Shadow < 0) { return; }
        if (Interlocked.Increment(ref _underWay) > UnderWayMax || Prepare(call) is not { } copy)
        {
            Interlocked.Decrement(ref _underWay);
            return;
        }

        Start(copy);
    }

    // On its own, as the captured variable would be made for every request.
    private void Start(Copy copy) => _ = Task.Run(() => RunAsync(copy), CancellationToken.None);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Cuts off what is under way; it is charged for what came.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        while (UnderWay > 0) { await Task.Delay(10, cancellationToken); }
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private Copy? Prepare(ModelCall call)
    {
        RouteTarget target = call.Route.Targets[call.Plan.Shadow];
        IModelProvider provider = call.State.Endpoints[target.EndpointIndex].Provider;
        Dialect format = target.FormatFor(call.Dialect)!.Value;
        if (!Outgoing.TryWrite(call, target, format, provider, out Outgoing? outgoing, out _)) { return null; }
        TokenUsage tokens = Route.TokenBound(target, call.Facts.InputTokenBound, call.Facts.MaxOutputTokens, call.Facts.Choices, call.Facts.WebSearches, call.Facts.HourWrites);
        RequestImpact bound = RequestMeter.MeasureBound(target.Facts, tokens, target.Site);
        Instant now = Instant.From(time.GetUtcNow());
        // The client did not ask for it, so it counts against budgets, which somebody pays, and not against the client's pace.
        if (call.Caller.Accounts.Reserve(call.Facts.Model, Charge.Of(tokens, bound), now, out RequestHold? hold, out _, withRates: false) != RequestRefusal.None) { return null; }
        UsageRecord reserved = call.ToRecord(tokens, bound, now, UsageJournal.Recovered, estimated: true) with
        {
            Id = call.Id + IdSuffix,
            Endpoint = target.Endpoint,
            Model = outgoing.Call.Model,
            Decision = $"shadow of {call.Route.Name}, beside {call.Target.Endpoint}",
            Attempts = 1,
            FirstByte = null,
            Started = now,
        };
        // The request's own bytes go back to their pool before the copy is sent.
        ProviderCall sent = outgoing.Call with { Body = outgoing.Call.Body.ToArray() };
        return new(target, provider, sent, hold!, reserved, call.Facts.InputTokenBound);
    }

    private async Task RunAsync(Copy copy)
    {
        TokenUsage used = default;
        (string outcome, bool estimated, Instant? first) = (Outcomes.Failed, false, null);
        copy.Target.State.Begin();
        try
        {
            journal.Reserve(copy.Reserved);
            using var limit = new Deadline(Longest, time, _stopping.Token);
            (used, outcome, estimated, first) = await ReadAsync(copy, limit.Token);
        }
        catch (OperationCanceledException)
        {
            (used, outcome, estimated) = (new(AnswerReader.EstimateOutputTokens(copy.InputTokenBound), 0, 0, 0), Outcomes.Aborted, true);
        }
        catch (Exception e) { LogFailed(logger, e, copy.Reserved.Id); }
        finally
        {
            copy.Target.State.End();
            Settle(copy, used, outcome, estimated, first);
            Interlocked.Decrement(ref _underWay);
        }
    }

    private void Settle(Copy copy, TokenUsage used, string outcome, bool estimated, Instant? first)
    {
        RequestImpact impact = RequestMeter.Measure(copy.Target.Facts, used, copy.Target.Site);
        journal.Settle(copy.Reserved with
        {
            Tokens = used,
            Cost = impact.Cost,
            Energy = impact.Energy,
            Carbon = impact.Carbon,
            Water = impact.Water,
            Outcome = outcome,
            TokensEstimated = estimated,
            FirstByte = first,
            Ended = Instant.From(time.GetUtcNow()),
        });
        copy.Hold.Settle(Charge.Of(used, impact));
    }

    private async Task<(TokenUsage Used, string Outcome, bool Estimated, Instant? First)> ReadAsync(Copy copy, CancellationToken cancellationToken)
    {
        try
        {
            await using ProviderAnswer answer = await copy.Provider.SendAsync(copy.Call, cancellationToken);
            if (answer.Status >= 400) { return (default, Outcomes.Failed, false, null); }
            ShadowAnswer read = await ShadowAnswer.ReadAsync(copy.Call, answer.Body, copy.InputTokenBound, time, cancellationToken);
            return (read.Used, read.Whole ? Outcomes.Ok : Outcomes.Failed, read.Estimated, read.First);
        }
        catch (ProviderException) { return (default, Outcomes.Failed, false, null); }
    }

    private sealed record Copy(RouteTarget Target, IModelProvider Provider, ProviderCall Call, RequestHold Hold, UsageRecord Reserved, long InputTokenBound);

    [LoggerMessage(EventId = 2351, Level = LogLevel.Error, Message = "The copy {Id} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string id);
}
