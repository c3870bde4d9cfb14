using Gigawatt.Configuration;
using Gigawatt.Placement.Routing;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Configuration;

public sealed class RouteConfigTests
{
    private const string Providers = "providers: [{name: a, kind: simulated}, {name: b, kind: simulated}]\ntenants: [{name: research}, {name: ops}]\n";

    [Fact]
    public void A_full_route_becomes_its_model()
    {
        ServerConfig config = Read("""
            routes:
              - model: claude-sonnet
                strategy: prefix-affinity
                targets:
                  - { provider: a, model: claude-sonnet-4-5, weight: 9, order: 3, region: eu, grid: nl, max-body: 1MiB, max-input-tokens: 200000 }
                  - { provider: b, model: eu.anthropic.claude-sonnet-4-5-v1:0, tenants: [research], canary: 2.5% }
                  - { provider: b, shadow: 10% }
                retries: 3
                deadline: 10m
                attempt-timeout: 60s
                hedge-after: 2s
                affinity-prefix: 2KiB
                cache: { ttl: 10m, max-bytes: 1GiB, scope: project }
              - model: gpt-*
                targets: [{ provider: a }]
            residency:
              research: [eu]
            """);
        RouteConfig route = config.Routes[0];
        Assert.Equal(("claude-sonnet", RouteStrategy.PrefixAffinity, 3, 2_048), (route.Model, route.Strategy, route.Retries, route.AffinityBytes));
        Assert.Equal((Duration.FromSeconds(600), Duration.FromSeconds(60), Duration.FromSeconds(2)), (route.Deadline!.Value, route.AttemptTimeout!.Value, route.HedgeAfter!.Value));
        Assert.Equal(new AnswerCachePolicy(Duration.FromSeconds(600), 1L << 30, AnswerCacheScope.Project), route.Cache);
        Assert.Null(config.Routes[1].Cache);
        RouteTargetConfig first = route.Targets[0];
        Assert.Equal(("a", "claude-sonnet-4-5", 9, 3, "eu", "nl", 1L << 20, 200_000L), (first.Provider, first.Model, first.Weight, first.Order, first.Region, first.Grid!.Name, first.BodyBytesMax, first.InputTokensMax));
        Assert.Equal(["research"], route.Targets[1].Tenants);
        Assert.Equal((250, 0, 2), (route.Targets[1].CanaryBasisPoints, route.Targets[1].ShadowBasisPoints, route.Targets[1].Order));
        Assert.Equal((1_000, null), (route.Targets[2].ShadowBasisPoints, route.Targets[2].Model));
        Assert.Equal(("gpt-*", RouteStrategy.Priority, 2, null), (config.Routes[1].Model, config.Routes[1].Strategy, config.Routes[1].Retries, config.Routes[1].Deadline));
        Assert.Equal(("research", "eu"), (config.Residency[0].Tenant, Assert.Single(config.Residency[0].Regions)));
    }

    [Theory]
    [InlineData("{provider: a}, {provider: b}", RouteStrategy.Priority)]
    [InlineData("{provider: a, weight: 3}, {provider: b}", RouteStrategy.Weighted)]
    [InlineData("{provider: a, weight: 3, order: 1}, {provider: b, order: 1}", RouteStrategy.Priority)]
    public void Weights_without_an_order_are_shares(string targets, RouteStrategy strategy) =>
        Assert.Equal(strategy, Read($"routes: [{{model: m, targets: [{targets}]}}]").Routes[0].Strategy);

