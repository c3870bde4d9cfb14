using Gigawatt.Units;

namespace Gigawatt.Admission.Queues;

/// <summary>What one queue or cohort may use and does use of one accelerator type, in thousandths of accelerators.</summary>
internal struct QuotaLevel
{
    /// <summary>Whether it was written for this queue or cohort; a queue uses no other types.</summary>
    public bool IsSet;

    public long Nominal;

    public long? BorrowingLimit;

    public long? LendingLimit;

    /// <summary>Its own and what its members lend it: what it has when nothing is used and nothing borrowed from above.</summary>
    public long Subtree;

    /// <summary>The part of <see cref="Subtree"/> that it does not lend upwards, so that nobody else can be using it.</summary>
    public long Guaranteed;

    /// <summary>The most it could ever use, when nobody else uses anything.</summary>
    public long Potential;

    /// <summary>Of a queue what its jobs hold; of a cohort what its members use beyond their guaranteed parts.</summary>
    public long Used;

    /// <summary>What was borrowed, averaged over the past with a weight that halves with each half-life, as of <see cref="Settled"/>.</summary>
    public double Remembered;

    public Instant Settled;

    /// <summary>What it uses beyond what is its own.</summary>
    public readonly long Borrowed => Math.Max(0, Used - Subtree);

    /// <summary>What it takes out of the pool of its parent.</summary>
    public readonly long UsedOfParent => Math.Max(0, Used - Guaranteed);

    /// <summary>What it puts into the pool of its parent.</summary>
    public readonly long Lendable => Subtree - Guaranteed;

    /// <summary>Brings <see cref="Remembered"/> up to a time; to be done before <see cref="Used"/> changes.</summary>
    public void Settle(Instant now, Duration? halfLife)
    {
        Remembered = RememberedAt(now, halfLife);
        Settled = now;
    }

    public readonly double RememberedAt(Instant now, Duration? halfLife) =>
        halfLife is { } half ? Borrowed + ((Remembered - Borrowed) * HalfLife.Decay(now - Settled, half)) : 0;
}
