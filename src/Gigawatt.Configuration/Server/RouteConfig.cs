using Gigawatt.Placement.Routing;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>Where the requests for a model go, as configured.</summary>
/// <param name="Model">The model's public name, or the start of names followed by <c>*</c>. Unique among the routes.</param>
/// <param name="Strategy">How it chooses among its targets.</param>
/// <param name="Targets">At least one that is no shadow.</param>
public sealed record RouteConfig(string Model, RouteStrategy Strategy, IReadOnlyList<RouteTargetConfig> Targets)
{
    /// <summary>Most further attempts after the first, 0 to 10; 2 unless set.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Longest time for the whole request; null for no limit.</summary>
    public Duration? Deadline { get; init; }

    /// <summary>Longest wait of one attempt for the first byte of the answer; null for the provider's own.</summary>
    public Duration? AttemptTimeout { get; init; }

    /// <summary>Silence after which a second target is asked too; null never asks two.</summary>
    public Duration? HedgeAfter { get; init; }

    /// <summary>How much of the prompt decides about prefix affinity, in bytes; 8 KiB unless set.</summary>
    public int AffinityBytes { get; init; } = 8 * 1024;

    /// <summary>How long its answers are kept for equal requests; null keeps none.</summary>
    public AnswerCachePolicy? Cache { get; init; }
}

/// <summary>One place that a route's requests may go to, as configured.</summary>
/// <param name="Provider">Name of a provider of the same configuration.</param>
/// <param name="Model">What the provider calls the model; null is the name that the client asked for.</param>
public sealed record RouteTargetConfig(string Provider, string? Model)
{
    /// <summary>Share among the targets, 0 to 1,000.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Place in the order of the priority strategy; the place in the list unless set.</summary>
    public int Order { get; init; }

    /// <summary>Tenants that it is for; empty for all.</summary>
    public IReadOnlyList<string> Tenants { get; init; } = [];

    /// <summary>Where it stands, as the operator names regions, or null.</summary>
    public string? Region { get; init; }

    /// <summary>The electricity grid there, or null for that of the site of requests.</summary>
    public Grid? Grid { get; init; }

    /// <summary>Largest request body in bytes.</summary>
    public long BodyBytesMax { get; init; } = long.MaxValue;

    /// <summary>Largest bound of prompt tokens.</summary>
    public long InputTokensMax { get; init; } = long.MaxValue;

    /// <summary>Share of requests in hundredths of a percent that try it first; 0 for a normal target.</summary>
    public int CanaryBasisPoints { get; init; }

    /// <summary>Share of requests in hundredths of a percent that are copied to it; 0 for a normal target.</summary>
    public int ShadowBasisPoints { get; init; }
}

/// <summary>Where a tenant's data may go.</summary>
/// <param name="Tenant">The tenant's name.</param>
/// <param name="Regions">Regions of targets, at least one.</param>
public sealed record ResidencyConfig(string Tenant, IReadOnlyList<string> Regions);
