using CsCheck;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Units;
using static Gigawatt.Tests.Placement.Routing.Targets;

namespace Gigawatt.Tests.Placement.Routing;

public sealed class RoutePlannerTests
{
    public static TheoryData<RouteStrategy> Strategies => [.. Enum.GetValues<RouteStrategy>()];

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_plan_holds_every_eligible_target_once_and_equal_inputs_give_equal_plans(RouteStrategy strategy) =>
        Gen.Select(Gen.Int[1, 20], Gen.ULong, Gen.ULong, Gen.Int[0, 9].Array[20], Gen.Bool.Array[20]).Sample((count, random, prefix, loads, foreign) =>
        {
            RouteTarget[] targets = [.. Many(count).Select((t, i) => foreign[i] ? t with { Tenants = ["others"] } : t)];
            for (int i = 0; i < count; i++)
            {
                for (int n = 0; n < loads[i]; n++) { targets[i].State.Begin(); }
                if (loads[i] == 9) { targets[i].Break(Start); }
            }

            var route = new Route("m", strategy, targets);
            RouteQuery query = Query(random) with { PrefixHash = prefix };
            RoutingRefusal refusal = RoutePlanner.Plan(route, query, out RoutePlan plan);
            int[] eligible = [.. Enumerable.Range(0, count).Where(i => !foreign[i])];
            if (eligible.Length == 0) { return refusal == RoutingRefusal.OtherTenants && plan.Count == 0; }
            RoutePlanner.Plan(route, query, out RoutePlan again);
            return refusal == RoutingRefusal.None
                && plan.Count == Math.Min(eligible.Length, RoutePlan.CandidatesMax)
                && plan.Order().Distinct().Count() == plan.Count
                && plan.Order().All(eligible.Contains)
                && plan.Order().SequenceEqual(again.Order())
                && plan.Eligible == eligible.Length
                && route.Explain(plan).Length > 0;
        });

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_broken_target_comes_last_and_with_all_broken_each_still_gets_a_try(RouteStrategy strategy)
    {
        RouteTarget[] targets = Many(3);
        var route = new Route("m", strategy, targets);
        for (ulong random = 0; random < 50; random++)
        {
            int first = route.Plan(Query(random) with { PrefixHash = random })[0];
            var broken = new Route("m", strategy, [.. targets.Select((t, i) => i == first ? At(i) : t)]);
            broken.Targets[first].Break(Start);
            RoutePlan plan = broken.Plan(Query(random) with { PrefixHash = random });
            Assert.Equal(first, plan[2]);
            Assert.EndsWith("passing over an unhealthy one", broken.Explain(plan), StringComparison.Ordinal);
        }

        foreach (RouteTarget target in targets) { target.Break(Start); }
        RoutePlan last = route.Plan(Query());
        Assert.Equal((3, RouteReason.AllUnhealthy), (last.Count, last.Reason));
    }

    [Fact]
    public void Weights_are_kept_in_the_long_run_and_a_weight_of_zero_is_for_when_no_other_is_left()
    {
        var route = new Route("m", RouteStrategy.Weighted, [At(0, 9), At(1, 1), At(2, 0)]);
        int[] first = new int[3];
        for (ulong random = 0; random < 20_000; random++)
        {
            RoutePlan plan = route.Plan(Query(random * 7919));
            first[plan[0]]++;
            Assert.Equal(2, plan[2]);
        }

        Assert.InRange(first[0], 17_700, 18_300);
    }

    [Fact]
    public void Priority_keeps_the_order_and_shares_within_it_by_weight()
    {
        var route = new Route("m", RouteStrategy.Priority, [At(0) with { Order = 2 }, At(1) with { Order = 1 }, At(2) with { Order = 1 }]);
        int[][] seen = [.. Enumerable.Range(0, 100).Select(i => route.Plan(Query((ulong)i)).Order()).DistinctBy(o => string.Join(',', o))];
        Assert.Equal(2, seen.Length);
        Assert.All(seen, order => Assert.Equal(0, order[2]));
    }

    [Fact]
    public void Least_loaded_counts_calls_for_each_unit_of_weight_and_equals_stay_in_order()
    {
        RouteTarget[] targets = [At(0, 4), At(1, 1), At(2, 1)];
        var route = new Route("m", RouteStrategy.LeastLoaded, targets);
        Assert.Equal([0, 1, 2], route.Plan(Query()).Order());
        for (int i = 0; i < 3; i++) { targets[0].State.Begin(); }
        targets[1].State.Begin();
        Assert.Equal([2, 0, 1], route.Plan(Query()).Order());
    }

    [Fact]
    public void Lowest_latency_prefers_the_fast_tries_the_unknown_and_forgets_in_time()
    {
        RouteTarget[] targets = Many(2);
        var route = new Route("m", RouteStrategy.LowestLatency, targets);
        targets[0].State.Latency.Add(Start, Duration.FromMilliseconds(800));
        Assert.Equal(1, route.Plan(Query())[0]); // not measured yet
        targets[1].State.Latency.Add(Start, Duration.FromMilliseconds(900));
        Assert.Equal(0, route.Plan(Query())[0]);
        targets[0].State.Begin();
        Assert.Equal(1, route.Plan(Query())[0]); // one call under way doubles it
        targets[0].State.End();
        Instant later = Start + Duration.FromSeconds(60);
        targets[0].State.Latency.Add(later, Duration.FromMilliseconds(800));
        Assert.Equal(1, route.Plan(Query(now: later))[0]); // 900 ms of a minute ago have faded
    }

