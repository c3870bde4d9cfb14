using CsCheck;
using Gigawatt.Admission;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Tests.Admission;

public sealed class CallerAccountsTests
{
    private static readonly Instant Now = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private static readonly Charge Bound = new(new(100), 40, 60, new(500), new(700));

    [Theory]
    [InlineData(BudgetUnit.Dollars, 100)]
    [InlineData(BudgetUnit.Tokens, 100)]
    [InlineData(BudgetUnit.Joules, 500)]
    [InlineData(BudgetUnit.Grams, 700)]
    public void A_budget_counts_what_its_unit_says(BudgetUnit unit, long bound)
    {
        CallerAccounts enough = Accounts(new BudgetLimit(unit, bound, BudgetPeriod.Day)), short1 = Accounts(new BudgetLimit(unit, bound - 1, BudgetPeriod.Day));
        Assert.Equal(RequestRefusal.None, enough.Reserve("m", Bound, Now, out _, out _));
        Assert.Equal(bound, enough.Budgets[0].Account.Committed);
        Assert.Equal(RequestRefusal.BudgetExceeded, short1.Reserve("m", Bound, Now, out RequestHold? hold, out Shortage shortage));
        Assert.Null(hold);
        Assert.Equal((bound, 0L, short1.Budgets[0]), (shortage.Asked, shortage.Used, shortage.Budget));
        Assert.Equal("2026-11-24T00:00:00Z", shortage.Until.ToString());
    }

    [Fact]
    public void A_budget_of_a_model_is_touched_by_its_requests_only()
    {
        CallerAccounts accounts = Accounts(new BudgetLimit(BudgetUnit.Dollars, 100, BudgetPeriod.Day, "claude-*"));
        Assert.Equal(RequestRefusal.None, accounts.Reserve("gpt-x", Bound, Now, out _, out _));
        Assert.Equal(RequestRefusal.None, accounts.Reserve("claude-x", Bound, Now, out _, out _));
        Assert.Equal(RequestRefusal.BudgetExceeded, accounts.Reserve("claude-y", Bound, Now, out _, out _));
        Assert.Equal(RequestRefusal.None, accounts.Reserve("gpt-x", Bound, Now, out _, out _));
    }

    /// <summary>Many budgets and limits, more than fit into the hold itself, of which any may be short.</summary>
    [Fact]
    public void A_request_is_set_aside_in_every_account_or_in_none() =>
        Gen.Select(Gen.Long[0, 300].Array[0, 12], Gen.Long[1, 80].Array[0, 8], Gen.Double[0, 1]).Sample(t =>
        {
            (long[] budgets, long[] rates, double share) = t;
            var accounts = new CallerAccounts(
                budgets.Select(amount => new BudgetEntry(AccountScope.Key, "", new BudgetAccount(new(new Usd(amount), BudgetPeriod.Total), 0, Now))),
                rates.Select(amount => new RateEntry(AccountScope.Key, "", new RateAccount(new(RateKind.OutputTokens, amount)))));
            var actual = new Charge(new((long)(100 * share)), 0, (long)(60 * share), new(0), new(0));
            for (int i = 0; i < 3; i++)
            {
                long[] before = [.. accounts.Budgets.Select(static b => b.Account.Committed), .. accounts.Rates.Select(r => r.Account.At(Now).Remaining)];
                RequestRefusal refusal = accounts.Reserve("m", Bound, Now, out RequestHold? hold, out _);
                if (refusal == RequestRefusal.None)
                {
                    Assert.All(accounts.Budgets, (b, n) => Assert.Equal(before[n] + 100, b.Account.Committed));
                    hold!.Settle(actual);
                    Assert.All(accounts.Budgets, (b, n) => Assert.Equal(before[n] + actual.Cost.Micros, b.Account.Committed));
                    Assert.Throws<InvalidOperationException>(hold.Release);
                }
                else
                {
                    long[] after = [.. accounts.Budgets.Select(static b => b.Account.Committed), .. accounts.Rates.Select(r => r.Account.At(Now).Remaining)];
                    Assert.Equal(before.Length, after.Length);
                    // Refills are rounded in favour of the limit, by less than a token.
                    Assert.All(after, (value, n) => Assert.InRange(value, before[n] - 1, before[n]));
                }
            }
        });

