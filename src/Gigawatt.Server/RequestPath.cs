using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Server.Requests;
using Gigawatt.Server.Requests.Caching;
using Gigawatt.Server.Telemetry;
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
/// admit   who sends it, is it well formed, may the key use the model; its bound is reserved in every budget and limit it touches.
///         A route that keeps answers gives an equal request's again, and the call is over
/// place   the targets of the model's route in the order in which they are tried, and why
/// run     the reservation goes into the journal, the client's bytes to a target, its bytes to the client; a failure before the first byte goes on to the next
/// meter   tokens become dollars, joules, grams and litres; the charge is in the journal before the answer's last byte goes out
/// </code>
/// </remarks>
internal sealed partial class RequestPath(
    EndpointDirectory directory, Identities identities, AdmissionGate gate, UsageJournal journal, Shadows shadows, RequestTelemetry telemetry, TimeProvider time, ILogger<RequestPath> logger)
{
    /// <summary>Serves one call, whatever becomes of it.</summary>
    public async Task ServeAsync(HttpContext http, Dialect dialect, PreparedCall? prepared = null)
    {
        using Activity? span = RequestSpan.Begin(http.Request.Headers, dialect);
        using var call = new ModelCall(http, dialect, directory.State, Now) { Prepared = prepared };
        try
        {
            ApiError? error = await AdmitAsync(call);
            if (error is null && !call.Answered) { error = await PlaceAsync(call) ?? await RunAsync(call); }
            if (error is not null)
            {
                telemetry.Refused(error.Kind, dialect);
                await AnswerHeaders.WriteErrorAsync(http, dialect, call.Id, error);
            }
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
        if (caller is null && Identify(call.Http, out caller) is { } stranger) { return stranger; }
        call.Caller = caller!;
        if (await call.ReadAsync() is { } malformed) { return malformed; }
        RequestRefusal refusal = RequestAdmission.Check(call.Caller, call.Facts.Model, call.Started);
        call.FindRoute();
        if (refusal != RequestRefusal.None) { return Refusals.OfRequest(refusal, call.Facts.Model, default, call.Started); }
        if (call.FoundRoute?.Cache is not null && await CachedAnswers.TryAnswerAsync(call, journal, time)) { return null; }
        return Reserve(call) ?? await gate.EnterAsync(call);
    }

    /// <summary>Sets the most that the call can take aside, instead of what it holds.</summary>
    private static ApiError? Reserve(ModelCall call)
    {
        call.Hold?.Release();
        RequestRefusal refusal = call.Caller.Accounts.Reserve(call.Facts.Model, Charge.Of(call.Bound, call.Most), call.Started, out RequestHold? hold, out Shortage shortage);
        call.Hold = hold;
        RateHeaders.Write(call.Http.Response.Headers, call.Dialect, call.Caller, call.Facts.Model, call.Started);
        return refusal == RequestRefusal.None ? null : Refusals.OfRequest(refusal, call.Facts.Model, shortage, call.Started);
    }

    /// <summary>Who shows a key; an error when nobody does who is let in.</summary>
    public ApiError? Identify(HttpContext http, out Caller? caller)
    {
        RequestRefusal refusal = identities.Identify(http, Now, out caller);
        return refusal == RequestRefusal.None ? null : Refusals.OfKey(refusal);
    }

    private async ValueTask<ApiError?> PlaceAsync(ModelCall call)
    {
        if (call.FoundRoute is null)
        {
            // It may have been published since the endpoints were asked.
            await directory.RefreshAsync(call.Http.RequestAborted);
            call.FindRoute();
            if (call.FoundRoute is not null && Reserve(call) is { } error) { return error; }
        }

        RoutingRefusal refusal = call.PlanRoute(Now);
        return refusal == RoutingRefusal.None ? null : Refusals.OfRouting(refusal, call.Facts.Model, call.Dialect);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ApiError?> RunAsync(ModelCall call)
    {
        Settlement settlement = Settlement.Begin(call, journal, time);
        CancellationToken aborted = call.Http.RequestAborted;
        using Deadline? limit = call.Route.Deadline is { } deadline ? new(call.Started + deadline - Now, time, aborted) : null;
        CancellationToken stopping = limit?.Token ?? aborted;
        try { return await new Dispatch(call, settlement, shadows, time, logger).RunAsync(stopping); }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            settlement.Settle(AnswerRelay.Estimate(call, answerLength: 0), aborted.IsCancellationRequested ? Outcomes.Aborted : Outcomes.Failed, estimated: true);
            return aborted.IsCancellationRequested ? null : new(ApiErrorKind.Timeout, $"No answer came within the deadline of {call.Route.Deadline}.");
        }
        finally
        {
            // Whatever was not charged above gave no answer.
            settlement.Settle(default, Outcomes.Failed, estimated: false);
            if (settlement.Overrun > Usd.Zero) { LogOverrun(logger, call.Id, call.Endpoint.Provider.Name, settlement.Overrun, call.Most.Cost); }
        }
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Error, Message = "Request {Id} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string id);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Warning, Message = "Request {Id} cost {Overrun} more at {Endpoint} than the {Bound} it was bounded by")]
    private static partial void LogOverrun(ILogger logger, string id, string endpoint, Usd overrun, Usd bound);
}
