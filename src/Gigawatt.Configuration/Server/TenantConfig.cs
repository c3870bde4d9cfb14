using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>A tenant as configured.</summary>
/// <param name="Name">Unique among the tenants.</param>
/// <param name="Budgets">What it may use.</param>
/// <param name="Limits">How fast it may use it.</param>
/// <param name="AcceleratorQuota">Accelerators that its jobs may hold at once; null is no limit.</param>
/// <param name="Models">Models it may call: names, or the start of names followed by <c>*</c>.</param>
/// <param name="Projects">Its projects, in the order of the file.</param>
public sealed record TenantConfig(
    string Name, IReadOnlyList<BudgetLimit> Budgets, IReadOnlyList<RateLimit> Limits, int? AcceleratorQuota, IReadOnlyList<string> Models,
    IReadOnlyList<ProjectConfig> Projects)
{
    /// <summary>The tenant that there is when none is configured: <c>default</c>, 1,000 dollars a month, all models, no quota.</summary>
    public static readonly TenantConfig Default = new("default", [new BudgetLimit(Usd.FromDollars(1000), BudgetPeriod.Month)], [], null, ["*"], []);

    /// <summary>The queue of its jobs that name none; null is the one called <c>default</c>.</summary>
    public string? Queue { get; init; }
}

/// <summary>A project of a tenant as configured.</summary>
/// <param name="Name">Unique among the tenant's projects.</param>
/// <param name="Budgets">What it may use.</param>
/// <param name="Limits">How fast it may use it.</param>
/// <param name="Models">Models it may call within those of its tenant: names, or the start of names followed by <c>*</c>.</param>
public sealed record ProjectConfig(string Name, IReadOnlyList<BudgetLimit> Budgets, IReadOnlyList<RateLimit> Limits, IReadOnlyList<string> Models);
