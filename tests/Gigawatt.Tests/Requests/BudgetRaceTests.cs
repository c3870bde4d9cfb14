using System.Net;
using System.Text;
using Gigawatt.Metering;
using Gigawatt.Server.Identity;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Tests.Requests;

/// <summary>64 clients race for a few cents, with streams and without, some of which hang up. A watcher looks at the accounts all the while.</summary>
public sealed class BudgetRaceTests
{
    private const long Cents = 30_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_that_race_never_spend_above_the_budget_and_every_answer_is_paid_for()
    {
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Simulation());
        var dollars = new BudgetLimit(new Usd(Cents), BudgetPeriod.Month);
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [dollars, new(BudgetUnit.Tokens, 4_000, BudgetPeriod.Total)] });
        gateway.Identities.Save(new Project { TenantId = "default", Id = "bot", Name = "bot", Budgets = [new(BudgetUnit.Joules, 3_000_000, BudgetPeriod.Day)] });
        NewKey[] keys = [.. Enumerable.Range(0, 8).Select(i => gateway.Identities.CreateKey(
            new KeyFacts { Id = "", TenantId = "default", ProjectId = i % 2 == 0 ? "bot" : "", Name = $"k{i}", Budgets = [dollars with { Amount = Cents / 3 }] }))];
        using var watching = new CancellationTokenSource();
        Task<bool> held = Task.Run(() => Watch(gateway, keys, watching.Token), Token);

        int answered = 0, refused = 0;
        await Parallel.ForAsync(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Token }, async (client, token) =>
        {
            for (int i = 0; i < 6; i++)
            {
                (HttpStatusCode? status, bool whole) = await CallAsync(gateway, keys[client % keys.Length], stream: (client + i) % 2 == 0, leave: (client + i) % 5 == 0, token);
                if (whole) { Interlocked.Increment(ref answered); }
                if (status == HttpStatusCode.TooManyRequests) { Interlocked.Increment(ref refused); }
            }
        });
        await Eventually.IsTrueAsync(() => gateway.Journal.OpenReservations == 0, "every reservation to be settled");
        await watching.CancelAsync();
        Assert.True(await held, "An account was above its limit.");
        Assert.True(answered > 0 && refused > 0, $"{answered} were answered and {refused} refused, so nothing was tried.");

        gateway.Journal.Flush();
        IReadOnlyList<UsageRecord> records = gateway.Ledger.Records();
        Assert.True(records.Count >= answered, "An answer left no record.");
        Assert.True(records.Sum(static r => r.Cost.Micros) <= Cents, "More was spent than there was.");
        Assert.All(keys.SelectMany(k => gateway.Identities.Ring.Find(k.Secret)!.Accounts.Budgets), b => Assert.True(b.Account.Committed <= b.Account.Limit.Amount));
        await Eventually.IsTrueAsync(() => gateway.Committed == records.Sum(static r => r.Cost.Micros), "the account to hold what the ledger holds");
        foreach (NewKey key in keys)
        {
            Assert.Equal(records.Where(r => r.Key == key.Facts.Id).Sum(static r => r.Cost.Micros), gateway.Identities.Ring.Find(key.Secret)!.Accounts.Budgets[0].Account.Committed);
        }
    }

    private static bool Watch(Gateway gateway, NewKey[] keys, CancellationToken cancellationToken)
    {
        var accounts = keys.SelectMany(k => gateway.Identities.Ring.Find(k.Secret)!.Accounts.Budgets).Select(static b => b.Account).Distinct().ToArray();
        bool held = true;
        while (!cancellationToken.IsCancellationRequested) { held &= Array.TrueForAll(accounts, static a => a.Committed <= a.Limit.Amount); }
        return held;
    }

    private static async Task<(HttpStatusCode? Status, bool Whole)> CallAsync(Gateway gateway, NewKey key, bool stream, bool leave, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages")
        {
            Content = new StringContent($$"""{"model":"sim-small","max_tokens":20,"stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"count to ten"}]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("anthropic-version", "2023-06-01");
        request.Headers.Add("x-api-key", key.Secret);
        try
        {
            using HttpResponseMessage answer = await gateway.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (leave) { return (answer.StatusCode, false); }
            string body = await answer.Content.ReadAsStringAsync(cancellationToken);
            return (answer.StatusCode, answer.IsSuccessStatusCode && (!stream || body.Contains("message_stop", StringComparison.Ordinal)));
        }
        catch (HttpRequestException) { return (null, false); }
    }
}
