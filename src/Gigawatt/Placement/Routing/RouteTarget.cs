using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Placement.Routing.Health;
using Gigawatt.Units;

namespace Gigawatt.Placement.Routing;

/// <summary>How a route chooses among its targets. The list is closed.</summary>
public enum RouteStrategy
{
    /// <summary>In the order given; the next one only when those before it fail. Targets of equal order share by weight.</summary>
    Priority,

    /// <summary>By chance, each with its weight.</summary>
    Weighted,

    /// <summary>Fewest calls under way for its weight.</summary>
    LeastLoaded,

    /// <summary>Shortest mean time to first byte, times the calls under way.</summary>
    LowestLatency,

    /// <summary>Lowest price for the most that this request can use.</summary>
    LowestCost,

    /// <summary>Least emissions: modelled energy of the request times the grid's intensity where the target stands.</summary>
    LowestCarbon,

    /// <summary>Requests that begin alike go to the same target, whose prompt cache knows them, unless it has much more to do than the others.</summary>
    PrefixAffinity,
}

/// <summary>One place that a route's requests may go to: a provider and a model there.</summary>
public sealed record RouteTarget
{
    /// <summary>The provider's name.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The provider's place in the server's list.</summary>
    public required int EndpointIndex { get; init; }

    /// <summary>What the provider calls the model; null is the name that the client asked for.</summary>
    public string? Model { get; init; }

    /// <summary>Price, bounds and energy of the model there.</summary>
    public required ModelFacts Facts { get; init; }

    /// <summary>What a joule means where the target stands.</summary>
    public required SiteFactors Site { get; init; }

    /// <summary>The formats that it is called in, the most wanted first.</summary>
    public required IReadOnlyList<Dialect> Formats { get; init; }

    /// <summary>Its load and health.</summary>
    public required TargetState State { get; init; }

    /// <summary>Share among the targets, 0 or more; 0 is for when no other is left.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Place in the order of <see cref="RouteStrategy.Priority"/>; lower comes first.</summary>
    public int Order { get; init; }

    /// <summary>Tenants that it is for, by id; empty for all.</summary>
    public IReadOnlyList<string> Tenants { get; init; } = [];

    /// <summary>Where it stands, as the operator names regions; null is nowhere that could be promised to anyone.</summary>
    public string? Region { get; init; }

    /// <summary>Largest request body in bytes.</summary>
    public long BodyBytesMax { get; init; } = long.MaxValue;

    /// <summary>Largest bound of prompt tokens.</summary>
    public long InputTokensMax { get; init; } = long.MaxValue;

    /// <summary>Share of requests in hundredths of a percent, 0 to 10,000, that go here first to try it; 0 for a normal target.</summary>
    public int CanaryBasisPoints { get; init; }

    /// <summary>Share of requests in hundredths of a percent, 0 to 10,000, that are copied here and whose answers nobody gets; 0 for a normal target.</summary>
    public int ShadowBasisPoints { get; init; }

    /// <summary>The name that it is called by for a model asked for.</summary>
    public string ModelFor(string asked) => Model ?? asked;

    /// <summary>In which format a request in <paramref name="dialect"/> is sent here: the same where the target speaks it, else one it can be translated to; null when there is none.</summary>
    public Dialect? FormatFor(Dialect dialect)
    {
        Dialect? other = null;
        for (int i = 0; i < Formats.Count; i++)
        {
            if (Formats[i] == dialect) { return dialect; }
            if (other is null && IsConversation(Formats[i]) && IsConversation(dialect)) { other = Formats[i]; }
        }

        return other;
    }

    /// <summary>Whether the format is one of those that are translated into each other.</summary>
    private static bool IsConversation(Dialect dialect) => dialect is Dialect.Anthropic or Dialect.OpenAI or Dialect.Responses;
}
