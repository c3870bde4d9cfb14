namespace Gigawatt.Units;

/// <summary>A point in time: whole nanoseconds since 1970-01-01T00:00:00Z, leap seconds ignored.</summary>
/// <remarks>Unlike <see cref="Duration"/> it has an origin, so two instants subtract but do not add.</remarks>
/// <param name="Nanoseconds">Nanoseconds since the Unix epoch; covers the years 1678 to 2262.</param>
public readonly record struct Instant(long Nanoseconds) : IComparable<Instant>
{
    /// <summary>The latest instant there is; stands for "never".</summary>
    public static readonly Instant Never = new(long.MaxValue);

    /// <summary>The Unix epoch; where simulated time starts.</summary>
    public static readonly Instant Epoch;

    /// <summary>From a <see cref="DateTimeOffset"/>, whose resolution is 100 ns.</summary>
    public static Instant From(DateTimeOffset time) => new(checked((time.UtcTicks - DateTime.UnixEpoch.Ticks) * 100));

    /// <summary>As a <see cref="DateTimeOffset"/> in UTC, cut to 100 ns.</summary>
    public DateTimeOffset ToDateTimeOffset() => new(DateTime.UnixEpoch.Ticks + Nanoseconds / 100, TimeSpan.Zero);

    /// <summary>The instant that lies <paramref name="duration"/> after this one; <see cref="Never"/> stays never.</summary>
    public static Instant operator +(Instant instant, Duration duration) =>
        instant == Never ? Never : new(checked(instant.Nanoseconds + duration.Nanoseconds));

    /// <summary>The time from <paramref name="earlier"/> to <paramref name="later"/>; negative when they are the other way round.</summary>
    public static Duration operator -(Instant later, Instant earlier) => new(checked(later.Nanoseconds - earlier.Nanoseconds));

    /// <summary>Earlier than.</summary>
    public static bool operator <(Instant left, Instant right) => left.Nanoseconds < right.Nanoseconds;

    /// <summary>Later than.</summary>
    public static bool operator >(Instant left, Instant right) => left.Nanoseconds > right.Nanoseconds;

    /// <summary>Not later than.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Nanoseconds <= right.Nanoseconds;

    /// <summary>Not earlier than.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Nanoseconds >= right.Nanoseconds;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>ISO 8601 in UTC, to the second.</summary>
    public override string ToString() =>
        this == Never ? "never" : ToDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
