using Gigawatt.Units;

namespace Gigawatt.Placement.Routing.Health;

/// <summary>Lets retries be a share of requests and no more, so that a provider in trouble is not buried under its own failures. For any number of threads, without a lock.</summary>
/// <remarks>A bucket of tokens: a request puts a fifth of one in, time puts in <see cref="PerSecond"/> a second so that a quiet
/// server can retry at all, and a retry takes one out. The form is that of Finagle's retry budget.</remarks>
public sealed class RetryBudget
{
    /// <summary>Retries for each hundred requests.</summary>
    public const int Percent = 20;

    /// <summary>Retries a second that are allowed however few requests there are.</summary>
    public const int PerSecond = 2;

    private const long Token = 1_000;
    private const long Most = 100 * Token;
    private const long NanosecondsPerUnit = 1_000_000_000 / (PerSecond * Token);

    private long _balance = 10 * Token;
    private long _filled = long.MinValue; // when time last put something in

    /// <summary>A request came.</summary>
    public void Deposit() => Add(Token * Percent / 100);

    /// <summary>Takes a retry out, if there is one.</summary>
    public bool TryWithdraw(Instant now)
    {
        Refill(now);
        long seen = Volatile.Read(ref _balance);
        while (seen >= Token)
        {
            long before = Interlocked.CompareExchange(ref _balance, seen - Token, seen);
            if (before == seen) { return true; }
            seen = before;
        }

        return false;
    }

    private void Refill(Instant now)
    {
        long filled = Volatile.Read(ref _filled);
        if (filled == long.MinValue)
        {
            Interlocked.CompareExchange(ref _filled, now.Nanoseconds, filled);
            return;
        }

        long units = (now.Nanoseconds - filled) / NanosecondsPerUnit;
        if (units > 0 && Interlocked.CompareExchange(ref _filled, filled + units * NanosecondsPerUnit, filled) == filled) { Add(Math.Min(units, Most)); }
    }

    private void Add(long units)
    {
        long seen = Volatile.Read(ref _balance);
        while (seen < Most)
        {
            long before = Interlocked.CompareExchange(ref _balance, Math.Min(Most, seen + units), seen);
            if (before == seen) { return; }
            seen = before;
        }
    }
}
