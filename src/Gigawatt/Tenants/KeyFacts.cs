using System.Net;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Tenants;

/// <summary>What is known of an API key. The key itself is never kept.</summary>
public sealed record KeyFacts
{
    /// <summary>Public: shown in lists and usage records; it opens nothing.</summary>
    public required string Id { get; init; }

    /// <summary>The tenant it belongs to.</summary>
    public required string TenantId { get; init; }

    /// <summary>The tenant's project it belongs to; empty for none.</summary>
    public string ProjectId { get; init; } = "";

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

    /// <summary>The models it may use, within those of its project and tenant; empty for all of them.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>The paths it may call, each whole or a start that ends in <c>*</c>, such as <c>/v1/messages*</c>; empty for all.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>The addresses it may be used from; empty for all.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>How urgent its requests are when not all can run at once.</summary>
    public Priority Priority { get; init; } = Priority.Standard;

    /// <summary>What it may use in a period, within the budgets of its project and tenant.</summary>
    public IReadOnlyList<BudgetLimit> Budgets { get; init; } = [];

    /// <summary>How fast it may use it, within the limits of its project and tenant.</summary>
    public IReadOnlyList<RateLimit> Limits { get; init; } = [];
}