    [Fact]
    public void Lowest_cost_depends_on_the_request_and_lowest_carbon_on_the_grid()
    {
        ModelFacts cheapInput = Facts(1) with { OutputPerMillion = Usd.FromDollars(50) };
        RouteTarget[] targets = [At(0) with { Facts = Facts(5, 2_000) }, At(1) with { Facts = cheapInput, Site = Site with { GridGramsPerMegawattHour = 20_000 } }];
        var cost = new Route("m", RouteStrategy.LowestCost, targets);
        Assert.Equal(1, cost.Plan(Query() with { InputTokenBound = 100_000, OutputTokenBound = 10 })[0]);
        Assert.Equal(0, cost.Plan(Query() with { InputTokenBound = 100, OutputTokenBound = 10_000 })[0]);
        var carbon = new Route("m", RouteStrategy.LowestCarbon, targets);
        RoutePlan plan = carbon.Plan(Query() with { InputTokenBound = 1_000_000 });
        Assert.Equal((1, "lowest carbon of 2 targets of m"), (plan[0], carbon.Explain(plan)));
    }

    /// <summary>A shared system prompt must not send everything to one replica: no target gets more than its bound allows.</summary>
    [Fact]
    public void Affinity_keeps_a_prompt_on_its_target_until_that_has_its_share_and_a_quarter_more()
    {
        RouteTarget[] targets = Many(8);
        var route = new Route("m", RouteStrategy.PrefixAffinity, targets);
        RouteQuery query = Query() with { PrefixHash = 42 };
        int home = route.Plan(query)[0];
        Assert.Equal(home, route.Plan(query)[0]);
        bool spilled = false;
        for (int call = 1; call <= 800; call++)
        {
            RoutePlan plan = route.Plan(query);
            targets[plan[0]].State.Begin();
            int bound = (int)Math.Ceiling(call / 8.0 * RoutePlanner.LoadBoundPercent / 100);
            Assert.InRange(targets[plan[0]].State.InFlight, 1, bound);
            spilled |= plan.Reason == RouteReason.PrefixSpill;
        }

        Assert.True(spilled);
        // Shares of a quarter more than an eighth: seven targets take it all.
        Assert.InRange(targets.Count(t => t.State.InFlight > 0), 7, 8);
    }

    [Fact]
    public void Affinity_moves_only_the_prompts_of_a_target_that_goes()
    {
        RouteTarget[] targets = Many(5);
        var all = new Route("m", RouteStrategy.PrefixAffinity, targets);
        var fewer = new Route("m", RouteStrategy.PrefixAffinity, targets[..4]);
        int[] homes = new int[5];
        for (ulong prefix = 0; prefix < 2_000; prefix++)
        {
            int before = all.Plan(Query() with { PrefixHash = prefix })[0];
            homes[before]++;
            if (before < 4) { Assert.Equal(before, fewer.Plan(Query() with { PrefixHash = prefix })[0]); }
        }

        Assert.All(homes, h => Assert.InRange(h, 300, 500));
    }

    [Fact]
    public void A_canary_gets_its_share_and_otherwise_comes_last()
    {
        var route = new Route("m", RouteStrategy.Priority, [At(0), At(1) with { CanaryBasisPoints = 500 }, At(2)]);
        int canaries = 0;
        for (ulong random = 0; random < 20_000; random++)
        {
            RoutePlan plan = route.Plan(Query(random));
            if (plan[0] == 1)
            {
                canaries++;
                Assert.Equal(("canary of m", 0), (route.Explain(plan), plan[1]));
            }
            else { Assert.Equal([0, 2, 1], plan.Order()); }
        }

        Assert.InRange(canaries, 900, 1_100);
        route.Targets[1].Break(Start);
        for (ulong random = 0; random < 200; random++) { Assert.Equal(0, route.Plan(Query(random))[0]); }
    }

    [Fact]
    public void A_shadow_gets_copies_and_never_a_request()
    {
        var route = new Route("m", RouteStrategy.Priority, [At(0), At(1) with { ShadowBasisPoints = 2_500 }]);
        int copies = 0;
        for (ulong random = 0; random < 10_000; random++)
        {
            RoutePlan plan = route.Plan(Query(random));
            Assert.Equal([0], plan.Order());
            if (plan.Shadow == 1) { copies++; }
        }

        Assert.InRange(copies, 2_300, 2_700);
    }