    /// <summary>Threads with callers that share some accounts and not others; at the end every account holds what went through it.</summary>
    [Fact]
    public void Concurrent_callers_never_exceed_a_shared_budget_and_none_is_lost() =>
        Gen.Select(Gen.Long[200, 3_000], Gen.Long[200, 3_000], Gen.Long[200, 3_000], Gen.Int[0, 1_000]).Sample(t =>
        {
            (long shared, long tokens, long own, int seed) = t;
            var tenant = new BudgetAccount(new(new Usd(shared), BudgetPeriod.Total), 0, Now);
            var project = new BudgetAccount(new(BudgetUnit.Tokens, tokens, BudgetPeriod.Month), 0, Now);
            long spent = 0, used = 0, over = 0;
            BudgetAccount[] keys = [.. Enumerable.Range(0, 4).Select(_ => new BudgetAccount(new(new Usd(own), BudgetPeriod.Day), 0, Now))];
            long[] byKey = new long[keys.Length];
            Parallel.For(0, keys.Length, n =>
            {
                var random = new Random(seed + n);
                var accounts = new CallerAccounts([new(AccountScope.Key, "", keys[n]), new(AccountScope.Project, "", project), new(AccountScope.Tenant, "", tenant)], []);
                for (int i = 0; i < 500; i++)
                {
                    var bound = new Charge(new(random.Next(50)), random.Next(50), random.Next(50), new(0), new(0));
                    if (accounts.Reserve("m", bound, Now, out RequestHold? hold, out _) != RequestRefusal.None) { continue; }
                    if (tenant.Committed > shared || project.Committed > tokens || keys[n].Committed > own) { Interlocked.Increment(ref over); }
                    var actual = new Charge(new(random.NextInt64(bound.Cost.Micros + 1)), bound.InputTokens, random.NextInt64(bound.OutputTokens + 1), new(0), new(0));
                    hold!.Settle(actual);
                    byKey[n] += actual.Cost.Micros;
                    Interlocked.Add(ref spent, actual.Cost.Micros);
                    Interlocked.Add(ref used, actual.InputTokens + actual.OutputTokens);
                }
            });
            Assert.Equal(0, over);
            Assert.Equal((spent, used), (tenant.Committed, project.Committed));
            Assert.Equal(byKey, keys.Select(static k => k.Committed));
        }, iter: 60);

    [Fact]
    public void Admitting_a_request_makes_one_small_object()
    {
        CallerAccounts accounts = Accounts(
            new(BudgetUnit.Dollars, long.MaxValue / 2, BudgetPeriod.Month), new(BudgetUnit.Tokens, long.MaxValue / 2, BudgetPeriod.Day),
            new(BudgetUnit.Joules, long.MaxValue / 2, BudgetPeriod.Week, "m*"), new(BudgetUnit.Grams, long.MaxValue / 2, BudgetPeriod.Total));
        accounts = new(accounts.Budgets, [new(AccountScope.Key, "", new RateAccount(new(RateKind.Requests, 1_000_000_000))), new(AccountScope.Key, "", new RateAccount(new(RateKind.Concurrent, 10)))]);
        void Once()
        {
            accounts.Reserve("m", Bound, Now, out RequestHold? hold, out _);
            hold!.Settle(Bound);
        }

        Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++) { Once(); }
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1_000, 1, 480);
    }

    private static CallerAccounts Accounts(params BudgetLimit[] limits) =>
        new(limits.Select(limit => new BudgetEntry(AccountScope.Key, "k", new BudgetAccount(limit, 0, Now))), []);
}
