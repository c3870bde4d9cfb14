namespace Gigawatt.Tenants;

/// <summary>A part of a tenant with budgets and limits of its own, such as an application or a team.</summary>
public sealed record Project
{
    /// <summary>The tenant it is part of.</summary>
    public required string TenantId { get; init; }

    /// <summary>Different from those of the tenant's other projects; stands in usage records.</summary>
    public required string Id { get; init; }

    /// <summary>For people; may change.</summary>
    public required string Name { get; init; }

    /// <summary>Whether its keys are accepted at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The models it may use within those of its tenant, as <see cref="ModelPattern"/>s; empty for all of them.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>What it may use in a period, within the budgets of its tenant.</summary>
    public IReadOnlyList<BudgetLimit> Budgets { get; init; } = [];

    /// <summary>How fast it may use it, within the limits of its tenant.</summary>
    public IReadOnlyList<RateLimit> Limits { get; init; } = [];

    /// <summary>Whether the server's config file says what it is: then only the file changes it.</summary>
    public bool FromConfig { get; init; }
}
