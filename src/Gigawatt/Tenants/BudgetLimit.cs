using Gigawatt.Units;

namespace Gigawatt.Tenants;

/// <summary>How long a budget lasts before it starts afresh. Days, weeks and months are those of UTC.</summary>
public enum BudgetPeriod
{
    /// <summary>From midnight to midnight.</summary>
    Day,

    /// <summary>From Monday to Monday, as ISO 8601 counts weeks.</summary>
    Week,

    /// <summary>From the first of the month to the next.</summary>
    Month,

    /// <summary>For ever.</summary>
    Total,
}

/// <summary>How much may be spent in a period.</summary>
/// <param name="Limit">Dollars, 0 or more; a limit of 0 lets only free work through.</param>
/// <param name="Period">How long it lasts.</param>
public sealed record BudgetLimit(Usd Limit, BudgetPeriod Period)
{
    /// <summary>No limit. It has a month as its period, so that spending can be shown beside it.</summary>
    public static readonly BudgetLimit None = new(new Usd(long.MaxValue), BudgetPeriod.Month);

    /// <summary>The period that holds <paramref name="now"/>: from its start up to, not including, its end.</summary>
    public (Instant Start, Instant End) PeriodAt(Instant now)
    {
        DateTime day = now.ToDateTimeOffset().UtcDateTime.Date;
        switch (Period)
        {
            case BudgetPeriod.Day: return (At(day), At(day.AddDays(1)));
            case BudgetPeriod.Week:
                DateTime monday = day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
                return (At(monday), At(monday.AddDays(7)));
            case BudgetPeriod.Month:
                DateTime first = day.AddDays(1 - day.Day);
                return (At(first), At(first.AddMonths(1)));
            default: return (Instant.Epoch, Instant.Never);
        }
    }

    private static Instant At(DateTime day) => Instant.From(new DateTimeOffset(DateTime.SpecifyKind(day, DateTimeKind.Utc)));
}
