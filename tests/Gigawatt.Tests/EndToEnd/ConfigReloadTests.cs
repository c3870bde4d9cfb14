using System.Net;
using System.Net.Http.Json;
using Gigawatt.Configuration;
using Gigawatt.Metering;
using Gigawatt.Server.Hosting;
using Gigawatt.Server.Requests;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>A config file that changes while the server runs.</summary>
public sealed class ConfigReloadTests
{
    private static readonly SiteFactors Site = new()
    {
        PueThousandths = 1_000,
        GridGramsPerMegawattHour = 0,
        SiteMillilitresPerMegawattHour = 0,
        GridMillilitresPerMegawattHour = 0,
        Source = "test",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_good_file_comes_into_force_a_bad_one_says_why_and_streams_under_way_go_on()
    {
        using var folder = new TestFolder();
        string path = folder.At("gw.yaml");
        await File.WriteAllTextAsync(path, Routes("mine"), Token);
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"), null, "--config", path);
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        Assert.Equal(HttpStatusCode.OK, await AskAsync(http, server, "mine"));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(http, server, "yours"));
        using HttpResponseMessage underWay = await http.SendAsync(Request(server, "sim-large", stream: true), HttpCompletionOption.ResponseHeadersRead, Token);

        // As editors and mounted configurations do it: another file in its place.
        await ReplaceAsync(path, Routes("yours").Replace("priority", "fastest", StringComparison.Ordinal) + "colour: red\n");
        await Until.TrueAsync(() => server.Said.Contains("2 mistakes; what was in force stays", StringComparison.Ordinal), "the mistakes are told");
        Assert.Contains("gw.yaml:3:15: strategy: \"fastest\" is unknown", server.Said, StringComparison.Ordinal);
        Assert.Contains("unknown field \"colour\"", server.Said, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(http, server, "mine"));

        await ReplaceAsync(path, Routes("yours"));
        await Until.TrueAsync(async () => await AskAsync(http, server, "yours") == HttpStatusCode.OK, "the new route is in force");
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(http, server, "mine"));
        Assert.EndsWith("data: {\"type\":\"message_stop\"}\n\n", await underWay.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_provider_goes_by_its_configured_name_and_routes_find_it()
    {
        using var models = new ConfiguredModels(TimeProvider.System);
        string[] kinds =
        [
            "kind: anthropic, key: k", "kind: openai, key: k", "kind: foundry, key: k, url: \"https://x.services.ai.azure.com\"",
            "kind: azure-openai, key: k, url: \"https://x.openai.azure.com\"", "kind: bedrock, region: us-east-1, key: k",
            "kind: vertex, project: p, location: global", "kind: simulated",
        ];
        string providers = string.Join(", ", kinds.Select(static (kind, i) => $"{{name: p{i}, {kind}}}"));
        string targets = string.Join(", ", kinds.Select(static (_, i) => $"{{provider: p{i}, model: m}}"));
        Loaded<ServerConfig> config = ServerConfig.Parse($"providers: [{providers}]\nroutes: [{{model: mine, targets: [{targets}]}}]", "gw.yaml", new Dictionary<string, string>());
        Assert.Empty(config.Problems);
        RequestPathState state = models.Build(config.Value!, Site);
        Assert.Equal(kinds.Select(static (_, i) => $"p{i}"), state.Endpoints.Select(static e => e.Provider.Name));
        Assert.Equal(kinds.Length, state.Routes.Find("mine")!.Targets.Count);
    }

    [Fact]
    public void A_provider_that_stays_the_same_keeps_its_connections_and_its_health()
    {
        using var models = new ConfiguredModels(TimeProvider.System);
        RequestPathState first = Build("providers: [{name: a, kind: anthropic, key: k}, {name: b, kind: openai, key: k, models: [gpt-*]}]");
        RequestPathState same = Build("models: [{name: claude-x, input-per-million: $1}]\nproviders: [{name: b, kind: openai, key: k, models: [gpt-*]}, {name: a, kind: anthropic, key: k}]");
        Assert.Same(first.Endpoints[0], same.Endpoints[1]);
        Assert.Same(first.Endpoints[1], same.Endpoints[0]);
        RequestPathState changed = Build("providers: [{name: a, kind: anthropic, key: other}, {name: b, kind: openai, key: k, models: [gpt-*, o3]}]");
        Assert.NotSame(first.Endpoints[0].Provider, changed.Endpoints[0].Provider);
        Assert.NotSame(first.Endpoints[1], changed.Endpoints[1]);
        Assert.Same(first.Endpoints[1].Provider, changed.Endpoints[1].Provider);
        Assert.True(changed.Endpoints[1].Facts.Models.Serves("o3"));

        RequestPathState Build(string yaml) => models.Build(ServerConfig.Parse(yaml, "gw.yaml", new Dictionary<string, string>()).Value!, Site);
    }

    private static string Routes(string model) => $$"""
        routes:
          - model: {{model}}
            strategy: priority
            targets: [{ provider: simulated, model: sim-small }]

        """;

    private static async Task ReplaceAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path + ".new", text, Token);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static HttpRequestMessage Request(ServerProcess server, string model, bool stream)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
        {
            Content = JsonContent.Create(new { model, max_tokens = stream ? 1_000 : 1, stream, messages = new[] { new { role = "user", content = "hello" } } }),
        };
        request.Headers.Add("x-api-key", server.ApiKey);
        request.Headers.Add("anthropic-version", "2023-06-01");
        return request;
    }

    private static async Task<HttpStatusCode> AskAsync(HttpClient http, ServerProcess server, string model)
    {
        using HttpResponseMessage response = await http.SendAsync(Request(server, model, stream: false), Token);
        return response.StatusCode;
    }
}
