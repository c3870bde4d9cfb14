using Gigawatt.Admission;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Providers;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Server.Requests;
using Gigawatt.Units;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server;

/// <summary>The data path. A model call is admitted, placed, run and metered here; nothing on its way in takes a lock, asks a
/// database, or calls anyone but the provider.</summary>
/// <remarks>
/// <code>
/// admit   who sends it, is it well formed, may the key use the model; its bound is reserved in two budgets
/// place   the endpoint that serves the model in the caller's format, and why
/// run     the reservation goes into the journal, the client's bytes to the provider, the provider's bytes to the client
/// meter   tokens become dollars, joules, grams and litres; the charge is in the journal before the answer's last byte goes out
/// </code>
/// </remarks>
internal sealed partial class RequestPath(
    EndpointDirectory directory, Identities identities, UsageJournal journal, TimeProvider time, ILogger<RequestPath> logger)
{
    /// <summary>Serves one call, whatever becomes of it.</summary>
    public async Task ServeAsync(HttpContext http, Dialect dialect, PreparedCall? prepared = null)
    {
        using var call = new ModelCall(http, dialect, directory.State, Now) { Prepared = prepared };
        try
        {
            ApiError? error = await AdmitAsync(call) ?? await PlaceAsync(call) ?? await RunAsync(call);
            if (error is not null) { await AnswerHeaders.WriteErrorAsync(http, dialect, call.Id, error); }
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionResetException && http.RequestAborted.IsCancellationRequested)
        {
            // The client left before anything was dispatched, or while an error was written to it.
        }
        catch (Exception e)
        {
            LogFailed(logger, e, call.Id);
            if (http.Response.HasStarted) { http.Abort(); }
            else { await AnswerHeaders.WriteErrorAsync(http, dialect, call.Id, new(ApiErrorKind.Api, "This server failed; its log has the reason under the request id.")); }
        }
    }

    /// <summary>The configuration in force.</summary>
    public RequestPathState State => directory.State;

    private Instant Now => Instant.From(time.GetUtcNow());

    private async ValueTask<ApiError?> AdmitAsync(ModelCall call)
    {
        Caller? caller = call.Prepared?.Caller;
        if (caller is null && Identify(call.Http.Request.Headers, out caller) is { } stranger) { return stranger; }
        call.Caller = caller!;
        if (await call.ReadAsync() is { } malformed) { return malformed; }
        RequestRefusal refusal = RequestAdmission.Check(call.Caller, call.Facts.Model, call.Started);
        call.Model = call.State.Catalog.Find(call.Facts.Model);
        long output = call.Facts.MaxOutputTokens ?? (long)call.Model.MaxOutputTokens * call.Facts.Choices;
        call.Bound = call.Dialect == Dialect.CountTokens ? default : RequestMeter.Bound(call.Model, call.Facts.InputTokenBound, output);
        Usd bound = RequestMeter.Cost(call.Model, call.Bound);
        if (refusal == RequestRefusal.None)
        {
            refusal = RequestAdmission.Reserve(call.Caller, bound, call.Started, out RequestHold hold);
            call.Hold = refusal == RequestRefusal.None ? hold : null;
        }

        return refusal == RequestRefusal.None ? null : Refusals.OfRequest(refusal, call.Caller, call.Facts.Model, bound);
    }

    /// <summary>Who shows a key; an error when nobody does who is let in.</summary>
    public ApiError? Identify(IHeaderDictionary headers, out Caller? caller)
    {
        caller = Credentials.Find(headers, identities.Ring, out RequestRefusal refusal);
        if (caller is not null) { refusal = RequestAdmission.CheckKey(caller, Now); }
        return refusal == RequestRefusal.None ? null : Refusals.OfKey(refusal);
    }

    private async ValueTask<ApiError?> PlaceAsync(ModelCall call)
    {
        // The name goes into a header, and no model has one that cannot.
        if (call.Facts.Model.AsSpan().ContainsAnyExceptInRange('!', '~')) { return Refusals.OfRouting(RoutingRefusal.UnknownModel, call.Facts.Model, call.Dialect); }
        RoutingDecision decision = Choose(call);
        if (decision.Refusal == RoutingRefusal.UnknownModel)
        {
            // It may have been published since the endpoints were asked.
            await directory.RefreshAsync(call.Http.RequestAborted);
            decision = Choose(call);
        }

        if (decision.Refusal != RoutingRefusal.None) { return Refusals.OfRouting(decision.Refusal, call.Facts.Model, call.Dialect); }
        (call.Endpoint, call.Reason) = (call.State.Endpoints[decision.Index], decision.Reason);
        return null;
    }

    private async Task<ApiError?> RunAsync(ModelCall call)
    {
        Settlement settlement = Settlement.Begin(call, journal, time);
        CancellationToken aborted = call.Http.RequestAborted;
        call.Endpoint.Begin();
        try
        {
            call.BodyInUse = true;
            await using ProviderAnswer answer = await call.Endpoint.Provider.SendAsync(call.ToProvider(), aborted);
            ApiError? error = await AnswerRelay.RunAsync(call, answer, settlement, aborted);
            call.BodyInUse = error is not null || aborted.IsCancellationRequested;
            return error;
        }
        catch (ProviderException e)
        {
            LogProviderFailed(logger, call.Endpoint.Provider.Name, call.Id, e.Message);
            return new(e.TimedOut ? ApiErrorKind.Timeout : ApiErrorKind.BadGateway, e.Message);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            settlement.Settle(AnswerRelay.Estimate(call, answerLength: 0), Outcomes.Aborted, estimated: true);
            return null;
        }
        finally
        {
            call.Endpoint.End();
            // Whatever was not charged above gave no answer.
            settlement.Settle(default, Outcomes.Failed, estimated: false);
            if (settlement.Overrun > Usd.Zero) { LogOverrun(logger, call.Id, call.Endpoint.Provider.Name, settlement.Overrun, RequestMeter.Cost(call.Model, call.Bound)); }
        }
    }

    private static RoutingDecision Choose(ModelCall call)
    {
        IReadOnlyList<ModelEndpoint> endpoints = call.State.Endpoints;
        var facts = new EndpointFacts[endpoints.Count];
        Span<int> inFlight = endpoints.Count <= 64 ? stackalloc int[endpoints.Count] : new int[endpoints.Count];
        for (int i = 0; i < facts.Length; i++) { (facts[i], inFlight[i]) = (endpoints[i].Facts, endpoints[i].InFlight); }
        return EndpointRouting.Choose(facts, inFlight, call.Facts.Model, call.Dialect);
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Error, Message = "Request {Id} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string id);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "{Endpoint} gave no answer to request {Id}: {Reason}")]
    private static partial void LogProviderFailed(ILogger logger, string endpoint, string id, string reason);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Warning, Message = "Request {Id} cost {Overrun} more at {Endpoint} than the {Bound} it was bounded by")]
    private static partial void LogOverrun(ILogger logger, string id, string endpoint, Usd overrun, Usd bound);
}
