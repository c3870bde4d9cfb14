using System.Globalization;

namespace Gigawatt.Units;

/// <summary>Water consumed (not withdrawn), stored as whole microlitres.</summary>
/// <param name="Microlitres">Millionths of a litre; one record holds up to 9.2 Gm3.</param>
public readonly record struct Litres(long Microlitres) : IComparable<Litres>
{
    /// <summary>Nothing.</summary>
    public static readonly Litres Zero;

    /// <summary>From litres, rounded to the nearest microlitre.</summary>
    /// <exception cref="OverflowException">The value does not fit.</exception>
    public static Litres FromLitres(double litres) => new(checked((long)Math.Round(litres * 1e6)));

    /// <summary>In litres, for display.</summary>
    public double InLitres => Microlitres / 1e6;

    /// <summary>Sum; throws when it overflows.</summary>
    public static Litres operator +(Litres left, Litres right) => new(checked(left.Microlitres + right.Microlitres));

    /// <summary>Difference; throws when it overflows.</summary>
    public static Litres operator -(Litres left, Litres right) => new(checked(left.Microlitres - right.Microlitres));

    /// <summary>Less than.</summary>
    public static bool operator <(Litres left, Litres right) => left.Microlitres < right.Microlitres;

    /// <summary>More than.</summary>
    public static bool operator >(Litres left, Litres right) => left.Microlitres > right.Microlitres;

    /// <summary>At most.</summary>
    public static bool operator <=(Litres left, Litres right) => left.Microlitres <= right.Microlitres;

    /// <summary>At least.</summary>
    public static bool operator >=(Litres left, Litres right) => left.Microlitres >= right.Microlitres;

    /// <inheritdoc/>
    public int CompareTo(Litres other) => Microlitres.CompareTo(other.Microlitres);

    /// <summary>Litres with up to six decimals.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{InLitres:0.######} l");
}
