using CsCheck;
using Gigawatt.Admission;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Tests.Admission;

public sealed class BudgetAccountTests
{
    private static readonly Instant Monday = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));
    private static readonly Duration Day = Duration.FromSeconds(86_400L);

    /// <summary>Runs random reservations and settlements beside a plain model of the account and compares after every step.</summary>
    [Fact]
    public void Spent_and_reserved_never_exceed_the_limit_and_equal_what_was_done() =>
        Gen.Select(Gen.Long[0, 1_000], Gen.Select(Gen.Bool, Gen.Long[0, 300], Gen.Double[0, 1]).Array[0, 100]).Sample(t =>
        {
            (long limit, (bool Reserve, long Bound, double Share)[] steps) = t;
            var account = new BudgetAccount(new(new Usd(limit), BudgetPeriod.Total), 0, Monday);
            var holds = new Queue<BudgetHold>();
            long committed = 0;
            foreach ((bool reserve, long bound, double share) in steps)
            {
                if (reserve)
                {
                    bool admitted = account.TryReserve(bound, Monday, out BudgetHold hold);
                    Assert.Equal(committed + bound <= limit, admitted);
                    if (!admitted) { continue; }
                    committed += bound;
                    holds.Enqueue(hold);
                }
                else if (holds.TryDequeue(out BudgetHold hold))
                {
                    long actual = (long)(hold.Bound * share);
                    Assert.Equal(0, BudgetAccount.Settle(hold, actual));
                    committed += actual - hold.Bound;
                }

                Assert.Equal(committed, account.Committed);
                Assert.InRange(committed, 0, limit);
            }
        });

    /// <summary>Threads reserve and settle at random all the time, far from the limit and at it. A lost update in either direction
    /// would show in the total, and one at the limit as an overshoot.</summary>
    [Theory]
    [InlineData(1_000)]
    [InlineData(long.MaxValue)]
    public void Concurrent_reservations_never_exceed_the_limit_and_none_is_lost(long limit)
    {
        var account = new BudgetAccount(new(new Usd(limit), BudgetPeriod.Total), 0, Monday);
        long spent = 0, overshoots = 0;
        using var together = new Barrier(4);
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            together.SignalAndWait();
            for (int i = 0; i < 100_000; i++)
            {
                if (!account.TryReserve(random.Next(1, 700), Monday, out BudgetHold hold)) { continue; }
                if (account.Committed > limit) { Interlocked.Increment(ref overshoots); }
                long actual = limit == long.MaxValue ? random.NextInt64(hold.Bound + 1) : 0;
                BudgetAccount.Settle(hold, actual);
                Interlocked.Add(ref spent, actual);
            }
        }))];
        foreach (Thread thread in threads) { thread.Start(); }
        foreach (Thread thread in threads) { thread.Join(); }
        Assert.Equal(0, overshoots);
        Assert.Equal(spent, account.Committed);
    }

    [Fact]
    public void A_new_period_starts_at_nothing_and_old_work_settles_in_its_own()
    {
        var account = new BudgetAccount(new(new Usd(100), BudgetPeriod.Day), 60, Monday);
        Assert.True(account.TryReserve(40, Monday, out BudgetHold old));
        Assert.False(account.TryReserve(1, Monday, out _));
        Assert.True(account.TryReserve(90, Monday + Day, out _));
        BudgetAccount.Settle(old, 40);
        Assert.Equal(90, account.Committed);
        Assert.False(account.TryReserve(11, Monday + Day, out _));
        // A clock that steps back does not open the old day again.
        Assert.False(account.TryReserve(11, Monday, out _));
    }

    [Fact]
    public void Threads_that_meet_at_the_end_of_a_period_share_one_new_total()
    {
        for (int round = 1; round <= 50; round++)
        {
            var account = new BudgetAccount(new(new Usd(10), BudgetPeriod.Day), 0, Monday);
            int admitted = 0;
            Parallel.For(0, 8, _ =>
            {
                for (int i = 0; i < 10; i++)
                {
                    if (account.TryReserve(1, Monday + Day, out BudgetHold _)) { Interlocked.Increment(ref admitted); }
                }
            });
            Assert.Equal(10, admitted);
        }
    }

    [Fact]
    public void A_bill_above_the_bound_is_reported_charged_and_stops_further_work()
    {
        var account = new BudgetAccount(new(new Usd(100), BudgetPeriod.Total), 0, Monday);
        Assert.True(account.TryReserve(100, Monday, out BudgetHold hold));
        Assert.Equal(5, BudgetAccount.Settle(hold, 105));
        Assert.Equal(105, account.Committed);
        Assert.False(account.TryReserve(0, Monday, out _));
    }

    [Fact]
    public void A_lowered_limit_holds_from_the_next_reservation_on()
    {
        var account = new BudgetAccount(new(new Usd(100), BudgetPeriod.Total), 50, Monday);
        account.Limit = new(new Usd(40), BudgetPeriod.Total);
        Assert.False(account.TryReserve(1, Monday, out _));
        account.Limit = new(new Usd(60), BudgetPeriod.Total);
        Assert.True(account.TryReserve(10, Monday, out _));
    }

    [Fact]
    public void A_limit_that_counts_something_else_needs_another_account()
    {
        var account = new BudgetAccount(new(new Usd(100), BudgetPeriod.Total), 0, Monday);
        Assert.Throws<ArgumentException>(() => account.Limit = new(new Usd(100), BudgetPeriod.Day));
        Assert.Throws<ArgumentException>(() => account.Limit = new(BudgetUnit.Tokens, 100, BudgetPeriod.Total));
    }

    [Theory]
    [InlineData(BudgetPeriod.Day, "2026-11-22T23:59:59Z", "2026-11-22", "2026-11-23")]
    [InlineData(BudgetPeriod.Day, "2026-11-23T00:00:00Z", "2026-11-23", "2026-11-24")]
    [InlineData(BudgetPeriod.Week, "2026-11-22T23:59:59Z", "2026-11-16", "2026-11-23")]
    [InlineData(BudgetPeriod.Week, "2026-11-23T00:00:00Z", "2026-11-23", "2026-11-30")]
    [InlineData(BudgetPeriod.Month, "2024-02-29T12:00:00Z", "2024-02-01", "2024-03-01")]
    [InlineData(BudgetPeriod.Month, "2026-12-31T23:59:59Z", "2026-12-01", "2027-01-01")]
    public void Periods_are_those_of_the_utc_calendar(BudgetPeriod period, string now, string start, string end)
    {
        static Instant At(string text) => Instant.From(DateTimeOffset.Parse(text, null, System.Globalization.DateTimeStyles.AssumeUniversal));
        Assert.Equal((At(start), At(end)), new BudgetLimit(Usd.Zero, period).PeriodAt(At(now)));
    }
}
