using System.Runtime.CompilerServices;
using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Placement.Routing;

/// <summary>Why a plan begins with the target it begins with. The list is closed.</summary>
public enum RouteReason
{
    /// <summary>There is no other.</summary>
    Only,

    /// <summary>First by order.</summary>
    Priority,

    /// <summary>By chance and weight.</summary>
    Weighted,

    /// <summary>Fewest calls under way.</summary>
    LeastLoaded,

    /// <summary>Fastest so far.</summary>
    LowestLatency,

    /// <summary>Cheapest for this request.</summary>
    LowestCost,

    /// <summary>Least emissions for this request.</summary>
    LowestCarbon,

    /// <summary>Chosen by how the prompt begins.</summary>
    PrefixAffinity,

    /// <summary>The target of the prompt's beginning has too much to do, and this one is next.</summary>
    PrefixSpill,

    /// <summary>Chance chose it as a canary.</summary>
    Canary,

    /// <summary>All targets are out of order, so the order is as if none were.</summary>
    AllUnhealthy,
}

/// <summary>What a decision depends on besides the route and the state of its targets.</summary>
/// <param name="Dialect">The client's format.</param>
/// <param name="Tenant">Who asks, by id.</param>
/// <param name="Random">Any number; equal numbers give equal decisions.</param>
/// <param name="Now">The moment, for health and speed.</param>
public readonly record struct RouteQuery(Dialect Dialect, string Tenant, ulong Random, Instant Now)
{
    /// <summary>Length of the request's body.</summary>
    public long BodyBytes { get; init; }

    /// <summary>Upper bound of its prompt tokens.</summary>
    public long InputTokenBound { get; init; }

    /// <summary>Upper bound of its answer tokens, or null where it names none.</summary>
    public long? OutputTokenBound { get; init; }

    /// <summary>How many answers it asks for.</summary>
    public int Choices { get; init; } = 1;

    /// <summary>Hash of how its prompt begins.</summary>
    public ulong PrefixHash { get; init; }

    /// <summary>The region that the client wants it to stay in, or null.</summary>
    public string? Region { get; init; }

    /// <summary>The regions that the tenant's data may go to; empty for all.</summary>
    public IReadOnlyList<string> Residency { get; init; } = [];
}

/// <summary>The targets of one request in the order in which they are to be tried, and why.</summary>
public struct RoutePlan
{
    /// <summary>Most targets of a plan.</summary>
    public const int CandidatesMax = 8;

    private Indexes _candidates;

    /// <summary>How many targets it has.</summary>
    public int Count { get; private set; }

    /// <summary>Why the first is first.</summary>
    public RouteReason Reason { get; internal set; }

    /// <summary>How many targets the conditions let through.</summary>
    public int Eligible { get; internal set; }

    /// <summary>Whether a better one was passed over because it is out of order.</summary>
    public bool PassedOver { get; internal set; }

    /// <summary>The target that gets a copy, by its place in the route; -1 for none.</summary>
    public int Shadow { get; internal set; }

    /// <summary>The target at a place of the plan, by its place in the route.</summary>
    public readonly int this[int place] => place < Count ? _candidates[place] : throw new ArgumentOutOfRangeException(nameof(place));

    internal void Add(int target)
    {
        if (Count < CandidatesMax) { _candidates[Count++] = (byte)target; }
    }

    [InlineArray(CandidatesMax)]
    private struct Indexes
    {
        private byte _first;
    }
}
