using Gigawatt.Models;
using Gigawatt.Placement.Routing;

namespace Gigawatt.Tests.Admission;

public sealed class EndpointRoutingTests
{
    private static readonly EndpointFacts[] Endpoints =
    [
        new("cloud", [Dialect.Anthropic], ServedModels.Listed(["claude-x", "claude-y"])),
        new("other", [Dialect.OpenAI], ServedModels.Matching(["gpt-*", "shared"])),
        new("third", [Dialect.OpenAI, Dialect.Anthropic], ServedModels.Matching(["shared", "claude-y"])),
    ];

    [Theory]
    [InlineData("claude-x", Dialect.Anthropic, "cloud", "only endpoint that serves claude-x in the anthropic format")]
    [InlineData("gpt-5", Dialect.OpenAI, "other", "only endpoint that serves gpt-5 in the openai format")]
    [InlineData("claude-y", Dialect.OpenAI, "third", "only endpoint that serves claude-y in the openai format")]
    [InlineData("shared", Dialect.OpenAI, "other", "least busy of 2 endpoints that serve shared in the openai format")]
    public void The_endpoint_that_serves_the_model_in_the_format_is_chosen_and_says_why(string model, Dialect dialect, string endpoint, string reason)
    {
        RoutingDecision decision = EndpointRouting.Choose(Endpoints, [0, 0, 0], model, dialect);
        Assert.Equal((endpoint, RoutingRefusal.None, reason), (Endpoints[decision.Index].Name, decision.Refusal, decision.Reason));
    }

    [Fact]
    public void Among_equals_the_least_busy_is_chosen() =>
        Assert.Equal("third", Endpoints[EndpointRouting.Choose(Endpoints, [0, 3, 2], "shared", Dialect.OpenAI).Index].Name);

    [Theory]
    [InlineData("claude-x", Dialect.OpenAI, RoutingRefusal.OtherDialect)]
    [InlineData("claude", Dialect.Anthropic, RoutingRefusal.UnknownModel)]
    [InlineData("", Dialect.Anthropic, RoutingRefusal.UnknownModel)]
    public void A_model_that_is_not_served_so_is_refused_with_its_cause(string model, Dialect dialect, RoutingRefusal refusal) =>
        Assert.Equal((-1, refusal), (EndpointRouting.Choose(Endpoints, [0, 0, 0], model, dialect) is var d ? d.Index : 0, EndpointRouting.Choose(Endpoints, [0, 0, 0], model, dialect).Refusal));
}
