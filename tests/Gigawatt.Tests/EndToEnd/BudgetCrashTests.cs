using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Gigawatt.Metering;
using Gigawatt.Server.Ledger;
using Gigawatt.Wire.Control;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>
/// Goal: a budget of a few cents holds through kill -9, and pays for every token that came. Method: 64 clients race for it on a real
/// server that is killed again and again in the middle of it, some of them with streams, some of which hang up. Each counts what it
/// received, until the connection broke; then that is priced and compared with the ledger, and the ledger with the budget.
/// GIGAWATT_CRASH_ROUNDS sets the number of kills.
/// </summary>
public sealed class BudgetCrashTests
{
    // A budget of two cents is gone after some 25 requests, of which a dozen run at once.
    private const long InputDollars = 10;
    private const long OutputDollars = 100;
    private const decimal EachRound = 0.02m;

    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("GIGAWATT_CRASH_ROUNDS") ?? "3", CultureInfo.InvariantCulture);

    private readonly ConcurrentDictionary<string, Received> _received = new();
    private int _whole;
    private int _refused;

    [Fact]
    public async Task Killing_the_server_under_racing_clients_never_takes_spending_above_the_budget_or_below_what_was_delivered()
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.At("gw.yaml"), $$"""
            models:
              - { name: sim-small, input-per-million: ${{InputDollars}}, cache-read-per-million: $1, cache-write-per-million: $1, output-per-million: ${{OutputDollars}} }
            """, TestContext.Current.CancellationToken);
        string? key = null;
        var random = new Random(20_261_124);
        decimal budget = 0;
        for (int round = 0; round < Rounds; round++)
        {
            ServerProcess server = await ServerProcess.StartAsync(folder.At("data"), null, "--config", folder.At("gw.yaml"));
            key ??= server.ApiKey;
            decimal committed = await CommittedAsync(server);
            Assert.True(committed <= budget, $"After kill {round}, {committed} of {budget} is committed.");
            // It grows with each round, or the first would use it up: what a crash cut off counts at its bound.
            budget = committed + EachRound;
            await SetBudgetAsync(server, budget);
            using var load = new CancellationTokenSource();
            Task[] clients = [.. Enumerable.Range(0, 64).Select(i => RaceAsync(server.Url, key!, stream: i % 2 == 0, leave: i % 7 == 0, load.Token))];
            // Some rounds end before the budget does, some after; and refusals are quick, so on a busy machine a round can end before any answer does.
            int before = Seen, more = random.Next(5, 120);
            await Until.TrueAsync(() => Seen >= before + more && (round > 0 || Both), $"{more} more answers came");
            await server.KillAsync();
            await load.CancelAsync();
            await Task.WhenAll(clients);
        }

        decimal atLast;
        await using (ServerProcess last = await ServerProcess.StartAsync(folder.At("data"), null, "--config", folder.At("gw.yaml")))
        {
            atLast = await CommittedAsync(last);
            Assert.Equal(0, await last.StopAsync());
        }

        using UsageLedger ledger = UsageLedger.Open(Path.Combine(folder.At("data"), "ledger.db"));
        Dictionary<string, UsageRecord> records = ledger.Records().ToDictionary(static r => r.Id);
        Assert.All(_received, r => Assert.True(
            records.TryGetValue(r.Key, out UsageRecord record) && record.Cost.Micros >= r.Value.Micros,
            $"{r.Key} received {r.Value}, worth {r.Value.Micros} micro-dollars, and the ledger has {record}"));
        decimal spent = records.Values.Sum(static r => r.Cost.Micros) / 1_000_000m, delivered = _received.Values.Sum(static r => r.Micros) / 1_000_000m;
        Assert.True(delivered > 0 && delivered <= spent && spent <= budget, $"{delivered} was delivered, {spent} was spent of {budget}.");
        Assert.Equal(spent, atLast);
    }

    private int Seen => Volatile.Read(ref _whole) + Volatile.Read(ref _refused);

    private bool Both => Volatile.Read(ref _whole) > 0 && Volatile.Read(ref _refused) > 0;

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
        using var http = new HttpClient(new SocketsHttpHandler { MaxResponseDrainSize = 0 }) { BaseAddress = new Uri(url) };
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
                await ReceiveAsync(response, stream, leave, cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                return;
            }
        }
    }

    /// <summary>Counts line by line, so that what came before the connection broke counts too.</summary>
    private async Task ReceiveAsync(HttpResponseMessage response, bool stream, bool leave, CancellationToken cancellationToken)
    {
        Received received = _received.GetOrAdd(response.Headers.GetValues("x-gigawatt-request-id").Single(), static _ => new Received());
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            string json = stream ? line.StartsWith("data: ", StringComparison.Ordinal) ? line["data: ".Length..] : "" : line;
            if (json.Length == 0) { continue; }
            using JsonDocument parsed = JsonDocument.Parse(json);
            received.Take(parsed.RootElement);
            if (leave && received.Output > 1) { return; }
        }

        Interlocked.Increment(ref _whole);
    }

    /// <summary>What of an answer came.</summary>
    private sealed class Received
    {
        public long Input { get; private set; }

        public long Output { get; private set; }

        public long Micros => Input * InputDollars + Output * OutputDollars;

        public void Take(JsonElement json)
        {
            JsonElement message = json.TryGetProperty("message", out JsonElement started) ? started : json;
            bool isDelta = json.GetProperty("type").ValueEquals("content_block_delta");
            if (isDelta) { Output++; }
            if (!message.TryGetProperty("usage", out JsonElement usage)) { return; }
            if (usage.TryGetProperty("input_tokens", out JsonElement input)) { Input = input.GetInt64(); }
            // The first event of a stream counts one token before it has any.
            if (!json.TryGetProperty("message", out _)) { Output = Math.Max(Output, usage.GetProperty("output_tokens").GetInt64()); }
        }

        public override string ToString() => $"{Input} and {Output} tokens";
    }
}
