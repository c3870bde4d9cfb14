using System.Globalization;
using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Server.Requests;
using Gigawatt.Units;
using Gigawatt.Wire;
using Gigawatt.Wire.Responses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace Gigawatt.Server.Responses;

/// <summary>Kept responses, as OpenAI's API shows them: <c>/v1/responses/ID</c>.</summary>
internal sealed class ResponseEndpoints(ResponseStore store, RequestPath path, TimeProvider time)
{
    // As OpenAI's API has them for this list.
    private const int DefaultLimit = 20;
    private const int LimitMax = 100;

    /// <summary>Maps the paths under a root such as <c>/v1</c>.</summary>
    public void Map(IEndpointRouteBuilder routes, string root)
    {
        string one = root + "/responses/{id}";
        routes.MapGet(one, http => OfCallerAsync(http, (_, id, response) => GetAsync(http, id, response)));
        routes.MapDelete(one, http => OfCallerAsync(http, (owner, id, _) => DeleteAsync(http, owner, id)));
        routes.MapGet(one + "/input_items", http => OfCallerAsync(http, (_, id, response) => ListAsync(http, id, response)));
        routes.MapPost(one + "/cancel", http => OfCallerAsync(http, (_, id, _) => RefuseAsync(http, Wrong("id",
            $"Response {id} cannot be cancelled: only responses that are made in the background can, and there are none of those here."))));
    }

    private async Task OfCallerAsync(HttpContext http, Func<ResponseOwner, string, StoredResponse, Task> serve)
    {
        ApiError? error = path.Identify(http, out Caller? caller);
        if (error is not null)
        {
            await RefuseAsync(http, error);
            return;
        }

        string id = (string)http.Request.RouteValues["id"]!;
        var owner = new ResponseOwner(caller!.Tenant.Id, caller.Project?.Id);
        await (store.Find(owner, id, Instant.From(time.GetUtcNow())) is { } response ? serve(owner, id, response) : RefuseAsync(http, NotFound(id)));
    }

    private static Task GetAsync(HttpContext http, string id, StoredResponse response)
    {
        if (http.Request.Query["stream"] == "true") { return RefuseAsync(http, Wrong("stream", $"stream: response {id} cannot be streamed again: only responses that are made in the background can.")); }
        return Includes(http.Request.Query) is { } error ? RefuseAsync(http, error) : WriteAsync(http, response.Turn.Answer);
    }

    private Task DeleteAsync(HttpContext http, ResponseOwner owner, string id) =>
        store.Delete(owner, id) ? WriteAsync(http, StateWire.Deleted(id)) : RefuseAsync(http, NotFound(id));

    private static Task ListAsync(HttpContext http, string id, StoredResponse response)
    {
        IQueryCollection query = http.Request.Query;
        if (Includes(query) is { } error) { return RefuseAsync(http, error); }
        if (!response.Whole) { return RefuseAsync(http, new(ApiErrorKind.NotFound, $"The input of response {id} is gone: one that it goes on from was deleted or has expired.") { Code = "not_found" }); }
        int limit = DefaultLimit;
        if (query.TryGetValue("limit", out StringValues text) && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= LimitMax))
        {
            return RefuseAsync(http, Wrong("limit", $"limit: expected a whole number from 1 to {LimitMax}."));
        }

        if (query.ContainsKey("before")) { return RefuseAsync(http, Wrong("before", "before: pages are asked for by after and order here.")); }
        if (query["order"].ToString() is not ("" or "asc" or "desc")) { return RefuseAsync(http, Wrong("order", "order: expected asc or desc.")); }
        List<InputItem> items = StateWire.Items(response.Before, response.Turn.Input, id);
        if (query["order"] != "asc") { items.Reverse(); }
        int start = 0;
        if (query["after"].ToString() is { Length: > 0 } after)
        {
            start = items.FindIndex(item => item.Id == after) + 1;
            if (start == 0) { return RefuseAsync(http, Wrong("after", $"after: there is no item {after} in this list.")); }
        }

        return WriteAsync(http, StateWire.List([.. items.Skip(start).Take(limit)], items.Count - start > limit));
    }

    private static ApiError? Includes(IQueryCollection query) => query.ContainsKey("include") || query.ContainsKey("include[]")
        ? Wrong("include", "include: what was not asked for when the response was made was not kept; leave it out.")
        : null;

    private static ApiError NotFound(string id) => new(ApiErrorKind.NotFound, $"There is no response {id}.") { Code = "not_found" };

    private static ApiError Wrong(string field, string message) => new(ApiErrorKind.InvalidRequest, message, field);

    private static Task RefuseAsync(HttpContext http, ApiError error) => AnswerHeaders.WriteErrorAsync(http, Dialect.Responses, ModelCall.NewId(), error);

    private static Task WriteAsync(HttpContext http, byte[] body) => AnswerHeaders.WriteJsonAsync(http, Dialect.Responses, body);
}
