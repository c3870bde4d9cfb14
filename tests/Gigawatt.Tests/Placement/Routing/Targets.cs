using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Placement.Routing.Health;
using Gigawatt.Units;

namespace Gigawatt.Tests.Placement.Routing;

/// <summary>Targets and queries to try routes with.</summary>
internal static class Targets
{
    public static readonly Instant Start = Instant.Epoch + Duration.FromSeconds(1_000_000);

    public static readonly SiteFactors Site = new()
    {
        PueThousandths = 1_000,
        GridGramsPerMegawattHour = 400_000,
        SiteMillilitresPerMegawattHour = 0,
        GridMillilitresPerMegawattHour = 0,
        Source = "test",
    };

    /// <summary>A target of the provider <c>a</c>, <c>b</c>, … by its place.</summary>
    public static RouteTarget At(int index, int weight = 1) => new()
    {
        Endpoint = ((char)('a' + index)).ToString(),
        EndpointIndex = index,
        Facts = Facts(dollars: 5),
        Site = Site,
        Formats = [Dialect.Anthropic],
        State = new TargetState(),
        Weight = weight,
        Order = index,
    };

    public static ModelFacts Facts(double dollars, long microjoules = 1_000) => ModelCatalog.Unknown with
    {
        InputPerMillion = Usd.FromDollars(dollars),
        OutputPerMillion = Usd.FromDollars(dollars),
        CacheWritePerMillion = Usd.FromDollars(dollars),
        CacheWriteHourPerMillion = Usd.FromDollars(dollars),
        CacheReadPerMillion = Usd.FromDollars(dollars),
        MicrojoulesPerInputToken = microjoules,
        MicrojoulesPerOutputToken = microjoules,
    };

    public static RouteTarget[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => At(i))];

    public static RouteQuery Query(ulong random = 1, Instant? now = null) =>
        new(Dialect.Anthropic, "team", random, now ?? Start) { InputTokenBound = 1_000, OutputTokenBound = 1_000, BodyBytes = 4_000 };

    public static RoutePlan Plan(this Route route, in RouteQuery query)
    {
        Assert.Equal(RoutingRefusal.None, RoutePlanner.Plan(route, query, out RoutePlan plan));
        return plan;
    }

    public static int[] Order(this RoutePlan plan) => [.. Enumerable.Range(0, plan.Count).Select(i => plan[i])];

    /// <summary>Fails so often that the breaker opens.</summary>
    public static void Break(this RouteTarget target, Instant now)
    {
        for (int i = 0; i < BreakerPolicy.Default.ConsecutiveFailures; i++) { target.State.Breaker.Failed(now); }
    }
}
