using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using Gigawatt.Metering;
using Gigawatt.Server.Ledger;
using Gigawatt.Wire.Control;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>
/// Goal: a budget of a few cents holds through kill -9, and pays for every answer that came. Method: 64 clients race for it on a real
/// server that is killed again and again in the middle of it; then what the clients hold is compared with the ledger, and the ledger
/// with the budget. GIGAWATT_CRASH_ROUNDS sets the number of kills.
/// </summary>
public sealed class BudgetCrashTests
{
    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("GIGAWATT_CRASH_ROUNDS") ?? "3", CultureInfo.InvariantCulture);

    private readonly ConcurrentDictionary<string, byte> _answered = new();
    private int _refused;

    [Fact]
    public async Task Killing_the_server_under_racing_clients_never_takes_spending_above_the_budget_or_below_what_was_delivered()
    {
        using var folder = new TestFolder();
        string? key = null;
        var random = new Random(20_261_124);
        decimal budget = 0;
        for (int round = 0; round < Rounds; round++)
        {
            ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
            key ??= server.ApiKey;
            // The budget grows with each round, or the first would use it up: what was spent and what was lost in crashes counts.
            decimal committed = await CommittedAsync(server);
            budget = committed + 0.02m;
            await SetBudgetAsync(server, budget);
            using var load = new CancellationTokenSource();
            Task[] clients = [.. Enumerable.Range(0, 64).Select(i => RaceAsync(server.Url, key!, stream: i % 2 == 0, leave: i % 7 == 0, load.Token))];
            int before = _answered.Count + Volatile.Read(ref _refused), more = random.Next(20, 150);
            await Until.TrueAsync(() => _answered.Count + Volatile.Read(ref _refused) >= before + more, $"{more} more answers came");
            await server.KillAsync();
            await load.CancelAsync();
            await Task.WhenAll(clients);
        }

        decimal atLast;
        await using (ServerProcess last = await ServerProcess.StartAsync(folder.At("data")))
        {
            atLast = await CommittedAsync(last);
            Assert.Equal(0, await last.StopAsync());
        }

        using UsageLedger ledger = UsageLedger.Open(Path.Combine(folder.At("data"), "ledger.db"));
        Dictionary<string, UsageRecord> records = ledger.Records().ToDictionary(static r => r.Id);
        Assert.NotEmpty(_answered);
        Assert.All(_answered.Keys, id => Assert.True(records.ContainsKey(id) && records[id].Cost.Micros > 0, $"{id} was answered and is not paid for"));
        decimal spent = records.Values.Sum(static r => r.Cost.Micros) / 1_000_000m;
        Assert.True(spent <= budget, $"{spent} was spent of {budget}.");
        Assert.Equal(spent, atLast);
    }

    private static async Task<decimal> CommittedAsync(ServerProcess server)
    {
        var budgets = (await server.Control.GetFromJsonAsync("budgets?tenant=default", ControlJson.Default.BudgetViews))!;
        return budgets.Where(static b => b is { Scope: "tenant", Unit: "usd" }).Select(static b => b.Committed).SingleOrDefault();
    }

    private static async Task SetBudgetAsync(ServerProcess server, decimal dollars)
    {
        var change = new BudgetChange { Tenant = "default", Budgets = [string.Create(CultureInfo.InvariantCulture, $"${dollars} in total")] };
        using HttpResponseMessage answer = await server.Control.PutAsJsonAsync("budgets", change, ControlJson.Default.BudgetChange);
        answer.EnsureSuccessStatusCode();
    }

    private async Task RaceAsync(string url, string key, bool stream, bool leave, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Add("x-api-key", key);
        http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        var body = new { model = "sim-small", max_tokens = 5, stream, messages = new[] { new { role = "user", content = "hello" } } };
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = JsonContent.Create(body) };
                using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (response.StatusCode == HttpStatusCode.TooManyRequests)
                {
                    Interlocked.Increment(ref _refused);
                    await Task.Delay(5, cancellationToken);
                    continue;
                }

                response.EnsureSuccessStatusCode();
                if (leave) { continue; }
                string text = await response.Content.ReadAsStringAsync(cancellationToken);
                if (!stream || text.Contains("message_stop", StringComparison.Ordinal)) { _answered.TryAdd(response.Headers.GetValues("x-gigawatt-request-id").Single(), 0); }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                return;
            }
        }
    }
}
