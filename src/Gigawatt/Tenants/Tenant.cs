namespace Gigawatt.Tenants;

/// <summary>Who pays: a team, a product, a customer. Its projects and keys share its budgets and limits.</summary>
public sealed record Tenant
{
    /// <summary>Stands in usage records and is never used again for another tenant.</summary>
    public required string Id { get; init; }

    /// <summary>For people; may change.</summary>
    public required string Name { get; init; }

    /// <summary>Whether its keys are accepted at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The models it may use, as <see cref="ModelPattern"/>s; empty for every model.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>What it may use in a period; empty for no bound.</summary>
    public IReadOnlyList<BudgetLimit> Budgets { get; init; } = [];

    /// <summary>How fast it may use it; empty for no bound.</summary>
    public IReadOnlyList<RateLimit> Limits { get; init; } = [];

    /// <summary>Whether the server's config file says what it is: then only the file changes it.</summary>
    public bool FromConfig { get; init; }
}
