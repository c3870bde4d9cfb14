using CsCheck;
using Gigawatt.Placement.Routing.Health;
using Gigawatt.Units;
using static Gigawatt.Tests.Placement.Routing.Targets;

namespace Gigawatt.Tests.Placement.Routing;

public sealed class HealthTests
{
    private static Instant After(double seconds) => Start + Duration.FromSeconds(seconds);

    [Fact]
    public void Failures_in_a_row_open_the_breaker_and_a_success_between_them_does_not()
    {
        var breaker = new CircuitBreaker(BreakerPolicy.Default);
        for (int i = 0; i < 4; i++) { breaker.Failed(Start); }
        breaker.Succeeded(Start);
        for (int i = 0; i < 4; i++) { breaker.Failed(Start); }
        Assert.Equal(BreakerState.Closed, breaker.StateAt(Start));
        breaker.Failed(Start);
        Assert.Equal(BreakerState.Open, breaker.StateAt(Start));
        Assert.Equal(BreakerState.Open, breaker.StateAt(After(4.999)));
        Assert.Equal(BreakerState.HalfOpen, breaker.StateAt(After(5)));
    }

    [Fact]
    public void More_than_half_of_the_calls_failing_opens_it()
    {
        var breaker = new CircuitBreaker(BreakerPolicy.Default);
        for (int i = 0; i < 4; i++)
        {
            breaker.Succeeded(After(i));
            breaker.Failed(After(i));
        }

        breaker.Failed(After(5));
        Assert.Equal(BreakerState.Closed, breaker.StateAt(After(5))); // nine calls say nothing
        breaker.Failed(After(6));
        Assert.Equal(BreakerState.Open, breaker.StateAt(After(6)));
    }

    [Fact]
    public void Half_open_lets_one_call_try_whose_end_decides()
    {
        var breaker = new CircuitBreaker(BreakerPolicy.Default);
        for (int i = 0; i < 5; i++) { breaker.Failed(Start); }
        Assert.False(breaker.TryEnter(After(1)));
        Assert.True(breaker.TryEnter(After(6)));
        Assert.False(breaker.TryEnter(After(6)));
        Assert.Equal(BreakerState.Open, breaker.StateAt(After(6)));
        breaker.Failed(After(7));
        Assert.Equal(BreakerState.Open, breaker.StateAt(After(16.9))); // twice as long as the first time
        Assert.True(breaker.TryEnter(After(17)));
        breaker.Ignored(); // the client left: another may try
        Assert.True(breaker.TryEnter(After(17)));
        breaker.Succeeded(After(18));
        Assert.Equal(BreakerState.Closed, breaker.StateAt(After(18)));
        Assert.True(breaker.TryEnter(After(18)));
    }

    [Fact]
    public void A_success_of_a_call_that_began_before_it_opened_does_not_close_it()
    {
        var breaker = new CircuitBreaker(BreakerPolicy.Default);
        for (int i = 0; i < 5; i++) { breaker.Failed(Start); }
        breaker.Succeeded(After(1));
        Assert.Equal(BreakerState.Open, breaker.StateAt(After(1)));
    }

    [Theory]
    [InlineData(30.0, 30.0)]
    [InlineData(0.25, 0.25)]
    [InlineData(null, 5.0)]
    public void Too_many_requests_rests_for_exactly_as_long_as_it_says_and_then_all_may_come(double? asked, double seconds)
    {
        var breaker = new CircuitBreaker(BreakerPolicy.Default);
        breaker.RateLimited(Start, asked is { } s ? Duration.FromSeconds(s) : null);
        Assert.Equal(BreakerState.Open, breaker.StateAt(new Instant(After(seconds).Nanoseconds - 1)));
        Assert.Equal(BreakerState.Closed, breaker.StateAt(After(seconds)));
        Assert.True(breaker.TryEnter(After(seconds)) && breaker.TryEnter(After(seconds)));
        Assert.Equal((0, 0), breaker.WindowAt(Start));
    }

    /// <summary>Whatever happens in whatever order: it never stays open for longer than the longest rest or the longest asked for, and one call at most tries.</summary>
    [Fact]
    public void Any_history_ends_within_the_longest_rest() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 20]).Array[0, 200].Sample(events =>
        {
            var breaker = new CircuitBreaker(BreakerPolicy.Default);
            Instant now = Start;
            foreach ((int what, int seconds) in events)
            {
                now += Duration.FromSeconds(seconds);
                switch (what)
                {
                    case 0: breaker.Succeeded(now); break;
                    case 1: breaker.Failed(now); break;
                    case 2: breaker.RateLimited(now, Duration.FromSeconds(seconds)); break;
                    case 3: breaker.Ignored(); break;
                    default: breaker.TryEnter(now); break;
                }

                (int calls, int failures) = breaker.WindowAt(now);
                Assert.InRange(failures, 0, calls);
            }

            breaker.Ignored();
            now += BreakerPolicy.Default.RestMax;
            Assert.NotEqual(BreakerState.Open, breaker.StateAt(now));
            bool halfOpen = breaker.StateAt(now) == BreakerState.HalfOpen;
            Assert.True(breaker.TryEnter(now));
            Assert.Equal(!halfOpen, breaker.TryEnter(now));
        });

    [Fact]
    public void Retries_are_a_fifth_of_requests_and_two_a_second()
    {
        var budget = new RetryBudget();
        int first = 0;
        while (budget.TryWithdraw(Start)) { first++; }
        Assert.Equal(10, first);
        for (int i = 0; i < 50; i++) { budget.Deposit(); }
        int allowed = 0;
        while (budget.TryWithdraw(Start)) { allowed++; }
        Assert.Equal(10, allowed);
        while (budget.TryWithdraw(After(3))) { allowed++; }
        Assert.Equal(16, allowed);
        int most = 0;
        while (budget.TryWithdraw(After(1_000_000))) { most++; }
        Assert.Equal(100, most);
    }

    [Fact]
    public void Waits_double_up_to_eight_seconds_less_up_to_a_quarter_unless_the_provider_names_one() =>
        Gen.Select(Gen.Int[1, 100], Gen.ULong).Sample((failures, random) =>
        {
            double full = Math.Min(8, 0.5 * Math.Pow(2, failures - 1));
            Assert.InRange(Backoff.Before(failures, random, null).Seconds, full * 0.75, full);
            Assert.Equal(Duration.FromSeconds(17), Backoff.Before(failures, random, Duration.FromSeconds(17)));
        });

    [Fact]
    public void Speed_follows_the_samples_and_never_leaves_their_range() =>
        Gen.Select(Gen.Int[1, 10_000], Gen.Int[0, 5_000]).Array[1, 50].Sample(samples =>
        {
            var latency = new LatencyEstimate();
            Instant now = Start;
            foreach ((int ms, int gap) in samples)
            {
                now += Duration.FromMilliseconds(gap);
                latency.Add(now, Duration.FromMilliseconds(ms));
            }

            Assert.InRange(latency.MillisecondsAt(now), samples.Min(s => s.Item1) * 0.999, samples.Max(s => s.Item1) * 1.001);
            Assert.InRange(latency.MillisecondsAt(now + Duration.FromSeconds(30)) * 2, latency.MillisecondsAt(now) * 0.99, latency.MillisecondsAt(now) * 1.01);
        });
}
