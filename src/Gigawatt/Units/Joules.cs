using System.Globalization;

namespace Gigawatt.Units;

/// <summary>Energy, stored as whole millijoules.</summary>
/// <param name="Millijoules">Thousandths of a joule. One record holds up to 2,562 MWh: sums over a gigawatt-year need <see cref="Int128"/>.</param>
public readonly record struct Joules(long Millijoules) : IComparable<Joules>
{
    /// <summary>Nothing.</summary>
    public static readonly Joules Zero;

    /// <summary>From joules, rounded to the nearest millijoule.</summary>
    /// <exception cref="OverflowException">The value does not fit.</exception>
    public static Joules FromJoules(double joules) => new(checked((long)Math.Round(joules * 1e3)));

    /// <summary>In joules, for display and physics.</summary>
    public double InJoules => Millijoules / 1e3;

    /// <summary>Sum; throws when it overflows.</summary>
    public static Joules operator +(Joules left, Joules right) => new(checked(left.Millijoules + right.Millijoules));

    /// <summary>Difference; throws when it overflows.</summary>
    public static Joules operator -(Joules left, Joules right) => new(checked(left.Millijoules - right.Millijoules));

    /// <summary>Less than.</summary>
    public static bool operator <(Joules left, Joules right) => left.Millijoules < right.Millijoules;

    /// <summary>More than.</summary>
    public static bool operator >(Joules left, Joules right) => left.Millijoules > right.Millijoules;

    /// <summary>At most.</summary>
    public static bool operator <=(Joules left, Joules right) => left.Millijoules <= right.Millijoules;

    /// <summary>At least.</summary>
    public static bool operator >=(Joules left, Joules right) => left.Millijoules >= right.Millijoules;

    /// <inheritdoc/>
    public int CompareTo(Joules other) => Millijoules.CompareTo(other.Millijoules);

    /// <summary>In J, kJ, MJ or kWh, whichever reads best.</summary>
    public override string ToString() => Math.Abs(InJoules) switch
    {
        < 1e3 => string.Create(CultureInfo.InvariantCulture, $"{InJoules:0.###} J"),
        < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{InJoules / 1e3:0.###} kJ"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{InJoules / 3.6e6:0.###} kWh"),
    };

    /// <summary>Energy at a steady power over a time.</summary>
    public static Joules From(Watts power, Duration time) =>
        new(checked((long)((Int128)power.Milliwatts * time.Nanoseconds / 1_000_000_000)));
}
