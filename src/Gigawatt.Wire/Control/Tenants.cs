namespace Gigawatt.Wire.Control;

/// <summary>A tenant: <c>GET /gigawatt/v1/tenants/{name}</c>.</summary>
/// <param name="Name">Its name, which stands in usage records.</param>
/// <param name="Enabled">Whether its keys are accepted.</param>
/// <param name="ManagedBy"><c>config</c> when the server's config file says what it is, else <c>api</c>.</param>
/// <param name="Models">Models it may use; empty for all.</param>
/// <param name="Budgets">Budgets in words, such as <c>$20 per day for claude-*</c>.</param>
/// <param name="Limits">Limits in words, such as <c>60 requests per minute</c>.</param>
public sealed record TenantView(
    string Name, bool Enabled, string ManagedBy, IReadOnlyList<string> Models, IReadOnlyList<string> Budgets, IReadOnlyList<string> Limits);

/// <summary>A tenant to be made: <c>POST /gigawatt/v1/tenants</c>.</summary>
/// <param name="Name">1 to 63 letters, digits, dots, hyphens and underscores.</param>
public sealed record TenantRequest(string Name)
{
    /// <summary>Models it may use; empty for all.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Budgets in words, such as <c>$20 per day for claude-*</c>.</summary>
    public IReadOnlyList<string> Budgets { get; init; } = [];

    /// <summary>Limits in words, such as <c>60 requests per minute</c>.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];
}

/// <summary>A project of a tenant: <c>GET /gigawatt/v1/projects</c>.</summary>
/// <param name="Tenant">The tenant it is part of.</param>
/// <param name="Name">Its name, which stands in usage records.</param>
/// <param name="Enabled">Whether its keys are accepted.</param>
/// <param name="ManagedBy"><c>config</c> when the server's config file says what it is, else <c>api</c>.</param>
/// <param name="Models">Models it may use within those of its tenant; empty for all of them.</param>
/// <param name="Budgets">Budgets in words.</param>
/// <param name="Limits">Limits in words.</param>
public sealed record ProjectView(
    string Tenant, string Name, bool Enabled, string ManagedBy, IReadOnlyList<string> Models, IReadOnlyList<string> Budgets, IReadOnlyList<string> Limits);

/// <summary>A project to be made: <c>POST /gigawatt/v1/projects</c>.</summary>
/// <param name="Tenant">The tenant it is part of.</param>
/// <param name="Name">1 to 63 letters, digits, dots, hyphens and underscores.</param>
public sealed record ProjectRequest(string Tenant, string Name)
{
    /// <summary>Models it may use within those of its tenant; empty for all of them.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Budgets in words.</summary>
    public IReadOnlyList<string> Budgets { get; init; } = [];

    /// <summary>Limits in words.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];
}

/// <summary>An API key to be made: <c>POST /gigawatt/v1/keys</c>.</summary>
/// <param name="Tenant">The tenant that pays for its use.</param>
/// <param name="Name">A name for people.</param>
public sealed record KeyRequest(string Tenant, string Name)
{
    /// <summary>The tenant's project it belongs to; null for none.</summary>
    public string? Project { get; init; }

    /// <summary>From when on it is not accepted; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Models it may use within those of its project and tenant; empty for all of them.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Paths it may call, each whole or a start that ends in <c>*</c>, such as <c>/v1/messages*</c>; empty for all.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>Addresses it may be used from, such as <c>10.0.0.0/8</c>; empty for all.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary><c>production</c>, <c>standard</c>, <c>early-access</c> or <c>spot</c>: who goes first when not all requests can run at once.</summary>
    public string Priority { get; init; } = "standard";

    /// <summary>Budgets in words.</summary>
    public IReadOnlyList<string> Budgets { get; init; } = [];

    /// <summary>Limits in words.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];
}

/// <summary>An API key. The key itself is shown once, in the answer that made it or rotated it.</summary>
/// <param name="Id">Public id.</param>
/// <param name="Tenant">The tenant that pays for its use.</param>
/// <param name="Name">A name for people.</param>
/// <param name="Enabled">False once it was revoked.</param>
/// <param name="ApiKey">The key itself, only when it was made just now.</param>
public sealed record KeyView(string Id, string Tenant, string Name, bool Enabled, string? ApiKey)
{
    /// <summary>The tenant's project it belongs to; null for none.</summary>
    public string? Project { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>From when on it is not accepted; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>When it was revoked; null while it is good.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>Models it may use; empty for all.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Paths it may call; empty for all.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>Addresses it may be used from; empty for all.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Who goes first when not all requests can run at once.</summary>
    public string Priority { get; init; } = "standard";

    /// <summary>Budgets in words.</summary>
    public IReadOnlyList<string> Budgets { get; init; } = [];

    /// <summary>Limits in words.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];
}

/// <summary>Another secret for a key: <c>POST /gigawatt/v1/keys/{id}/rotate</c>.</summary>
/// <param name="GraceSeconds">How long the secrets it had are accepted beside the new one, 0 to 31,536,000.</param>
public sealed record KeyRotation(long GraceSeconds);

/// <summary>Budgets and limits of a key, a project or a tenant, in place of those it has: <c>PUT /gigawatt/v1/budgets</c>.
/// One of <see cref="Key"/> and <see cref="Tenant"/> is given; a project with its tenant.</summary>
public sealed record BudgetChange
{
    /// <summary>The tenant.</summary>
    public string? Tenant { get; init; }

    /// <summary>The tenant's project; null for the tenant itself.</summary>
    public string? Project { get; init; }

    /// <summary>The key's public id.</summary>
    public string? Key { get; init; }

    /// <summary>Budgets in words, such as <c>$20 per day for claude-*</c>; null to leave them.</summary>
    public IReadOnlyList<string>? Budgets { get; init; }

    /// <summary>Limits in words, such as <c>60 requests per minute</c>; null to leave them.</summary>
    public IReadOnlyList<string>? Limits { get; init; }
}

/// <summary>A budget and what is used of it: an item of <c>GET /gigawatt/v1/budgets</c>.</summary>
/// <param name="Scope"><c>key</c>, <c>project</c>, <c>tenant</c> or <c>server</c>.</param>
/// <param name="Tenant">The tenant; empty for the server.</param>
/// <param name="Of">The key's or project's id; empty for a tenant and the server.</param>
/// <param name="Budget">In words, such as <c>$20 per day for claude-*</c>.</param>
/// <param name="Unit"><c>usd</c>, <c>tokens</c>, <c>joules</c> or <c>gCO2e</c>: what the next three count.</param>
/// <param name="Limit">What may be used in a period.</param>
/// <param name="Committed">What is spent and reserved in this period.</param>
/// <param name="Remaining">What is left; never below 0.</param>
/// <param name="PeriodEnds">When it starts afresh; null for never.</param>
public sealed record BudgetView(
    string Scope, string Tenant, string Of, string Budget, string Unit, decimal Limit, decimal Committed, decimal Remaining, DateTimeOffset? PeriodEnds);

/// <summary>A line of the trail of changes: an item of <c>GET /gigawatt/v1/audit</c>.</summary>
/// <param name="Number">Its place in the trail, from 1.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">What was done, such as <c>key.rotate</c>.</param>
/// <param name="Subject">To whom: a key's id, a tenant, or a project as <c>tenant/project</c>.</param>
/// <param name="Before">How it was, as JSON in a text; null when it was not there.</param>
/// <param name="After">How it is since.</param>
public sealed record AuditView(long Number, DateTimeOffset At, string Actor, string Action, string Subject, string? Before, string? After);
