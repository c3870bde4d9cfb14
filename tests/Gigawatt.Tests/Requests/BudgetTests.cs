using System.Net;
using System.Text;
using Gigawatt.Metering;
using Gigawatt.Server.Identity;
using Gigawatt.Server.Ledger;
using Gigawatt.Tenants;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using static Gigawatt.Tests.Requests.Samples;

namespace Gigawatt.Tests.Requests;

/// <summary>Budgets hold whatever runs at once, whoever hangs up, and wherever the process dies.</summary>
public sealed class BudgetTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Many calls at once, of which some are answered, some fail and some are abandoned; a watcher looks at the account all the while.</summary>
    [Fact]
    public async Task Concurrent_calls_never_commit_more_than_the_budget_and_each_leaves_one_record()
    {
        await using var upstream = ScriptedUpstream.Start();
        for (int i = 0; i < 200; i++)
        {
            upstream.Add(i % 3 == 0 ? UpstreamScript.Send(RawHttp.Json(529, "{}")) : UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)));
        }

        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        // An answer costs $0.000513 and reserves about four times that.
        var limit = new Usd(20_000);
        gateway.Identities.Save(new Tenant { Id = "default", Name = "Default", Budgets = [new(limit, BudgetPeriod.Total)] });
        using var watching = new CancellationTokenSource();
        Task<long> most = Task.Run(() =>
        {
            long seen = 0;
            while (!watching.IsCancellationRequested) { seen = Math.Max(seen, gateway.Committed); }
            return seen;
        }, Token);

        int dispatched = 0, refused = 0;
        await Parallel.ForAsync(0, 120, new ParallelOptions { MaxDegreeOfParallelism = 24, CancellationToken = Token }, async (i, token) =>
        {
            if (i % 10 == 9)
            {
                using var leaving = new CancellationTokenSource();
                Task<HttpResponseMessage> sent = gateway.Http.SendAsync(Request(), leaving.Token);
                await leaving.CancelAsync();
                // The answer may have been faster.
                try { (await sent).Dispose(); }
                catch (OperationCanceledException) { }
                return;
            }

            using HttpResponseMessage response = await gateway.Http.SendAsync(Request(), token);
            if (response.StatusCode == HttpStatusCode.TooManyRequests) { Interlocked.Increment(ref refused); }
            else { Interlocked.Increment(ref dispatched); }
        });
        await watching.CancelAsync();

        Assert.InRange(await most, 1, limit.Micros);
        Assert.True(refused > 0, "The budget was never short, so nothing was tried.");
        IReadOnlyList<UsageRecord> records = [];
        await Eventually.IsTrueAsync(() =>
        {
            gateway.Journal.Flush();
            records = gateway.Ledger.Records();
            return gateway.Journal.OpenReservations == 0 && gateway.Committed == records.Sum(r => r.Cost.Micros);
        }, "what is committed to be what the ledger holds");
        // The twelve that hung up may have come before or after their dispatch, or even their answer.
        Assert.InRange(records.Count, dispatched, dispatched + 12);
        Assert.InRange(records.Count(r => r.Outcome is "ok" or "failed"), dispatched, dispatched + 12);
    }

    [Fact]
    public async Task A_crash_charges_what_was_under_way_at_its_bound_and_what_was_answered_at_its_cost()
    {
        var slow = UpstreamScript.Gated(RawHttp.Json(200, MessagesAnswer));
        await using var upstream = ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(200, MessagesAnswer)), slow);
        await using Gateway gateway = await Gateway.StartAsync(Gateway.Anthropic(upstream.Url));
        using HttpResponseMessage answered = await gateway.PostAsync("/v1/messages", MessagesBody);
        Task<HttpResponseMessage> waiting = gateway.PostAsync("/v1/messages", MessagesBody);
        await upstream.NextRequestAsync(Token);
        await upstream.NextRequestAsync(Token);
        long reserved = gateway.Committed - 513;

        // What the next process finds if this one dies here.
        string crashed = Directory.CreateTempSubdirectory("gw-crash-").FullName;
        using (var copy = System.Diagnostics.Process.Start("cp", ["-r", gateway.Folder + "/.", crashed])) { await copy.WaitForExitAsync(Token); }
        using (UsageLedger ledger = UsageLedger.Open(Path.Combine(crashed, "ledger.db")))
        using (UsageJournal.Open(Path.Combine(crashed, "usage"), ledger, out _))
        using (Identities identities = Identities.Open(crashed, ledger, TimeProvider.System))
        {
            Assert.Equal([("ok", 513), ("recovered", reserved)], ledger.Records().Select(r => (r.Outcome, r.Cost.Micros)).Order());
            Assert.Equal(513 + reserved, Gateway.CommittedIn(identities, gateway.Key));
        }

        Directory.Delete(crashed, recursive: true);
        slow.Release();
        Assert.Equal(HttpStatusCode.OK, (await waiting).StatusCode);
        Assert.Equal(["ok", "ok"], (await gateway.RecordsAsync(2)).Select(r => r.Outcome));
    }

    private static HttpRequestMessage Request()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(MessagesBody, Encoding.UTF8, "application/json") };
        request.Headers.Add("anthropic-version", "2023-06-01");
        return request;
    }
}
