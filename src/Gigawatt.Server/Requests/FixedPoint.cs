using System.Globalization;

namespace Gigawatt.Server.Requests;

/// <summary>Whole numbers of a small unit written as a decimal fraction of a large one, without the cost of <see cref="decimal"/>.</summary>
internal static class FixedPoint
{
    private const int DigitsMax = 20;

    /// <summary>Such as <c>0.001250</c> for 1,250 with six decimals.</summary>
    /// <param name="value">Not negative.</param>
    /// <param name="decimals">Digits behind the point, 1 to 18.</param>
    public static string Text(long value, int decimals)
    {
        Span<char> digits = stackalloc char[DigitsMax + 1];
        int at = digits.Length;
        for (int written = 0; written <= decimals || value > 0; written++, value /= 10)
        {
            if (written == decimals) { digits[--at] = '.'; }
            digits[--at] = (char)('0' + value % 10);
        }

        return new string(digits[at..]);
    }

    /// <summary>A whole number.</summary>
    public static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
