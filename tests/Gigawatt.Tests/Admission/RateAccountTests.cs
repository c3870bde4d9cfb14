using CsCheck;
using Gigawatt.Admission;
using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Tests.Admission;

public sealed class RateAccountTests
{
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero));

    /// <summary>What a bucket of that size can let through in a time: all it held, and what it refilled by. Checked for every stretch
    /// between two admissions, beside the account's own arithmetic.</summary>
    [Fact]
    public void No_stretch_of_time_lets_more_through_than_a_full_bucket_and_its_refill() =>
        Gen.Select(Gen.Long[1, 100_000], Gen.Select(Gen.Long[0, 5_000_000_000], Gen.Double[0, 1.2]).Array[1, 60]).Sample(t =>
        {
            (long limit, (long Wait, double Share)[] steps) = t;
            var account = new RateAccount(new(RateKind.OutputTokens, limit));
            var admitted = new List<(Instant At, long Amount)>();
            Instant now = Start;
            foreach ((long wait, double share) in steps)
            {
                now += new Duration(wait);
                if (account.TryTake((long)(limit * share), now, out long taken, out Instant until)) { admitted.Add((now, taken)); }
                else
                {
                    Assert.True(until > now);
                    // It is exact: a nanosecond earlier is too early, and then there is enough.
                    Assert.False(account.TryTake((long)(limit * share), new(until.Nanoseconds - 1), out _, out _));
                    Assert.True(account.TryTake((long)(limit * share), until, out taken, out _));
                    now = until;
                    admitted.Add((now, taken));
                }

                Assert.InRange(account.At(now).Remaining, 0, limit);
            }

            for (int first = 0; first < admitted.Count; first++)
            {
                Int128 sum = 0;
                for (int last = first; last < admitted.Count; last++)
                {
                    sum += admitted[last].Amount;
                    Int128 stretch = (admitted[last].At - admitted[first].At).Nanoseconds;
                    Assert.True((sum - limit) * RateAccount.Window.Nanoseconds <= stretch * limit, "More came through than can have.");
                }
            }
        });

    [Fact]
    public void What_was_not_used_comes_back_and_what_was_used_beyond_is_taken()
    {
        var account = new RateAccount(new(RateKind.InputTokens, 1_000));
        Assert.True(account.TryTake(900, Start, out long taken, out _));
        account.Correct(taken, 100);
        Assert.Equal(900, account.At(Start).Remaining);
        Assert.True(account.TryTake(100, Start, out taken, out _));
        account.Correct(taken, 950);
        Assert.Equal(0, account.At(Start).Remaining);
        Assert.False(account.TryTake(1, Start, out _, out Instant until));
        Assert.Equal(Duration.FromMilliseconds(3_060), until - Start);
    }

    [Fact]
    public void A_bound_above_a_minutes_amount_waits_for_a_full_bucket_and_empties_it()
    {
        var account = new RateAccount(new(RateKind.OutputTokens, 600));
        Assert.True(account.TryTake(1, Start, out _, out _));
        Assert.False(account.TryTake(64_000, Start, out _, out Instant until));
        Assert.Equal(Duration.FromMilliseconds(100), until - Start);
        Assert.True(account.TryTake(64_000, until, out long taken, out _));
        Assert.Equal((600, 0), (taken, account.At(until).Remaining));
    }

    [Fact]
    public void A_concurrency_limit_counts_what_is_under_way()
    {
        var account = new RateAccount(new(RateKind.Concurrent, 2));
        Assert.True(account.TryTake(1, Start, out _, out _));
        Assert.True(account.TryTake(1, Start, out _, out _));
        Assert.False(account.TryTake(1, Start, out _, out _));
        account.Correct(1, 1);
        Assert.Equal(1, account.At(Start).Remaining);
        Assert.True(account.TryTake(1, Start, out _, out _));
    }

    [Theory]
    [InlineData(RateKind.Requests)]
    [InlineData(RateKind.Concurrent)]
    public void Threads_that_meet_at_the_limit_get_no_more_than_it_lets_through(RateKind kind)
    {
        for (int round = 0; round < 50; round++)
        {
            var account = new RateAccount(new(kind, 40)); // parts of a minute that are whole nanoseconds, so nothing is rounded
            int admitted = 0;
            Parallel.For(0, 8, _ =>
            {
                for (int i = 0; i < 10; i++)
                {
                    if (account.TryTake(1, Start, out long _, out Instant _)) { Interlocked.Increment(ref admitted); }
                }
            });
            Assert.Equal(40, admitted);
        }
    }

    [Fact]
    public void A_changed_limit_holds_from_the_next_request_on()
    {
        var account = new RateAccount(new(RateKind.Requests, 60));
        for (int i = 0; i < 60; i++) { Assert.True(account.TryTake(1, Start, out _, out _)); }
        account.Limit = new(RateKind.Requests, 600);
        Assert.False(account.TryTake(1, Start, out _, out Instant until));
        Assert.Equal(Duration.FromMilliseconds(100), until - Start);
        Assert.Throws<ArgumentException>(() => account.Limit = new(RateKind.Tokens, 600));
    }
}
