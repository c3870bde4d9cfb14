using System.Globalization;

namespace Gigawatt.Units;

/// <summary>Power, stored as whole milliwatts.</summary>
/// <param name="Milliwatts">Thousandths of a watt; up to 9.2 PW.</param>
public readonly record struct Watts(long Milliwatts) : IComparable<Watts>
{
    /// <summary>Nothing.</summary>
    public static readonly Watts Zero;

    /// <summary>From watts, rounded to the nearest milliwatt.</summary>
    /// <exception cref="OverflowException">The value does not fit.</exception>
    public static Watts FromWatts(double watts) => new(checked((long)Math.Round(watts * 1e3)));

    /// <summary>In watts, for display and physics.</summary>
    public double InWatts => Milliwatts / 1e3;

    /// <summary>Sum; throws when it overflows.</summary>
    public static Watts operator +(Watts left, Watts right) => new(checked(left.Milliwatts + right.Milliwatts));

    /// <summary>Difference; throws when it overflows.</summary>
    public static Watts operator -(Watts left, Watts right) => new(checked(left.Milliwatts - right.Milliwatts));

    /// <summary>Less than.</summary>
    public static bool operator <(Watts left, Watts right) => left.Milliwatts < right.Milliwatts;

    /// <summary>More than.</summary>
    public static bool operator >(Watts left, Watts right) => left.Milliwatts > right.Milliwatts;

    /// <summary>At most.</summary>
    public static bool operator <=(Watts left, Watts right) => left.Milliwatts <= right.Milliwatts;

    /// <summary>At least.</summary>
    public static bool operator >=(Watts left, Watts right) => left.Milliwatts >= right.Milliwatts;

    /// <inheritdoc/>
    public int CompareTo(Watts other) => Milliwatts.CompareTo(other.Milliwatts);

    /// <summary>In W, kW, MW or GW, whichever reads best.</summary>
    public override string ToString() => Math.Abs(InWatts) switch
    {
        < 1e3 => string.Create(CultureInfo.InvariantCulture, $"{InWatts:0.##} W"),
        < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{InWatts / 1e3:0.##} kW"),
        < 1e9 => string.Create(CultureInfo.InvariantCulture, $"{InWatts / 1e6:0.##} MW"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{InWatts / 1e9:0.##} GW"),
    };
}
