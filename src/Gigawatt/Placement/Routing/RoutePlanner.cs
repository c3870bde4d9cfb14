using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Placement.Routing.Health;

namespace Gigawatt.Placement.Routing;

/// <summary>Decides where a request goes: filter by conditions, rank by strategy, put what is out of order behind. Allocates nothing.</summary>
/// <remarks>
/// A target whose breaker is open is put last, not left out: when nothing else is left, an attempt is better than a refusal of
/// our own (Envoy calls this panic routing). A target that fails much more often than the others of its route is put behind them,
/// as long as at least half of the targets stay in front.
/// </remarks>
public static class RoutePlanner
{
    /// <summary>How far above its fair share a target's load may be before affinity goes on to the next, in percent (consistent hashing with bounded loads; Mirrokni, Thorup and Zadimoghaddam, 2018).</summary>
    public const int LoadBoundPercent = 125;

    private const int OutlierCallsMin = 20;
    private const int OutlierPercent = 20; // above the failure rate of the others together
    private const ulong CanarySalt = 1 << 20;
    private const ulong ShadowSalt = 1 << 21;

    // Ranks are compared before keys; each step outweighs all below it.
    private const int Foreign = 1;
    private const int Busy = 2;
    private const int Outlier = 4;
    private const int Unhealthy = 8;
    private const int OtherCanary = 16;

    private struct Score
    {
        public int Rank;
        public double Key;
        public int Tie;
    }

    /// <summary>Decides.</summary>
    /// <returns>Why no target takes the request, or <see cref="RoutingRefusal.None"/>.</returns>
    public static RoutingRefusal Plan(Route route, in RouteQuery query, out RoutePlan plan)
    {
        plan = new RoutePlan { Shadow = -1 };
        Span<Score> scores = stackalloc Score[route.Targets.Count];
        Span<byte> eligible = stackalloc byte[route.Targets.Count];
        RoutingRefusal refusal = Filter(route, query, ref plan, eligible, out int count);
        if (count == 0) { return refusal; }
        eligible = eligible[..count];
        plan.Eligible = count;
        int canary = DrawCanary(route, query, eligible);
        Rank(route, query, eligible, canary, scores);
        Explain(route, eligible, canary, scores, ref plan);
        Order(eligible, scores, ref plan);
        return RoutingRefusal.None;
    }

    private static RoutingRefusal Filter(Route route, in RouteQuery query, ref RoutePlan plan, Span<byte> eligible, out int count)
    {
        count = 0;
        RoutingRefusal refusal = RoutingRefusal.UnknownModel;
        for (int i = 0; i < route.Targets.Count; i++)
        {
            RouteTarget target = route.Targets[i];
            RoutingRefusal why = RouteConditions.Check(target, query);
            if (target.ShadowBasisPoints > 0)
            {
                if (why == RoutingRefusal.None && plan.Shadow < 0 && Drawn(query.Random, ShadowSalt + (ulong)i, target.ShadowBasisPoints)) { plan.Shadow = i; }
            }
            else if (why == RoutingRefusal.None) { eligible[count++] = (byte)i; }
            // The nearest miss is told: a target that would have taken a smaller request says more than one in another format.
            else if (why > refusal) { refusal = why; }
        }

        return refusal;
    }

    // -1 when chance chose none.
    private static int DrawCanary(Route route, in RouteQuery query, ReadOnlySpan<byte> eligible)
    {
        double drawn = Chance.Unit(query.Random, CanarySalt) * 10_000;
        foreach (byte i in eligible)
        {
            drawn -= route.Targets[i].CanaryBasisPoints;
            if (drawn < 0) { return i; }
        }

        return -1;
    }

    private static void Rank(Route route, in RouteQuery query, ReadOnlySpan<byte> eligible, int canary, Span<Score> scores)
    {
        int load = 0, weights = 0, calls = 0, failures = 0;
        foreach (byte i in eligible)
        {
            RouteTarget target = route.Targets[i];
            load += target.State.InFlight;
            weights += target.Weight;
            (int c, int f) = target.State.Breaker.WindowAt(query.Now);
            calls += c;
            failures += f;
        }

        int outliers = 0;
        foreach (byte i in eligible)
        {
            RouteTarget target = route.Targets[i];
            int rank = 0;
            if (route.OwnFormatFirst && target.FormatFor(query.Dialect) != query.Dialect) { rank |= Foreign; }
            if (route.Strategy == RouteStrategy.PrefixAffinity && IsBusy(target, load, weights)) { rank |= Busy; }
            if (target.State.Breaker.StateAt(query.Now) == BreakerState.Open) { rank |= Unhealthy; }
            else if (outliers * 2 + 2 <= eligible.Length && IsOutlier(target, query, calls, failures))
            {
                rank |= Outlier;
                outliers++;
            }

            if (target.CanaryBasisPoints > 0 && i != canary) { rank |= OtherCanary; }
            // A canary that is out of order gets no try.
            if (i == canary && (rank & (Unhealthy | Outlier)) == 0) { rank = -1; }
            scores[i] = new Score { Rank = rank, Key = KeyOf(route.Strategy, target, i, query), Tie = target.State.InFlight };
        }
    }

