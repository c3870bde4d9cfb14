using System.Globalization;

namespace Gigawatt.Server.Control;

/// <summary>Spans of time by name, in UTC; weeks begin on Monday.</summary>
internal static class UsagePeriod
{
    /// <summary>What can be written, for messages.</summary>
    public const string Words = "today, yesterday, this-week, last-week, this-month, last-month, this-year, or a number of days or hours such as 7d or 24h";

    private const int DaysMost = 36_600;

    /// <summary>Reads a name. <c>7d</c> is today and the six days before it, <c>24h</c> the hour that runs and the 23 before it.</summary>
    /// <returns>False where it is no such name.</returns>
    public static bool TryRead(string text, DateTimeOffset now, out DateTimeOffset from, out DateTimeOffset to)
    {
        DateTimeOffset today = new(now.UtcDateTime.Date, TimeSpan.Zero);
        DateTimeOffset month = today.AddDays(1 - today.Day);
        // Sunday is 0 in .NET and the last day of a week here.
        DateTimeOffset week = today.AddDays(-(((int)today.DayOfWeek + 6) % 7));
        (from, to) = text switch
        {
            "today" => (today, today.AddDays(1)),
            "yesterday" => (today.AddDays(-1), today),
            "this-week" => (week, week.AddDays(7)),
            "last-week" => (week.AddDays(-7), week),
            "this-month" => (month, month.AddMonths(1)),
            "last-month" => (month.AddMonths(-1), month),
            "this-year" => (month.AddMonths(1 - month.Month), month.AddMonths(13 - month.Month)),
            _ => default,
        };
        if (to != default) { return true; }
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > DaysMost) { return false; }
        if (text[^1] == 'd') { (from, to) = (today.AddDays(1 - count), today.AddDays(1)); }
        if (text[^1] == 'h')
        {
            to = today.AddHours(now.UtcDateTime.Hour + 1);
            from = to.AddHours(-count);
        }

        return to != default;
    }

    /// <summary>Reads a UTC day, which stands for its beginning, or its end where <paramref name="isEnd"/>; or a time with its zone.</summary>
    public static bool TryReadTime(string text, bool isEnd, out DateTimeOffset time)
    {
        if (DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time))
        {
            // Up to and including the day named.
            if (isEnd) { time = time.AddDays(1); }
            return true;
        }

        return DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
    }
}
