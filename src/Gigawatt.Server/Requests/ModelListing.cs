using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Providers;
using Gigawatt.Tenants;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary><c>GET /v1/models</c>: what the caller may use, in the caller's format.</summary>
internal static class ModelListing
{
    /// <summary>All models, on one page.</summary>
    public static async Task ListAsync(HttpContext http, RequestPath path, EndpointDirectory directory)
    {
        Dialect dialect = DataPathEndpoints.DialectOf(http.Request);
        string id = ModelCall.NewId();
        if (path.Identify(http.Request.Headers, out Caller? caller) is { } error)
        {
            await AnswerHeaders.WriteErrorAsync(http, dialect, id, error);
            return;
        }

        await WriteAsync(http, dialect, id, ModelsWire.List(dialect, Entries(caller!, dialect, directory.State)));
    }

    /// <summary>One model.</summary>
    public static async Task OneAsync(HttpContext http, RequestPath path, EndpointDirectory directory)
    {
        Dialect dialect = DataPathEndpoints.DialectOf(http.Request);
        string id = ModelCall.NewId();
        string model = (string)http.Request.RouteValues["id"]!;
        if (path.Identify(http.Request.Headers, out Caller? caller) is { } error)
        {
            await AnswerHeaders.WriteErrorAsync(http, dialect, id, error);
            return;
        }

        ModelEntry? entry = Entries(caller!, dialect, directory.State).FirstOrDefault(e => e.Id == model);
        if (entry is null)
        {
            await AnswerHeaders.WriteErrorAsync(http, dialect, id, Refusals.OfRouting(RoutingRefusal.UnknownModel, model, dialect));
            return;
        }

        await WriteAsync(http, dialect, id, ModelsWire.One(dialect, entry));
    }

    /// <summary>The models of all endpoints that speak the format: those they list, else those of the catalogue that their patterns mean.</summary>
    public static IReadOnlyList<ModelEntry> Entries(Caller? caller, Dialect dialect, RequestPathState state)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var entries = new List<ModelEntry>();
        foreach (ModelEndpoint endpoint in state.Endpoints)
        {
            EndpointFacts facts = endpoint.Facts;
            if (!facts.Dialects.Contains(dialect)) { continue; }
            IEnumerable<ProviderModel> models = endpoint.Listed.Count > 0
                ? endpoint.Listed
                : state.Catalog.Entries.Where(e => !e.Name.EndsWith('*') && facts.Models.Serves(e.Name)).Select(e => new ProviderModel(e.Name, e.Name, Created: null));
            foreach (ProviderModel model in models)
            {
                if (caller is not null && (!MayUse(caller.Key.Models, model.Id) || !MayUse(caller.Tenant.Models, model.Id))) { continue; }
                if (seen.Add(model.Id)) { entries.Add(new(model.Id, model.DisplayName, model.Created, endpoint.Provider.Name)); }
            }
        }

        return entries;
    }

    private static bool MayUse(IReadOnlyList<string> patterns, string model) => patterns.Count == 0 || ModelPattern.MatchesAny(patterns, model);

    private static Task WriteAsync(HttpContext http, Dialect dialect, string id, byte[] body)
    {
        AnswerHeaders.WriteId(http.Response, dialect, id);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, 0, body.Length, http.RequestAborted);
    }
}
