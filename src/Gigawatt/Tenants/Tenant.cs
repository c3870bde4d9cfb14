using Gigawatt.Units;

namespace Gigawatt.Tenants;

/// <summary>Who pays: a team, a product, a customer. Its keys share its budget.</summary>
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

    /// <summary>What it may spend.</summary>
    public BudgetLimit Budget { get; init; } = BudgetLimit.None;
}

/// <summary>What is known of an API key. The key itself is never kept.</summary>
public sealed record KeyFacts
{
    /// <summary>Public: shown in lists and usage records; it opens nothing.</summary>
    public required string Id { get; init; }

    /// <summary>The tenant it belongs to.</summary>
    public required string TenantId { get; init; }

    /// <summary>For people: what it is used for.</summary>
    public required string Name { get; init; }

    /// <summary>When it was made.</summary>
    public Instant Created { get; init; }

    /// <summary>When it was revoked; null while it is good.</summary>
    public Instant? Revoked { get; init; }

    /// <summary>False once it was revoked.</summary>
    public bool Enabled => Revoked is null;

    /// <summary>From when on it is no longer accepted.</summary>
    public Instant Expires { get; init; } = Instant.Never;

    /// <summary>The models it may use, within those of its tenant; empty for all of them.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>What it may spend, within the budget of its tenant.</summary>
    public BudgetLimit Budget { get; init; } = BudgetLimit.None;
}