    private static double KeyOf(RouteStrategy strategy, RouteTarget target, int index, in RouteQuery query)
    {
        switch (strategy)
        {
            case RouteStrategy.Priority:
                double key = Chance.Key(query.Random, (ulong)index, target.Weight);
                return target.Order + key / (1 + key) * 0.999;
            case RouteStrategy.Weighted:
                return Chance.Key(query.Random, (ulong)index, target.Weight);
            case RouteStrategy.LeastLoaded:
                return target.Weight == 0 ? double.MaxValue : (double)target.State.InFlight / target.Weight;
            case RouteStrategy.LowestLatency:
                // Whose speed is not known, or forgotten, is tried: but not by everybody at once.
                double ms = target.State.Latency.MillisecondsAt(query.Now);
                return ms > 0 ? ms * (target.State.InFlight + 1) : 1_000.0 * target.State.InFlight;
            case RouteStrategy.LowestCost:
                return RequestMeter.Cost(target.Facts, TokenBound(target, query)).Micros;
            case RouteStrategy.LowestCarbon:
                return target.Site.Carbon(target.Site.Facility(RequestMeter.AcceleratorEnergy(target.Facts, TokenBound(target, query)))).Micrograms;
            case RouteStrategy.PrefixAffinity:
                return Chance.Key(query.PrefixHash, HashOf(target), target.Weight);
            default:
                throw new ArgumentOutOfRangeException(nameof(strategy), strategy, null);
        }
    }

    private static TokenUsage TokenBound(RouteTarget target, in RouteQuery query) =>
        Route.TokenBound(target, query.InputTokenBound, query.OutputTokenBound, query.Choices);

    // By name and not by place, so that a target keeps its prompts when others come and go.
    private static ulong HashOf(RouteTarget target) => new Units.StableHash(0).Add(target.Endpoint).Add(target.Model ?? "").Value;

    private static bool IsBusy(RouteTarget target, int load, int weights) =>
        weights > 0 && (target.State.InFlight + 1) > Math.Ceiling((load + 1) * (double)target.Weight / weights * LoadBoundPercent / 100);

    private static bool IsOutlier(RouteTarget target, in RouteQuery query, int calls, int failures)
    {
        (int own, int ownFailures) = target.State.Breaker.WindowAt(query.Now);
        int others = calls - own;
        if (own < OutlierCallsMin || others < OutlierCallsMin) { return false; }
        return 100.0 * ownFailures / own >= 100.0 * (failures - ownFailures) / others + OutlierPercent;
    }

    private static void Explain(Route route, ReadOnlySpan<byte> eligible, int canary, ReadOnlySpan<Score> scores, ref RoutePlan plan)
    {
        int best = eligible[0], wanted = eligible[0], preferred = eligible[0];
        bool allUnhealthy = true;
        foreach (byte i in eligible)
        {
            if (IsBefore(scores[i], scores[best], 0)) { best = i; }
            if (IsBefore(scores[i], scores[wanted], Outlier | Unhealthy)) { wanted = i; }
            if (IsBefore(scores[i], scores[preferred], Busy)) { preferred = i; }
            allUnhealthy &= (scores[i].Rank & Unhealthy) != 0;
        }

        plan.PassedOver = best != wanted;
        plan.Reason = best == canary && scores[best].Rank < 0 ? RouteReason.Canary
            : eligible.Length == 1 ? RouteReason.Only
            : allUnhealthy ? RouteReason.AllUnhealthy
            : route.Strategy switch
            {
                RouteStrategy.Weighted => RouteReason.Weighted,
                RouteStrategy.LeastLoaded => RouteReason.LeastLoaded,
                RouteStrategy.LowestLatency => RouteReason.LowestLatency,
                RouteStrategy.LowestCost => RouteReason.LowestCost,
                RouteStrategy.LowestCarbon => RouteReason.LowestCarbon,
                RouteStrategy.PrefixAffinity => best == preferred ? RouteReason.PrefixAffinity : RouteReason.PrefixSpill,
                _ => RouteReason.Priority,
            };
    }

    // Insertion into place: routes have a handful of targets.
    private static void Order(Span<byte> eligible, ReadOnlySpan<Score> scores, ref RoutePlan plan)
    {
        for (int next = 1; next < eligible.Length; next++)
        {
            byte moved = eligible[next];
            int place = next;
            for (; place > 0 && IsBefore(scores[moved], scores[eligible[place - 1]], 0); place--) { eligible[place] = eligible[place - 1]; }
            eligible[place] = moved;
        }

        foreach (byte i in eligible) { plan.Add(i); }
    }

    private static bool IsBefore(in Score one, in Score other, int ignored)
    {
        // -1 is a drawn canary, and stays in front whatever is ignored.
        int left = one.Rank < 0 ? -1 : one.Rank & ~ignored, right = other.Rank < 0 ? -1 : other.Rank & ~ignored;
        if (left != right) { return left < right; }
        int order = one.Key.CompareTo(other.Key);
        return order != 0 ? order < 0 : one.Tie < other.Tie;
    }

    private static bool Drawn(ulong random, ulong salt, int basisPoints) => Chance.Unit(random, salt) * 10_000 < basisPoints;
}
