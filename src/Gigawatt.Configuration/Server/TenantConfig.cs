using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>The time over which a budget is counted.</summary>
public enum BudgetPeriod
{
    /// <summary>A calendar day in UTC.</summary>
    Day,

    /// <summary>A calendar month in UTC.</summary>
    Month,

    /// <summary>For ever.</summary>
    Total,
}

/// <summary>A tenant as configured.</summary>
/// <param name="Name">Unique among the tenants.</param>
/// <param name="Budget">What it may spend in one period.</param>
/// <param name="Period">The period.</param>
/// <param name="AcceleratorQuota">Accelerators that its jobs may hold at once; null is no limit.</param>
/// <param name="Models">Models it may call: names, or the start of names followed by <c>*</c>.</param>
public sealed record TenantConfig(string Name, Usd Budget, BudgetPeriod Period, int? AcceleratorQuota, IReadOnlyList<string> Models)
{
    /// <summary>The tenant that there is when none is configured: <c>default</c>, 1,000 dollars a month, all models, no quota.</summary>
    public static readonly TenantConfig Default = new("default", Usd.FromDollars(1000), BudgetPeriod.Month, null, ["*"]);
}
