using System.Net;
using System.Net.Http.Json;
using Gigawatt.Wire.Control;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>Tenants, budgets, limits and the gate follow the config file of a running server, and what is spent stays spent.</summary>
public sealed class AdmissionReloadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Budgets_limits_and_the_gate_follow_the_file_and_what_is_spent_stays_spent()
    {
        using var folder = new TestFolder();
        string path = folder.At("gw.yaml");
        await WriteAsync(path, "tenants: [{ name: default, budgets: [$1 in total] }]");
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"), null, "--config", path);
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        Assert.Equal((200, ""), await AskAsync(http, server));
        decimal spent = await CommittedAsync(server, 1);
        Assert.True(spent > 0);

        await WriteAsync(path, "tenants: [{ name: default, budgets: [$0.000001 in total] }]");
        await Until.TrueAsync(async () => (await AskAsync(http, server)).Status == 429, "the lower budget is in force");
        decimal atLast = await CommittedAsync(server, 0.000001m);
        Assert.True(atLast >= spent, $"{spent} was spent, and {atLast} is known of after the change.");

        await WriteAsync(path, "tenants: [{ name: default, budgets: [$1 in total], limits: [1 request per minute] }]");
        await Until.TrueAsync(async () => (await AskAsync(http, server)).Status == 200, "the higher budget is in force");
        // What was answered before the limit was in force does not count against it.
        await Until.TrueAsync(async () => (await AskAsync(http, server)).Status == 429, "the limit is in force");
        Assert.True(await CommittedAsync(server, 1) > atLast);

        await WriteAsync(path, "tenants: [{ name: default, budgets: [$1 in total], limits: [] }]\nlimits: { concurrent: 1, production-share: 0, queue: 0 }");
        await Until.TrueAsync(async () => (await AskAsync(http, server)).Status == 200, "the limit is gone");
        using HttpResponseMessage underWay = await http.SendAsync(Request(server, "sim-large", stream: true), HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal((529, "overloaded_error"), await AskAsync(http, server));
        await WriteAsync(path, "tenants: [{ name: default, budgets: [$1 in total], limits: [] }]");
        await Until.TrueAsync(async () => (await AskAsync(http, server)).Status == 200, "the gate is open again");
    }

    private static async Task WriteAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path + ".new", text + "\n", Token);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static async Task<decimal> CommittedAsync(ServerProcess server, decimal limit)
    {
        var budgets = (await server.Control.GetFromJsonAsync("budgets?tenant=default", ControlJson.Default.BudgetViews, Token))!;
        BudgetView budget = Assert.Single(budgets, static b => b is { Scope: "tenant", Unit: "usd" });
        Assert.Equal(limit, budget.Limit);
        return budget.Committed;
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

    private static async Task<(int Status, string Error)> AskAsync(HttpClient http, ServerProcess server)
    {
        using HttpResponseMessage response = await http.SendAsync(Request(server, "sim-small", stream: false), Token);
        string text = await response.Content.ReadAsStringAsync(Token);
        return ((int)response.StatusCode, text.Contains("overloaded_error", StringComparison.Ordinal) ? "overloaded_error" : "");
    }
}