    [Theory]
    [InlineData("routes: [{model: m}]", "3:10: the route has no targets; add targets: and below it items, each starting with - name: my-target")]
    [InlineData("routes: [{model: m, targets: []}]", "3:30: targets: the list is empty; write at least one target")]
    [InlineData("routes: [{targets: [{provider: a}]}]", "3:10: the route has no model; add a line such as model: claude-*")]
    [InlineData("routes: [{model: m, targets: [{provider: zzzzz}]}]", "3:42: provider: \"zzzzz\" is not declared under providers; write one of a, b")]
    [InlineData("routes: [{model: m, targets: [{}]}]", "3:31: the target has no provider; add a line such as provider: my-provider")]
    [InlineData("routes: [{model: m, targets: [{provider: a, model: x y}]}]", "3:52: model: \"x y\" is not the name of a model; write it without spaces, in ASCII")]
    [InlineData("routes: [{model: m, targets: [{provider: a, weight: 0}, {provider: b, weight: 0}]}]", "3:30: targets: every target has the weight 0, so none would get a request; give at least one a weight of 1 or more")]
    [InlineData("routes: [{model: m, targets: [{provider: a, weight: -1}]}]", "3:53: weight: \"-1\" is out of range; write a whole number from 0 to 1,000")]
    [InlineData("routes: [{model: m, targets: [{provider: a}]}, {model: m, targets: [{provider: b}]}]", "3:56: model: \"m\" has a route already, on line 3; put all its targets into one route")]
    [InlineData("routes: [{model: m, targets: [{provider: a}, {provider: a, model: m}]}]", "3:46: this target is the same as the one on line 3; remove one, or change its provider, model or tenants")]
    [InlineData("routes: [{model: m, targets: [{provider: a}, {provider: a, shadow: 5%, tenants: [ops]}]}]", "3:46: shadow: \"a\" would get a copy of what it answers itself (line 3); name another provider or model")]
    [InlineData("routes: [{model: m, targets: [{provider: a, shadow: 5%}]}]", "3:30: targets: all targets are canaries or shadows; add one for the rest of the requests")]
    [InlineData("routes: [{model: m, targets: [{provider: a}, {provider: b, shadow: 5%, canary: 5%}]}]", "3:68: shadow: a target is a canary or a shadow, not both; keep one of the two")]
    [InlineData("routes: [{model: m, targets: [{provider: a}, {provider: b, canary: 60%}, {provider: b, model: x, canary: 60%}]}]", "3:30: targets: the canaries' shares add up to more than 100%; lower them")]
    [InlineData("routes: [{model: m, targets: [{provider: a}, {provider: b, canary: 5}]}]", "3:68: canary: \"5\" is not a share; write one such as 5%")]
    [InlineData("routes: [{model: m, targets: [{provider: a}, {provider: b, canary: 101%}]}]", "3:68: canary: \"101%\" is out of range; write a share of more than 0% and at most 100%")]
    [InlineData("routes: [{model: m, targets: [{provider: a}, {provider: b, canary: 0.001%}]}]", "3:68: canary: \"0.001%\" has more than two decimals; write a share such as 0.05%")]
    [InlineData("routes: [{model: m, targets: [{provider: a, tenants: [reserch]}]}]", "3:54: tenants: \"reserch\" is not declared under tenants; did you mean \"research\"?")]
    [InlineData("routes: [{model: m, targets: [{provider: a, grid: mars}]}]", null)]
    [InlineData("routes: [{model: m, strategy: cheapest, targets: [{provider: a}]}]", "3:31: strategy: \"cheapest\" is unknown; write one of priority, weighted, least-loaded, lowest-latency, lowest-cost, lowest-carbon, prefix-affinity")]
    [InlineData("routes: [{model: m, hedge-after: 2s, targets: [{provider: a}]}]", "3:34: hedge-after: a second target is asked when the first is silent, and the route has one; add a target, or remove the field")]
    [InlineData("routes: [{model: m, hedge-after: 2s, attempt-timeout: 1s, targets: [{provider: a}, {provider: b}]}]", "3:34: hedge-after: after 2s the attempt is over already; make it shorter than attempt-timeout and deadline")]
    [InlineData("routes: [{model: m, deadline: 5s, attempt-timeout: 5s, targets: [{provider: a}]}]", "3:52: attempt-timeout: 5s is not shorter than the deadline of 5s for the whole request")]
    [InlineData("routes: [{model: m, retries: 11, targets: [{provider: a}]}]", "3:30: retries: \"11\" is out of range; write a whole number from 0 to 10")]
    [InlineData("routes: [{model: m, affinity-prefix: 1KiB, targets: [{provider: a}]}]", "3:38: affinity-prefix: only strategy: prefix-affinity looks at the prompt; remove the field, or set that strategy")]
    [InlineData("routes: [{model: m, targets: [{provider: a}], cache: {}}]", "3:54: the cache has no ttl; add a line such as ttl: 10m")]
    [InlineData("routes: [{model: m, targets: [{provider: a}], cache: 10m}]", "3:54: cache: this is a single value; write fields, each on its own line and indented below cache:")]
    [InlineData("routes: [{model: m, targets: [{provider: a}], cache: {ttl: 0s}}]", "3:60: ttl: \"0s\" must be longer than zero; write a time such as 90s or 15m")]
    [InlineData("routes: [{model: m, targets: [{provider: a}], cache: {ttl: 1m, max-bytes: 1KiB}}]", "3:75: max-bytes: write a size from 1MiB to 64GiB")]
    [InlineData("routes: [{model: m, targets: [{provider: a}], cache: {ttl: 1m, scope: everybody}}]", "3:71: scope: \"everybody\" is unknown; write one of tenant, project, key")]
    [InlineData("routes: [{model: m, targets: [{provider: a}], cache: {ttl: 1m, size: 1MiB}}]", "3:64: unknown field \"size\"; the fields of a cache are ttl, max-bytes, scope")]
    [InlineData("routes: [{model: m, target: [{provider: a}], targets: [{provider: a}]}]", "3:21: unknown field \"target\"; did you mean targets?")]
    [InlineData("routes: [{model: m, targets: [{provider: a, region: eu}]}]\nresidency: {reserch: [eu]}", "4:13: residency: \"reserch\" is not declared under tenants; did you mean \"research\"?")]
    [InlineData("routes: [{model: m, targets: [{provider: a, region: eu}]}]\nresidency: {research: [us]}", "4:23: research: no provider and no target of a route has the region \"us\"; write region: us at one, or remove it here")]
    [InlineData("routes: [{model: m, targets: [{provider: a, region: eu}]}]\nresidency: {research: []}", "4:23: research: name at least one region, or remove the line")]
    public void A_mistake_is_reported_where_it_is_with_what_to_write_instead(string text, string? expected)
    {
        string[] problems = [.. ServerConfig.Parse(Providers + text, "gw.yaml", new Dictionary<string, string>()).Problems.Select(p => p.ToString())];
        if (expected is null) { Assert.StartsWith("gw.yaml:3:51: grid: \"mars\" is unknown; ", Assert.Single(problems), StringComparison.Ordinal); }
        else { Assert.Equal(["gw.yaml:" + expected], problems); }
    }

    [Fact]
    public void Ten_mistakes_are_ten_reports()
    {
        Loaded<ServerConfig> loaded = ServerConfig.Parse("""
            providers: [{name: a, kind: simulated}]
            routes:
              - model: m
                strategy: fastest
                retries: many
                targets:
                  - { provider: b }
                  - { provider: a, weight: 5000 }
                  - { provider: a, model: x, canary: 200% }
              - model: m
                deadline: soon
                targets:
                  - { provider: a, tenants: [nobody] }
                  - { provider: a, grid: mars }
                  - { provider: a, colour: red, tenants: [default], max-body: 5kW }
            """, "gw.yaml", new Dictionary<string, string>());
        Assert.Equal([4, 5, 7, 8, 9, 10, 11, 13, 14, 15, 15], loaded.Problems.Select(p => p.Line));
    }

    private static ServerConfig Read(string text)
    {
        Loaded<ServerConfig> loaded = ServerConfig.Parse(Providers + text, "gw.yaml", new Dictionary<string, string>());
        Assert.True(loaded.IsValid, string.Join('\n', loaded.Problems));
        return loaded.Value;
    }
}
