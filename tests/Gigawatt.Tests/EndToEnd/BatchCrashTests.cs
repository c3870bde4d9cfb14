using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Gigawatt.Server.Ledger;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>
/// Goal: an accepted batch is worked off whatever happens to the server, and no request of it is sent twice. Method: a real server
/// process is killed with SIGKILL while a batch is under way, several times; then results and usage records are counted.
/// </summary>
public sealed class BatchCrashTests
{
    private const int Items = 150;
    private const int Kills = 3;

    [Fact]
    public async Task A_batch_outlives_the_server_and_each_request_has_one_result_and_at_most_one_charge()
    {
        using var folder = new TestFolder();
        string? key = null, id = null;
        for (int kill = 1; kill <= Kills; kill++)
        {
            ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
            key ??= server.ApiKey;
            using HttpClient http = Client(server, key!);
            id ??= await MakeAsync(http);
            int enough = kill * Items / (Kills + 2);
            await Until.TrueAsync(async () => Items - Count(await GetAsync(http, id), "processing") >= enough, $"{enough} requests had their results");
            await server.KillAsync();
        }

        await using (ServerProcess last = await ServerProcess.StartAsync(folder.At("data")))
        {
            using HttpClient http = Client(last, key!);
            await Until.TrueAsync(async () => (await GetAsync(http, id!)).GetProperty("processing_status").GetString() == "ended", "the batch ended");
            JsonElement batch = await GetAsync(http, id!);
            int succeeded = Count(batch, "succeeded"), errored = Count(batch, "errored");
            Assert.Equal((Items, 0), (succeeded + errored, Count(batch, "processing")));
            // At most as many as are under way at once are lost with each kill.
            Assert.InRange(errored, 0, Kills * 8);
            string[] lines = (await http.GetStringAsync(new Uri($"/v1/messages/batches/{id}/results", UriKind.Relative), TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(Items, lines.Select(static l => JsonDocument.Parse(l).RootElement.GetProperty("custom_id").GetString()).Distinct().Count());
            Assert.Equal(Items, lines.Length);
            Assert.Equal(0, await last.StopAsync());
            CheckLedger(folder.At("data"), succeeded, errored);
        }
    }

    private static void CheckLedger(string data, int succeeded, int errored)
    {
        using UsageLedger ledger = UsageLedger.Open(Path.Combine(data, "ledger.db"));
        long ok = ledger.Records().Count(static r => r.Outcome == "ok"), all = ledger.Records().Count;
        // An answer that was charged and not yet in the results when the server died is charged and errored.
        Assert.InRange(ok, succeeded, succeeded + errored);
        Assert.InRange(all, succeeded, succeeded + errored);
    }

    private static HttpClient Client(ServerProcess server, string key)
    {
        var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        http.DefaultRequestHeaders.Add("x-api-key", key);
        http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        return http;
    }

    private static async Task<string> MakeAsync(HttpClient http)
    {
        var body = new
        {
            requests = Enumerable.Range(0, Items).Select(static i => new
            {
                custom_id = string.Create(CultureInfo.InvariantCulture, $"item-{i}"),
                @params = new { model = "sim-small", max_tokens = 8, messages = new[] { new { role = "user", content = "hello" } } },
            }),
        };
        using HttpResponseMessage made = await http.PostAsJsonAsync("/v1/messages/batches", body);
        made.EnsureSuccessStatusCode();
        return (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private static Task<JsonElement> GetAsync(HttpClient http, string id) => http.GetFromJsonAsync<JsonElement>($"/v1/messages/batches/{id}");

    private static int Count(JsonElement batch, string what) => batch.GetProperty("request_counts").GetProperty(what).GetInt32();
}
