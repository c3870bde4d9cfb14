using System.Net;
using System.Text.Json;
using Gigawatt.Server.Identity;
using Gigawatt.Tenants;
using Gigawatt.Tests.Support;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>Which models are there, who may see them, and where calls for them go.</summary>
public sealed class ModelListTests
{
    private const string Listed = """{"data":[{"type":"model","id":"claude-new-20261021","display_name":"New","created_at":"2026-10-21T00:00:00Z"},{"type":"model","id":"claude-x","display_name":"X","created_at":"2026-01-01T00:00:00Z"}],"has_more":false}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_format_lists_the_models_that_are_served_in_it()
    {
        await using var anthropic = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, Listed)));
        await using Gateway gateway = await Gateway.StartAsync(askForModels: true, Gateway.Anthropic(anthropic.Url), Gateway.Simulation());
        Assert.Equal(["claude-new-20261021", "claude-x", "sim-small"], await IdsAsync(gateway, "/v1/models?limit=1000", anthropic: true));
        Assert.Equal(["sim-small"], await IdsAsync(gateway, "/v1/models", anthropic: false));

        NewKey key = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", Name = "narrow", Models = ["sim-*"] });
        gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", key.Secret);
        Assert.Equal(["sim-small"], await IdsAsync(gateway, "/v1/models", anthropic: true));
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Http.GetAsync(new Uri("/v1/models/claude-x", UriKind.Relative), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.GetAsync(new Uri("/v1/models/sim-small", UriKind.Relative), Token)).StatusCode);
        gateway.Http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await gateway.Http.GetAsync(new Uri("/v1/models", UriKind.Relative), Token)).StatusCode);
    }

    [Fact]
    public async Task A_listed_model_is_served_by_its_name_and_without_its_date_and_no_other_is()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, Listed)), UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(askForModels: true, Gateway.Anthropic(upstream.Url));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, "claude-new-20261021"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, "claude-new"));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(gateway, "claude-old"));
    }

    [Fact]
    public async Task An_endpoint_that_does_not_list_its_models_serves_what_its_patterns_say()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(404, "{}")), UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(askForModels: true, Gateway.Anthropic(upstream.Url));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, "claude-anything"));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(gateway, "gpt-x"));
    }

    [Fact]
    public async Task An_endpoint_that_is_down_at_the_start_serves_what_its_patterns_say()
    {
        (Uri url, IDisposable port) = ScriptedUpstream.Refusing();
        using (port)
        {
            await using Gateway gateway = await Gateway.StartAsync(askForModels: true, Gateway.Anthropic(url));
            Assert.Equal(HttpStatusCode.BadGateway, await AskAsync(gateway, "claude-x"));
        }
    }

    [Fact]
    public async Task Anthropics_list_comes_in_pages_both_ways_and_openais_on_one()
    {
        string[] all = [.. Enumerable.Range(0, 25).Select(i => $"claude-{i:00}")];
        string listed = $$"""{"data":[{{string.Join(',', all.Select(id => $$"""{"type":"model","id":"{{id}}","display_name":"D"}"""))}}],"has_more":false}""";
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, listed)));
        await using Gateway gateway = await Gateway.StartAsync(askForModels: true, Gateway.Anthropic(upstream.Url));
        foreach (string root in (string[])["/v1", "/anthropic/v1"])
        {
            Assert.Equal(all[..20], await IdsAsync(gateway, root + "/models", anthropic: true));
            Assert.Equal(all, await IdsAsync(gateway, root + "/models?limit=1000", anthropic: true));
            Assert.Equal(all[20..], await IdsAsync(gateway, root + "/models?after_id=claude-19", anthropic: true));
            Assert.Equal(all[3..5], await IdsAsync(gateway, root + "/models?limit=2&before_id=claude-05", anthropic: true));
        }

        foreach (string wrong in (string[])["limit=0", "limit=1001", "limit=x", "after_id=nobody", "after_id=claude-01&before_id=claude-02"])
        {
            using HttpResponseMessage refused = await gateway.Http.GetAsync(new Uri("/anthropic/v1/models?" + wrong, UriKind.Relative), Token);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Head_of_the_root_answers_without_a_key()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        gateway.Http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.OK, (await gateway.Http.SendAsync(new(HttpMethod.Head, "/"), Token)).StatusCode);
    }

    private static async Task<HttpStatusCode> AskAsync(Gateway gateway, string model)
    {
        using HttpResponseMessage response = await gateway.PostAsync("/v1/messages", $$"""{"model":"{{model}}","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}""");
        return response.StatusCode;
    }

    private static async Task<string?[]> IdsAsync(Gateway gateway, string path, bool anthropic)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (anthropic) { request.Headers.Add("anthropic-version", "2023-06-01"); }
        using HttpResponseMessage response = await gateway.Http.SendAsync(request, Token);
        using JsonDocument list = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(anthropic, list.RootElement.TryGetProperty("has_more", out _));
        return [.. list.RootElement.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString())];
    }
}
