using System.Globalization;

namespace Gigawatt.Units;

/// <summary>Greenhouse gas as CO2 equivalent, stored as whole micrograms: a small answer causes less than a milligram.</summary>
/// <param name="Micrograms">Millionths of a gram; one record holds up to 9.2 million tonnes.</param>
public readonly record struct GramsCO2e(long Micrograms) : IComparable<GramsCO2e>
{
    /// <summary>Nothing.</summary>
    public static readonly GramsCO2e Zero;

    /// <summary>From grams, rounded to the nearest microgram.</summary>
    /// <exception cref="OverflowException">The value does not fit.</exception>
    public static GramsCO2e FromGrams(double grams) => new(checked((long)Math.Round(grams * 1e6)));

    /// <summary>In grams, for display.</summary>
    public double Grams => Micrograms / 1e6;

    /// <summary>Sum; throws when it overflows.</summary>
    public static GramsCO2e operator +(GramsCO2e left, GramsCO2e right) => new(checked(left.Micrograms + right.Micrograms));

    /// <summary>Difference; throws when it overflows.</summary>
    public static GramsCO2e operator -(GramsCO2e left, GramsCO2e right) => new(checked(left.Micrograms - right.Micrograms));

    /// <summary>Less than.</summary>
    public static bool operator <(GramsCO2e left, GramsCO2e right) => left.Micrograms < right.Micrograms;

    /// <summary>More than.</summary>
    public static bool operator >(GramsCO2e left, GramsCO2e right) => left.Micrograms > right.Micrograms;

    /// <summary>At most.</summary>
    public static bool operator <=(GramsCO2e left, GramsCO2e right) => left.Micrograms <= right.Micrograms;

    /// <summary>At least.</summary>
    public static bool operator >=(GramsCO2e left, GramsCO2e right) => left.Micrograms >= right.Micrograms;

    /// <inheritdoc/>
    public int CompareTo(GramsCO2e other) => Micrograms.CompareTo(other.Micrograms);

    /// <summary>Grams with up to six decimals.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Grams:0.######} gCO2e");
}