    public static TheoryData<string, int> Refusals => new()
    {
        { "format", (int)RoutingRefusal.OtherDialect },
        { "tenant", (int)RoutingRefusal.OtherTenants },
        { "residency", (int)RoutingRefusal.Residency },
        { "no region", (int)RoutingRefusal.Residency },
        { "region", (int)RoutingRefusal.OtherRegion },
        { "bytes", (int)RoutingRefusal.TooLarge },
        { "tokens", (int)RoutingRefusal.TooLarge },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_condition_that_does_not_hold_leaves_a_target_out_and_says_which(string condition, int refusal)
    {
        RouteTarget target = At(0) with { Region = "us" };
        RouteQuery query = Query();
        switch (condition)
        {
            case "format": query = query with { Dialect = Dialect.Embeddings }; break;
            case "tenant": target = target with { Tenants = ["research"] }; break;
            case "residency": query = query with { Residency = ["eu"] }; break;
            case "no region": (target, query) = (target with { Region = null }, query with { Residency = ["us"] }); break;
            case "region": query = query with { Region = "eu" }; break;
            case "bytes": target = target with { BodyBytesMax = 3_999 }; break;
            default: target = target with { InputTokensMax = 999 }; break;
        }

        Assert.Equal((RoutingRefusal)refusal, RoutePlanner.Plan(new Route("m", RouteStrategy.Priority, [target]), query, out _));
        // A target whose conditions hold takes it.
        RouteTarget open = At(1) with { Region = condition == "region" || condition == "residency" ? "eu" : "us", Formats = [query.Dialect] };
        Assert.Equal([1], new Route("m", RouteStrategy.Priority, [target, open]).Plan(query).Order());
    }

    [Fact]
    public void An_endpoint_of_the_clients_own_format_comes_before_one_that_needs_a_translation()
    {
        RouteTarget[] targets = [At(0) with { Formats = [Dialect.OpenAI] }, At(1), At(2) with { Formats = [Dialect.Responses, Dialect.Anthropic] }];
        Assert.Equal([1, 2, 0], new Route("m", RouteStrategy.LeastLoaded, targets) { OwnFormatFirst = true }.Plan(Query()).Order());
        Assert.Equal([0, 1, 2], new Route("m", RouteStrategy.LeastLoaded, targets).Plan(Query()).Order());
        Assert.Equal(Dialect.OpenAI, targets[0].FormatFor(Dialect.Anthropic));
        Assert.Equal(Dialect.Anthropic, targets[2].FormatFor(Dialect.Anthropic));
        Assert.Null(targets[0].FormatFor(Dialect.CountTokens));
    }

    [Fact]
    public void A_target_that_fails_much_more_than_the_others_goes_behind_them_but_never_most_of_them()
    {
        RouteTarget[] targets = Many(4);
        for (int i = 0; i < 30; i++)
        {
            foreach (RouteTarget t in targets) { t.State.Breaker.Succeeded(Start); }
            if (i % 2 == 0) { targets[0].State.Breaker.Failed(Start); }
        }

        var route = new Route("m", RouteStrategy.Priority, targets);
        Assert.Equal([1, 2, 3, 0], route.Plan(Query()).Order());
        Assert.Equal([0, 1], new Route("m", RouteStrategy.Priority, targets[..2]).Plan(Query()).Order()[..2].Order());
        Assert.Equal(1, new Route("m", RouteStrategy.Priority, targets[..2]).Plan(Query())[0]);
        Assert.Equal(0, new Route("m", RouteStrategy.Priority, targets[..1]).Plan(Query())[0]);
        // Its window over, it is as good as any.
        Assert.Equal([0, 1, 2, 3], route.Plan(Query(now: Start + Duration.FromSeconds(61))).Order());
    }

    [Theory]
    [MemberData(nameof(Strategies))]
    public void A_decision_and_its_words_allocate_nothing(RouteStrategy strategy)
    {
        var route = new Route("m", strategy, Many(6));
        for (ulong i = 0; i < 200; i++) { route.Explain(route.Plan(Query(i) with { PrefixHash = i })); }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong i = 0; i < 200; i++)
        {
            RoutePlanner.Plan(route, Query(i) with { PrefixHash = i }, out RoutePlan plan);
            _ = route.Explain(plan);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_route_is_found_by_its_name_then_by_the_longest_pattern()
    {
        Route Of(string name) => new(name, RouteStrategy.Priority, [At(0)]);
        var table = new RouteTable([Of("*"), Of("claude-*"), Of("claude-x"), Of("claude-x*")]);
        string[] asked = ["claude-x", "claude-xy", "claude-y", "gpt"];
        Assert.Equal(["claude-x", "claude-x*", "claude-*", "*"], asked.Select(m => table.Find(m)!.Name));
        Assert.Null(RouteTable.Empty.Find("claude-x"));
    }

    [Fact]
    public void The_bound_of_a_route_is_that_of_its_dearest_target_in_each_currency()
    {
        var route = new Route("m", RouteStrategy.Priority, [At(0) with { Facts = Facts(9, 1_000) }, At(1) with { Facts = Facts(2, 7_000) }]);
        Assert.Equal(new Usd(18_000), route.Bound(1_000, 1_000, 1).Impact.Cost);
        Assert.Equal(new Joules(14_000), route.Bound(1_000, 1_000, 1).Impact.Energy);
        Assert.Equal(new Usd(9 * (1_000 + 3 * 128_000)), route.Bound(1_000, null, 3).Impact.Cost);
    }
}
