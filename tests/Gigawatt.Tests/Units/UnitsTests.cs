using CsCheck;
using Gigawatt.Metering;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Units;

public sealed class UnitsTests
{
    [Theory]
    [InlineData("90", 90_000)]
    [InlineData("90s", 90_000)]
    [InlineData("500ms", 500)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("2d", 172_800_000)]
    public void A_duration_is_read_in_the_usual_notations(string text, long milliseconds)
    {
        Assert.True(Duration.TryParse(text, out Duration duration));
        Assert.Equal(Duration.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1s")]
    [InlineData("5 apples")]
    [InlineData("h")]
    [InlineData("99999999999999999999d")]
    public void What_is_not_a_duration_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));

    [Fact]
    public void Reading_a_duration_never_throws() => Gen.String.Sample(text => !Duration.TryParse(text, out Duration read) || read >= Duration.Zero);

    [Fact]
    public void Sums_that_overflow_throw_instead_of_wrapping()
    {
        Assert.Throws<OverflowException>(() => new Usd(long.MaxValue) + new Usd(1));
        Assert.Throws<OverflowException>(() => new Joules(long.MinValue) - new Joules(1));
        Assert.Throws<OverflowException>(() => new Instant(long.MaxValue - 1) + new Duration(2));
    }

    [Fact]
    public void Money_is_rounded_up_and_never_to_nothing() => Gen.Select(Gen.Long[1, 1_000_000_000], Gen.Long[1, 1_000_000]).Sample((price, count) =>
    {
        Usd cost = Usd.PerMillion(new Usd(price), count);
        Assert.InRange(cost.Micros, Math.Max(1, price * (Int128)count / 1_000_000 is var exact && exact > long.MaxValue ? long.MaxValue : (long)exact), long.MaxValue);
        Assert.True((Int128)cost.Micros * 1_000_000 < (Int128)price * count + 1_000_000);
    });

    [Fact]
    public void A_kilowatt_hour_has_its_grams_and_litres()
    {
        Joules it = Joules.FromJoules(3_600_000);
        Joules facility = TestCell.Factors.Facility(it);
        Assert.Equal(4_320_000, facility.InJoules);
        Assert.Equal(480, TestCell.Factors.Carbon(facility).Grams, 6);
        Assert.Equal(0.3 + 1.2, TestCell.Factors.Water(it, facility).InLitres, 6);
    }

    [Fact]
    public void The_hash_is_the_same_in_every_process() =>
        Assert.Equal("f32f47e52a124d53", new StableHash(0).Add(1L).Add(2L).Add("gw").ToString());
}
