using Gigawatt.Server.Control;

namespace Gigawatt.Tests.Control;

public sealed class UsagePeriodTests
{
    [Theory]
    [InlineData("2026-11-24T13:20:00Z", "today", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z")]
    [InlineData("2026-03-01T00:00:00Z", "yesterday", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("2026-11-24T13:20:00Z", "this-week", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z")]
    [InlineData("2026-11-29T23:59:59Z", "this-week", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z")]
    [InlineData("2026-11-30T00:00:00Z", "last-week", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z")]
    [InlineData("2024-02-29T12:00:00Z", "this-month", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z")]
    [InlineData("2026-01-31T12:00:00Z", "last-month", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z")]
    [InlineData("2026-12-31T12:00:00Z", "this-year", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData("2026-11-24T13:20:00Z", "7d", "2026-11-18T00:00:00Z", "2026-11-25T00:00:00Z")]
    [InlineData("2026-11-24T13:20:00Z", "24h", "2026-11-23T14:00:00Z", "2026-11-24T14:00:00Z")]
    [InlineData("2026-11-24T01:20:00+02:00", "today", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z")]
    public void A_period_is_counted_in_days_of_utc(string now, string period, string from, string to)
    {
        Assert.True(UsagePeriod.TryRead(period, Time(now), out DateTimeOffset start, out DateTimeOffset end));
        Assert.Equal((Time(from), Time(to)), (start, end));
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("0d")]
    [InlineData("-3d")]
    [InlineData("3w")]
    [InlineData("99999999999d")]
    [InlineData("Today")]
    public void Anything_else_is_no_period(string text) => Assert.False(UsagePeriod.TryRead(text, Time("2026-11-24T13:20:00Z"), out _, out _));

    [Theory]
    [InlineData("2026-11-23", false, "2026-11-23T00:00:00Z")]
    [InlineData("2026-11-23", true, "2026-11-24T00:00:00Z")]
    [InlineData("2026-11-23T14:00Z", true, "2026-11-23T14:00:00Z")]
    [InlineData("2026-11-23T14:00:30+02:00", false, "2026-11-23T12:00:30Z")]
    public void A_day_stands_for_its_beginning_or_its_end(string text, bool isEnd, string expected)
    {
        Assert.True(UsagePeriod.TryReadTime(text, isEnd, out DateTimeOffset time));
        Assert.Equal(Time(expected), time);
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
