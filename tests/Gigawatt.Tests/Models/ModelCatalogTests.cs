using Gigawatt.Models;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Models;

public sealed class ModelCatalogTests
{
    private static ModelFacts Entry(string name) => ModelCatalog.Unknown with { Name = name };

    [Theory]
    [InlineData("claude-opus-4-5", "claude-opus-4-5")]
    [InlineData("claude-opus-4-5-20251101", "claude-opus-4*")]
    [InlineData("claude-opus-4", "claude-opus-4*")]
    [InlineData("claude-opus-3", "claude-*")]
    [InlineData("Claude-opus-4", null)]
    [InlineData("claude", null)]
    [InlineData("", null)]
    public void The_exact_name_wins_then_the_longest_prefix(string model, string? expected)
    {
        ModelCatalog catalog = new([Entry("claude-*"), Entry("claude-opus-4*"), Entry("claude-opus-4-5")]);
        Assert.Equal(expected is not null, catalog.TryFind(model, out ModelFacts facts));
        Assert.Equal(expected ?? "*", facts.Name);
        Assert.Same(facts, catalog.Find(model));
    }

    [Fact]
    public void What_nobody_described_is_counted_at_five_and_twenty_five_dollars()
    {
        ModelFacts unknown = new ModelCatalog([]).Find("who-knows");
        Assert.Equal((Usd.FromDollars(5), Usd.FromDollars(25)), (unknown.InputPerMillion, unknown.OutputPerMillion));
    }

    [Fact]
    public void A_star_alone_stands_for_all_the_rest() => Assert.Equal(7, new ModelCatalog([Entry("*") with { MaxOutputTokens = 7 }]).Find("x").MaxOutputTokens);

    [Fact]
    public void A_name_that_is_there_twice_is_refused() => Assert.Throws<ArgumentException>(() => new ModelCatalog([Entry("a*"), Entry("a"), Entry("a*")]));

    [Fact]
    public void A_lookup_allocates_nothing()
    {
        ModelCatalog catalog = new([Entry("a"), Entry("b*"), Entry("bb*")]);
        foreach (string name in (string[])["a", "bbb", "c"])
        {
            catalog.Find(name);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) { catalog.Find(name); }
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }
}
