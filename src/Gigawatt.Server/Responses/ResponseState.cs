using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Server.Requests;
using Gigawatt.Units;
using Gigawatt.Wire;
using Gigawatt.Wire.Responses;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Gigawatt.Server.Responses;

/// <summary><c>POST /v1/responses</c>: what a request goes on from is put in front of it, and its answer is kept.</summary>
/// <remarks>Requests that want neither go to the path as they are. A provider that keeps the conversation itself is sent the
/// client's bytes, every other the whole conversation; so a conversation can go on at any of them.</remarks>
internal sealed partial class ResponseState(ResponseStore store, ResponseOptions options, RequestPath path, TimeProvider time, ILogger<ResponseState> logger)
{
    /// <summary>Serves it.</summary>
    /// <param name="http">The request.</param>
    /// <param name="prepared">The request where its key and body were read already, or null.</param>
    public async Task ServeAsync(HttpContext http, PreparedCall? prepared)
    {
        ApiError? error = null;
        if (prepared is null) { (prepared, error) = await ReadAsync(http); }
        if (error is null)
        {
            StateRequest request = StateRequest.Read(prepared!.Body!.Value.Span);
            if (request is { Store: false, PreviousId: null }) { await path.ServeAsync(http, Dialect.Responses, prepared); }
            else { error = await ServeAsync(http, prepared, request); }
        }

        if (error is not null) { await AnswerHeaders.WriteErrorAsync(http, Dialect.Responses, ModelCall.NewId(), error); }
    }

    private Instant Now => Instant.From(time.GetUtcNow());

    private async ValueTask<(PreparedCall?, ApiError?)> ReadAsync(HttpContext http)
    {
        if (path.Identify(http, out Caller? caller) is { } stranger) { return (null, stranger); }
        (byte[]? buffer, int length, ApiError? error) = await RequestBody.ReadAsync(http, path.State.MaxBodyBytes, http.RequestAborted);
        if (error is not null) { return (null, error); }
        // A connection to a provider may be reading from the body when the answer is done, so it is not given back.
        byte[] body = buffer.AsSpan(0, length).ToArray();
        System.Buffers.ArrayPool<byte>.Shared.Return(buffer!);
        return (new PreparedCall { Caller = caller, Body = body }, null);
    }

    private async Task<ApiError?> ServeAsync(HttpContext http, PreparedCall call, StateRequest request)
    {
        ReadOnlyMemory<byte> body = call.Body!.Value;
        var owner = new ResponseOwner(call.Caller!.Tenant.Id, call.Caller.Project?.Id);
        StoredResponse? before = null;
        if (request.PreviousId is { } previous)
        {
            before = store.Find(owner, previous, Now);
            if (before is not { Whole: true }) { return Gone(previous, before is not null); }
            if (ConversationItems.Expand(body.Span, [.. before.Before, before.Turn]) is not { } whole) { return NotAnObject; }
            if (whole.Length > path.State.MaxBodyBytes) { return new(ApiErrorKind.TooLarge, $"previous_response_id: the conversation with this request is {whole.Length} bytes long; {path.State.MaxBodyBytes} are allowed.", "previous_response_id"); }
            call = call with { Body = whole, Kept = before.Endpoint is { } endpoint ? new(endpoint, body) : null };
        }

        ResponseTap tap = ResponseTap.Begin(http, new(body.Span, request.Store, request.PreviousId), (answer, keptThere) =>
        {
            if (request.Store) { Keep(owner, before?.Row, new(ConversationItems.InputOf(body.Span).ToArray(), answer.ToArray()), keptThere ? KeeperOf(http) : null); }
        });
        await path.ServeAsync(http, Dialect.Responses, call);
        await tap.EndAsync();
        return null;
    }

    // An answer is not lost because it could not be kept: to go on from it will say that it is not there.
    private void Keep(ResponseOwner owner, long? before, StoredTurn turn, string? endpoint)
    {
        if (JsonTop.Text(turn.Answer, "id"u8) is not { Length: > 0 } id) { return; }
        try { store.Keep(owner, id, before, turn, endpoint, Now, options.LengthMax); }
        catch (Exception e) when (e is SqliteException or InvalidOperationException) { LogNotKept(logger, e, id); }
    }

    private string? KeeperOf(HttpContext http)
    {
        string name = http.Response.Headers["x-gigawatt-endpoint"].ToString();
        return path.State.Endpoints.Any(e => e.Provider.Name == name && e.Provider.KeepsResponses) ? name : null;
    }

    private static ApiError NotAnObject => new(ApiErrorKind.InvalidRequest, "The request body must be a JSON object.");

    private static ApiError Gone(string id, bool broken) => new(ApiErrorKind.InvalidRequest,
        broken
            ? $"previous_response_id: response {id} is kept, but one that it goes on from was deleted or has expired. Send the whole conversation as input."
            : $"previous_response_id: there is no response {id}. It was made with store: false, was deleted or has expired. Send the whole conversation as input.",
        "previous_response_id")
    {
        Code = "previous_response_not_found",
    };

    [LoggerMessage(EventId = 2401, Level = LogLevel.Error, Message = "Response {Id} could not be kept")]
    private static partial void LogNotKept(ILogger logger, Exception exception, string id);
}
