using Gigawatt.Tenants;
using Gigawatt.Units;

namespace Gigawatt.Admission;

/// <summary>Who sends a request: a key, whom it belongs to, and the accounts that it draws on.</summary>
/// <param name="Key">The key.</param>
/// <param name="Project">The project it belongs to; null for none.</param>
/// <param name="Tenant">The tenant it belongs to.</param>
/// <param name="Accounts">Every budget and limit that its requests touch.</param>
public sealed record Caller(KeyFacts Key, Project? Project, Tenant Tenant, CallerAccounts Accounts)
{
    /// <summary>From when on the secret that was shown is no longer accepted: it was replaced, or its key ends.</summary>
    public Instant Expires { get; init; } = Key.Expires;
}
