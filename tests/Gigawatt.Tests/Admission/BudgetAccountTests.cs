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
            var account = new BudgetAccount(new(new Usd(limit), BudgetPeriod.Total), Usd.Zero, Monday);
            var holds = new Queue<BudgetHold>();
            long committed = 0;
            foreach ((bool reserve, long bound, double share) in steps)
            {
                if (reserve)
                {
                    bool admitted = account.TryReserve(new(bound), Monday, out BudgetHold hold);
                    Assert.Equal(committed + bound <= limit, admitted);
                    if (!admitted) { continue; }
                    committed += bound;
                    holds.Enqueue(hold);
                }
                else if (holds.TryDequeue(out BudgetHold hold))
                {
                    long actual = (long)(hold.Bound.Micros * share);
                    Assert.Equal(Usd.Zero, BudgetAccount.Settle(hold, new(actual)));
                    committed += actual - hold.Bound.Micros;
                }

                Assert.Equal(committed, account.Committed.Micros);
                Assert.InRange(committed, 0, limit);
            }
        });

    [Fact]
    public void Concurrent_reservations_never_exceed_the_limit_and_use_all_of_it()
    {
        var account = new BudgetAccount(new(new Usd(10_000), BudgetPeriod.Total), Usd.Zero, Monday);
        int admitted = 0;
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                if (!account.TryReserve(new(7), Monday, out BudgetHold hold)) { continue; }
                Assert.True(account.Committed.Micros <= 10_000);
                if (i % 2 == 0) { BudgetAccount.Settle(hold, Usd.Zero); }
                else { Interlocked.Increment(ref admitted); }
            }
        });
        Assert.Equal(10_000 / 7, admitted);
        Assert.Equal(10_000 / 7 * 7, account.Committed.Micros);
    }

    [Fact]
    public void A_new_period_starts_at_nothing_and_old_work_settles_in_its_own()
    {
        var account = new BudgetAccount(new(new Usd(100), BudgetPeriod.Day), new Usd(60), Monday);
        Assert.True(account.TryReserve(new(40), Monday, out BudgetHold old));
        Assert.False(account.TryReserve(new(1), Monday, out _));
        Assert.True(account.TryReserve(new(90), Monday + Day, out _));
        BudgetAccount.Settle(old, new(40));
        Assert.Equal(90, account.Committed.Micros);
        Assert.False(account.TryReserve(new(11), Monday + Day, out _));
        // A clock that steps back does not open the old day again.
        Assert.False(account.TryReserve(new(11), Monday, out _));
    }

    [Fact]
    public void Threads_that_meet_at_the_end_of_a_period_share_one_new_total()
    {
        for (int round = 1; round <= 50; round++)
        {
            var account = new BudgetAccount(new(new Usd(10), BudgetPeriod.Day), Usd.Zero, Monday);
            int admitted = 0;
            Parallel.For(0, 8, _ =>
            {
                for (int i = 0; i < 10; i++)
                {
                    if (account.TryReserve(new(1), Monday + Day, out BudgetHold _)) { Interlocked.Increment(ref admitted); }
                }
            });
            Assert.Equal(10, admitted);
        }
    }

    [Fact]
    public void A_bill_above_the_bound_is_reported_charged_and_stops_further_work()
    {
        var account = new BudgetAccount(new(new Usd(100), BudgetPeriod.Total), Usd.Zero, Monday);
        Assert.True(account.TryReserve(new(100), Monday, out BudgetHold hold));
        Assert.Equal(new Usd(5), BudgetAccount.Settle(hold, new(105)));
        Assert.Equal(105, account.Committed.Micros);
        Assert.False(account.TryReserve(Usd.Zero, Monday, out _));
    }

    [Fact]
    public void A_lowered_limit_holds_from_the_next_reservation_on()
    {
        var account = new BudgetAccount(new(new Usd(100), BudgetPeriod.Total), new Usd(50), Monday);
        account.Limit = new(new Usd(40), BudgetPeriod.Total);
        Assert.False(account.TryReserve(new(1), Monday, out _));
        account.Limit = new(new Usd(60), BudgetPeriod.Total);
        Assert.True(account.TryReserve(new(10), Monday, out _));
    }

    [Fact]
    public void No_limit_takes_any_bound()
    {
        var account = new BudgetAccount(BudgetLimit.None, new Usd(long.MaxValue / 2), Monday);
        Assert.True(account.TryReserve(new(long.MaxValue / 2), Monday, out _));
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
