using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Providers;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests;

/// <summary><c>GET /v1/models</c>: what the caller may use, in the caller's format.</summary>
internal sealed class ModelListing(RequestPath path, EndpointDirectory directory)
{
    /// <summary>Models, a page at a time for Anthropic's clients.</summary>
    public async Task ListAsync(HttpContext http)
    {
        Dialect dialect = DataPathEndpoints.DialectOf(http.Request);
        string id = ModelCall.NewId();
        ApiError? error = path.Identify(http, out Caller? caller);
        ModelPage? page = null;
        if (error is null && !ModelPage.TryTake(Entries(caller!, dialect, directory.State), dialect, http.Request.Query, out page, out error)) { page = null; }
        await (error is null ? WriteAsync(http, dialect, id, ModelsWire.List(dialect, page!.Models, page.HasMore)) : AnswerHeaders.WriteErrorAsync(http, dialect, id, error));
    }

    /// <summary>One model.</summary>
    public async Task OneAsync(HttpContext http)
    {
        Dialect dialect = DataPathEndpoints.DialectOf(http.Request);
        string id = ModelCall.NewId();
        string model = (string)http.Request.RouteValues["id"]!;
        if (path.Identify(http, out Caller? caller) is { } error)
        {
            await AnswerHeaders.WriteErrorAsync(http, dialect, id, error);
            return;
        }

        ModelEntry? entry = Entries(caller!, dialect, directory.State).FirstOrDefault(e => e.Id == model);
        await (entry is null
            ? AnswerHeaders.WriteErrorAsync(http, dialect, id, Refusals.OfRouting(RoutingRefusal.UnknownModel, model, dialect))
            : WriteAsync(http, dialect, id, ModelsWire.One(dialect, entry)));
    }

    /// <summary>The models that have a route, then those of all endpoints that speak the format's API: those they list, else those
    /// of the catalogue that their patterns mean.</summary>
    public static IReadOnlyList<ModelEntry> Entries(Caller? caller, Dialect dialect, RequestPathState state)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var entries = new List<ModelEntry>();
        foreach (Route route in state.Routes.Configured)
        {
            RouteTarget? target = route.Targets.FirstOrDefault(t => t.ShadowBasisPoints == 0 && t.FormatFor(dialect) is not null
                && (caller is null || t.Tenants.Count == 0 || t.Tenants.Contains(caller.Tenant.Id)));
            if (target is null || route.Name.EndsWith('*') || (caller is not null && !RequestAdmission.MayUse(caller, route.Name))) { continue; }
            if (seen.Add(route.Name)) { entries.Add(new(route.Name, route.Name, null, target.Endpoint) { MaxOutputTokens = target.Facts.MaxOutputTokens }); }
        }

        foreach (ModelEndpoint endpoint in state.Endpoints)
        {
            EndpointFacts facts = endpoint.Facts;
            if (!facts.Dialects.Any(d => d.IsAnthropic() == dialect.IsAnthropic())) { continue; }
            IEnumerable<ProviderModel> models = endpoint.Listed.Count > 0
                ? endpoint.Listed
                : state.Catalog.Entries.Where(e => !e.Name.EndsWith('*') && facts.Models.Serves(e.Name)).Select(e => new ProviderModel(e.Name, e.Name, Created: null));
            foreach (ProviderModel model in models)
            {
                if (caller is not null && !RequestAdmission.MayUse(caller, model.Id)) { continue; }
                if (seen.Add(model.Id)) { entries.Add(Entry(model, endpoint.Provider.Name, state.Catalog)); }
            }
        }

        return entries;
    }

    private static ModelEntry Entry(ProviderModel model, string owner, ModelCatalog catalog) =>
        catalog.TryFind(model.Id, out ModelFacts facts)
            ? new(model.Id, model.DisplayName, model.Created, owner) { MaxInputTokens = facts.ContextTokens == int.MaxValue ? null : facts.ContextTokens, MaxOutputTokens = facts.MaxOutputTokens }
            : new(model.Id, model.DisplayName, model.Created, owner);

    private static Task WriteAsync(HttpContext http, Dialect dialect, string id, byte[] body)
    {
        AnswerHeaders.WriteId(http.Response, dialect, id);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        return http.Response.Body.WriteAsync(body, 0, body.Length, http.RequestAborted);
    }
}
