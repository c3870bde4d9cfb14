using System.Globalization;
using CsCheck;
using Gigawatt.Server.Requests;

namespace Gigawatt.Tests.Requests;

public sealed class FixedPointTests
{
    [Fact]
    public void It_writes_what_a_decimal_writes() => Gen.Select(Gen.Long[0, long.MaxValue], Gen.Int[1, 9]).Sample((value, decimals) =>
    {
        decimal unit = 1m;
        for (int i = 0; i < decimals; i++) { unit *= 10; }
        Assert.Equal((value / unit).ToString("0." + new string('0', decimals), CultureInfo.InvariantCulture), FixedPoint.Text(value, decimals));
    });

    [Theory]
    [InlineData(0, 6, "0.000000")]
    [InlineData(1_250, 6, "0.001250")]
    [InlineData(1_000_000, 6, "1.000000")]
    [InlineData(long.MaxValue, 3, "9223372036854775.807")]
    public void Examples(long value, int decimals, string text) => Assert.Equal(text, FixedPoint.Text(value, decimals));
}
