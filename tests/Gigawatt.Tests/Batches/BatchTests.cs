using System.Net;
using System.Text;
using System.Text.Json;
using Gigawatt.Server.Batches;
using Gigawatt.Server.Identity;
using Gigawatt.Tenants;
using Gigawatt.Tests.Requests;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Wire.Batches;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Batches;

/// <summary>Batches over the data path: accepted, worked off, read, cancelled, deleted.</summary>
public sealed class BatchTests
{
    private const string Path = "/v1/messages/batches";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_request_is_answered_once_through_the_same_admission_and_metering()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        JsonElement made = await PostAsync(gateway, Path, Body(20));
        string id = made.GetProperty("id").GetString()!;
        Assert.StartsWith("msgbatch_", id, StringComparison.Ordinal);
        Assert.Equal("message_batch", made.GetProperty("type").GetString());
        Assert.Equal("in_progress", made.GetProperty("processing_status").GetString());
        Assert.Equal(20, Counts(made).Sum());
        JsonElement ended = await EndedAsync(gateway, id);
        Assert.Equal([0, 20, 0, 0, 0], Counts(ended));
        Assert.Equal(gateway.Url + "v1/messages/batches/" + id + "/results", ended.GetProperty("results_url").GetString());

        Dictionary<string, JsonElement> results = await ResultsAsync(gateway, id);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"r-{i}").Order(), results.Keys.Order());
        Assert.All(results.Values, r => Assert.Contains("simulat", r.GetProperty("message").GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.OrdinalIgnoreCase));
        IReadOnlyList<Gigawatt.Metering.UsageRecord> records = await gateway.RecordsAsync(20);
        Assert.All(records, r => Assert.Equal(("ok", gateway.Key.Facts.Id), (r.Outcome, r.Key)));
        Assert.Equal(results.Values.Sum(r => r.GetProperty("message").GetProperty("usage").GetProperty("output_tokens").GetInt64()), records.Sum(r => r.Tokens.Output));
    }

    [Fact]
    public async Task The_providers_answer_stands_in_the_results_as_it_came()
    {
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        string id = (await PostAsync(gateway, Path, Body(1, "claude-x"), ("anthropic-beta", "tomorrow-2027"))).GetProperty("id").GetString()!;
        await EndedAsync(gateway, id);
        using HttpResponseMessage results = await gateway.Http.SendAsync(Request(HttpMethod.Get, $"{Path}/{id}/results"), Token);
        Assert.Equal($$$"""{"custom_id":"r-0","result":{"type":"succeeded","message":{{{MessagesAnswer}}}}}""" + "\n", await results.Content.ReadAsStringAsync(Token));
        UpstreamRequest request = Assert.Single(upstream.Requests);
        Assert.Equal(("tomorrow-2027", "2023-06-01", "application/json"), (request.Header("anthropic-beta"), request.Header("anthropic-version"), request.Header("content-type")));
        Assert.Equal(Params("claude-x"), Encoding.UTF8.GetString(request.Body));
        Assert.DoesNotContain("gw-", request.Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_over_budget_are_errored_and_spending_stays_below_it()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        // Each is bounded by about 90 bytes of prompt and 64 tokens of answer: some 1,300 millionths of a dollar.
        NewKey key = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", Name = "poor", Budgets = [new(new Usd(4_000), BudgetPeriod.Total)] });
        gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", key.Secret);
        string id = (await PostAsync(gateway, Path, Body(40))).GetProperty("id").GetString()!;
        int[] counts = Counts(await EndedAsync(gateway, id));
        Assert.True(counts[1] > 0 && counts[2] > 0 && counts[1] + counts[2] == 40, string.Join(' ', counts));
        Assert.All((await ResultsAsync(gateway, id)).Values.Where(r => r.GetProperty("type").GetString() == "errored"),
            r => Assert.Equal("billing_error", r.GetProperty("error").GetProperty("error").GetProperty("type").GetString()));
        Assert.True(gateway.Committed <= 4_000);
    }

    [Fact]
    public async Task A_refusal_for_now_is_tried_again_and_counts_once()
    {
        await using var upstream = ScriptedUpstream.Start(
            UpstreamScript.Send(RawHttp.Answer(429, "Content-Type: application/json\r\nretry-after-ms: 60\r\n", "{}"u8)),
            UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        string id = (await PostAsync(gateway, Path, Body(1, "claude-x"))).GetProperty("id").GetString()!;
        int[] counts = Counts(await EndedAsync(gateway, id));
        Assert.Equal([0, 1, 0, 0, 0], counts);
    }

    [Fact]
    public async Task An_error_of_the_provider_is_the_requests_result()
    {
        const string Error = """{"type":"error","error":{"type":"invalid_request_error","message":"no"},"request_id":"req_theirs"}""";
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(400, Error)), UpstreamScript.Send(RawHttp.Json(400, "<html>")));
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        string first = (await PostAsync(gateway, Path, Body(1, "claude-x"))).GetProperty("id").GetString()!;
        await EndedAsync(gateway, first);
        Assert.Equal(Error, (await ResultsAsync(gateway, first))["r-0"].GetProperty("error").GetRawText());
        string second = (await PostAsync(gateway, Path, Body(1, "claude-x"))).GetProperty("id").GetString()!;
        await EndedAsync(gateway, second);
        Assert.Equal("api_error", (await ResultsAsync(gateway, second))["r-0"].GetProperty("error").GetProperty("error").GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_cancelled_batch_ends_with_what_was_under_way_and_can_then_be_deleted()
    {
        var script = UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer));
        await using var upstream = ScriptedUpstream.Start(script);
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        string id = (await PostAsync(gateway, Path, Body(30, "claude-x"))).GetProperty("id").GetString()!;
        await Eventually.IsTrueAsync(() => upstream.Requests.Count == new BatchOptions().Concurrency, "all places to be taken");
        Assert.Equal(HttpStatusCode.Conflict, (await gateway.Http.SendAsync(Request(HttpMethod.Delete, $"{Path}/{id}"), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Http.SendAsync(Request(HttpMethod.Get, $"{Path}/{id}/results"), Token)).StatusCode);
        Assert.Equal("canceling", (await PostAsync(gateway, $"{Path}/{id}/cancel", "")).GetProperty("processing_status").GetString());
        script.Release(30);
        JsonElement ended = await EndedAsync(gateway, id);
        Assert.Equal([0, 8, 0, 22, 0], Counts(ended));
        Assert.NotEqual(JsonValueKind.Null, ended.GetProperty("cancel_initiated_at").ValueKind);
        Assert.Equal(30, (await ResultsAsync(gateway, id)).Count);
        Assert.Equal(8, upstream.Requests.Count);

        using HttpResponseMessage deleted = await gateway.Http.SendAsync(Request(HttpMethod.Delete, $"{Path}/{id}"), Token);
        Assert.Equal($$"""{"id":"{{id}}","type":"message_batch_deleted"}""", await deleted.Content.ReadAsStringAsync(Token));
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.Http.SendAsync(Request(HttpMethod.Get, $"{Path}/{id}"), Token)).StatusCode);
        Assert.Empty(Directory.EnumerateDirectories(System.IO.Path.Combine(gateway.Folder, "batches")));
    }

    [Fact]
    public async Task Only_the_tenants_own_batches_are_there_newest_first_in_pages()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        var ids = new List<string>();
        for (int i = 0; i < 3; i++) { ids.Insert(0, (await PostAsync(gateway, "/anthropic" + Path, Body(1))).GetProperty("id").GetString()!); }
        Assert.Equal(Page(ids, false), await ListAsync(gateway, ""));
        Assert.Equal(Page(ids[..2], true), await ListAsync(gateway, "?limit=2"));
        Assert.Equal(Page(ids[2..], false), await ListAsync(gateway, $"?limit=2&after_id={ids[1]}"));
        gateway.Identities.Save(new Tenant { Id = "other", Name = "Other" });
        NewKey key = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "other", Name = "k" });
        gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", key.Secret);
        Assert.Equal(Page([], false), await ListAsync(gateway, ""));
        foreach ((HttpMethod method, string rest) in ((HttpMethod, string)[])[(HttpMethod.Get, ""), (HttpMethod.Get, "/results"), (HttpMethod.Post, "/cancel"), (HttpMethod.Delete, "")])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await gateway.Http.SendAsync(Request(method, $"{Path}/{ids[0]}{rest}"), Token)).StatusCode);
        }
    }

    [Fact]
    public async Task A_revoked_key_ends_what_it_has_not_begun()
    {
        var script = UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer));
        await using var upstream = ScriptedUpstream.Start(script);
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        NewKey key = gateway.Identities.CreateKey(new KeyFacts { Id = "", TenantId = "default", Name = "leaving" });
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(Body(12, "claude-x"), Encoding.UTF8, "application/json") };
        request.Headers.Add("anthropic-version", "2023-06-01");
        request.Headers.Authorization = new("Bearer", key.Secret);
        using HttpResponseMessage made = await gateway.Http.SendAsync(request, Token);
        string id = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("id").GetString()!;
        await Eventually.IsTrueAsync(() => upstream.Requests.Count == 8, "all places to be taken");
        gateway.Identities.Revoke(key.Facts.Id);
        script.Release(12);
        int[] counts = Counts(await EndedAsync(gateway, id));
        Assert.Equal([0, 8, 4, 0, 0], counts);
        Assert.Equal(4, (await ResultsAsync(gateway, id)).Values.Count(r => r.GetProperty("type").GetString() == "errored"
            && r.GetProperty("error").GetProperty("error").GetProperty("type").GetString() == "authentication_error"));
    }

    [Fact]
    public async Task A_bad_batch_is_refused_whole_and_leaves_nothing()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        using HttpResponseMessage refused = await gateway.PostAsync(Path, """{"requests":[{"custom_id":"a","params":{"model":"sim-small","max_tokens":1,"top_k":4,"messages":[{"role":"user","content":"x"}]}}]}""", ("anthropic-version", "2026-10-21"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("requests.0.params.top_k", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(System.IO.Path.Combine(gateway.Folder, "batches")));
        gateway.Http.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await gateway.PostAsync(Path, Body(1))).StatusCode);
    }

    private static string Params(string model) => $$"""{"model":"{{model}}", "max_tokens":64,"messages":[{"role":"user","content":"Hello"}]}""";

    private static string Body(int count, string model = "sim-small") =>
        "{\"requests\":[" + string.Join(",\n", Enumerable.Range(0, count).Select(i => $$"""{"custom_id":"r-{{i}}","params":{{Params(model)}}}""")) + "]}";

    private static HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("anthropic-version", "2023-06-01");
        return request;
    }

    private static async Task<JsonElement> PostAsync(Gateway gateway, string path, string body, params (string, string)[] headers)
    {
        using HttpResponseMessage response = await gateway.PostAsync(path, body, headers);
        string text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.StartsWith("req_", Header(response, "request-id"), StringComparison.Ordinal);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<JsonElement> EndedAsync(Gateway gateway, string id)
    {
        JsonElement batch = default;
        using var tooLate = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        do
        {
            Assert.False(tooLate.IsCancellationRequested, $"The batch did not end: {batch}");
            await Task.Delay(10, Token);
            using HttpResponseMessage response = await gateway.Http.SendAsync(Request(HttpMethod.Get, $"{Path}/{id}"), Token);
            batch = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement;
        }
        while (batch.GetProperty("processing_status").GetString() != "ended");
        return batch;
    }

    private static async Task<Dictionary<string, JsonElement>> ResultsAsync(Gateway gateway, string id)
    {
        using HttpResponseMessage response = await gateway.Http.SendAsync(Request(HttpMethod.Get, $"{Path}/{id}/results"), Token);
        Assert.Equal("application/x-jsonl", response.Content.Headers.ContentType!.MediaType);
        string[] lines = (await response.Content.ReadAsStringAsync(Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Select(l => JsonDocument.Parse(l).RootElement).ToDictionary(l => l.GetProperty("custom_id").GetString()!, l => l.GetProperty("result"));
    }

    private static async Task<string> ListAsync(Gateway gateway, string query)
    {
        using HttpResponseMessage response = await gateway.Http.SendAsync(Request(HttpMethod.Get, Path + query), Token);
        JsonElement list = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement;
        return Page(list.GetProperty("data").EnumerateArray().Select(b => b.GetProperty("id").GetString()!), list.GetProperty("has_more").GetBoolean());
    }

    private static string Page(IEnumerable<string> ids, bool more) => $"{string.Join(' ', ids)} {more}";

    private static int[] Counts(JsonElement batch)
    {
        JsonElement counts = batch.GetProperty("request_counts");
        return [.. ((string[])["processing", "succeeded", "errored", "canceled", "expired"]).Select(name => counts.GetProperty(name).GetInt32())];
    }
}
