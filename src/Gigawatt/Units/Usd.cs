using System.Globalization;

namespace Gigawatt.Units;

/// <summary>Money in United States dollars, stored as whole micro-dollars.</summary>
/// <param name="Micros">Millionths of a dollar; up to 9.2 trillion dollars either way.</param>
public readonly record struct Usd(long Micros) : IComparable<Usd>
{
    /// <summary>Nothing.</summary>
    public static readonly Usd Zero;

    /// <summary>From dollars, rounded to the nearest micro-dollar.</summary>
    /// <exception cref="OverflowException">The value does not fit.</exception>
    public static Usd FromDollars(double dollars) => new(checked((long)Math.Round(dollars * 1e6)));

    /// <summary>In dollars, for display.</summary>
    public double Dollars => Micros / 1e6;

    /// <summary>Sum; throws when it overflows.</summary>
    public static Usd operator +(Usd left, Usd right) => new(checked(left.Micros + right.Micros));

    /// <summary>Difference; throws when it overflows.</summary>
    public static Usd operator -(Usd left, Usd right) => new(checked(left.Micros - right.Micros));

    /// <summary>Less than.</summary>
    public static bool operator <(Usd left, Usd right) => left.Micros < right.Micros;

    /// <summary>More than.</summary>
    public static bool operator >(Usd left, Usd right) => left.Micros > right.Micros;

    /// <summary>At most.</summary>
    public static bool operator <=(Usd left, Usd right) => left.Micros <= right.Micros;

    /// <summary>At least.</summary>
    public static bool operator >=(Usd left, Usd right) => left.Micros >= right.Micros;

    /// <inheritdoc/>
    public int CompareTo(Usd other) => Micros.CompareTo(other.Micros);

    /// <summary>Dollars with six decimals, such as <c>$0.001250</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"${Dollars:0.000000}");

    /// <summary>The price of <paramref name="count"/> units at <paramref name="pricePerMillion"/> each million, rounded up so that nothing is free by rounding.</summary>
    public static Usd PerMillion(Usd pricePerMillion, long count) =>
        new(checked((long)((Int128)pricePerMillion.Micros * count + 999_999) / 1_000_000));
}
