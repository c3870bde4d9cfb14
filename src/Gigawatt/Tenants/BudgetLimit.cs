using System.Globalization;
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

/// <summary>What a budget counts. Each is kept as whole numbers of a small unit, so that sums are exact.</summary>
public enum BudgetUnit
{
    /// <summary>Dollars at list price, in millionths.</summary>
    Dollars,

    /// <summary>Tokens of prompts and answers.</summary>
    Tokens,

    /// <summary>Energy at the facility meter, in thousandths of a joule.</summary>
    Joules,

    /// <summary>Location-based emissions, in millionths of a gram of CO2 equivalent.</summary>
    Grams,
}

/// <summary>How much may be used in a period: one budget of a key, a project, a tenant or the server.</summary>
/// <param name="Unit">What is counted.</param>
/// <param name="Amount">In the small unit of <paramref name="Unit"/>, 0 or more; 0 lets only free work through.</param>
/// <param name="Period">How long it lasts.</param>
/// <param name="Model">The models it is for, as a <see cref="ModelPattern"/>: <c>*</c> for all, which share it.</param>
public sealed record BudgetLimit(BudgetUnit Unit, long Amount, BudgetPeriod Period, string Model = "*")
{
    private const long MillijoulesPerKilowattHour = 3_600_000_000;
    private const long MicrogramsPerKilogram = 1_000_000_000;

    /// <summary>A budget in dollars for all models.</summary>
    public BudgetLimit(Usd dollars, BudgetPeriod period) : this(BudgetUnit.Dollars, dollars.Micros, period) { }

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

    /// <summary>As people write it in files and commands: <c>$20 per day for claude-*</c>.</summary>
    public override string ToString()
    {
        string period = Period switch
        {
            BudgetPeriod.Day => "per day",
            BudgetPeriod.Week => "per week",
            BudgetPeriod.Month => "per month",
            _ => "in total",
        };
        return $"{Text(Unit, Amount)} {period}{(Model == "*" ? "" : $" for {Model}")}";
    }

    /// <summary>An amount with its unit, exactly: <c>$20</c>, <c>1000000 tokens</c>, <c>5kWh</c>, <c>1.5kg</c>.</summary>
    public static string Text(BudgetUnit unit, long amount) => unit switch
    {
        BudgetUnit.Dollars => $"${Decimals(amount, 1_000_000)}",
        BudgetUnit.Tokens => $"{Decimals(amount, 1)} tokens",
        BudgetUnit.Joules => amount != 0 && amount % (MillijoulesPerKilowattHour / 1000) == 0
            ? $"{Decimals(amount, MillijoulesPerKilowattHour)}kWh"
            : $"{Decimals(amount, 1_000)}J",
        BudgetUnit.Grams => amount >= MicrogramsPerKilogram ? $"{Decimals(amount, MicrogramsPerKilogram)}kg" : $"{Decimals(amount, 1_000_000)}g",
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, null),
    };

    private static string Decimals(long amount, long unit) => ((decimal)amount / unit).ToString("0.#########", CultureInfo.InvariantCulture);

    private static Instant At(DateTime day) => Instant.From(new DateTimeOffset(DateTime.SpecifyKind(day, DateTimeKind.Utc)));
}
