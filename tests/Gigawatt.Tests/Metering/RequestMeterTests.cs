using CsCheck;
using Gigawatt.Metering;
using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Tests.Metering;

public sealed class RequestMeterTests
{
    private static readonly ModelFacts Model = new()
    {
        Name = "m",
        InputPerMillion = Usd.FromDollars(3),
        OutputPerMillion = Usd.FromDollars(15),
        CacheReadPerMillion = Usd.FromDollars(0.3),
        CacheWritePerMillion = Usd.FromDollars(3.75),
        MaxOutputTokens = 1_000,
        MicrojoulesPerInputToken = 50_000,
        MicrojoulesPerOutputToken = 1_000_000,
        TimeToFirstToken = Duration.Zero,
        PrefillPerToken = Duration.Zero,
        TimePerOutputToken = Duration.Zero,
        Method = "test",
    };

    // PUE 1.2; 400 g/kWh; WUE 0.5 l/kWh of IT energy; EWIF 1.5 l/kWh of facility energy.
    private static readonly SiteFactors Site = new()
    {
        PueThousandths = 1_200,
        GridGramsPerMegawattHour = 400_000,
        SiteMillilitresPerMegawattHour = 500_000,
        GridMillilitresPerMegawattHour = 1_500_000,
        Source = "test",
    };

    [Fact]
    public void A_call_costs_what_a_hand_calculation_says()
    {
        RequestImpact impact = RequestMeter.Measure(Model, new TokenUsage(1_000, 10_000, 2_000, 500), Site);
        // 3,000 + 3,000 + 7,500 + 7,500 micro-dollars.
        Assert.Equal(new Usd(21_000), impact.Cost);
        // IT: 3,000 x 0.05 J + 500 x 1 J = 650 J; facility: 780 J.
        Assert.Equal(new Joules(780_000), impact.Energy);
        // 780 J / 3.6 MJ/kWh x 400 g/kWh = 0.086666 g.
        Assert.Equal(new GramsCO2e(86_666), impact.Carbon);
        // (650 J x 0.5 + 780 J x 1.5) / 3.6 MJ/kWh = 0.000415 l.
        Assert.Equal(new Litres(415), impact.Water);
    }

    [Fact]
    public void No_token_is_free_by_rounding()
    {
        Assert.Equal(new Usd(1), RequestMeter.Cost(Model, new TokenUsage(0, 1, 0, 0)));
        Assert.Equal(Usd.Zero, RequestMeter.Cost(Model, default));
        Assert.Equal(new Usd(4), RequestMeter.Cost(Model, new TokenUsage(1, 1, 0, 0)));
    }

    [Fact]
    public void Writes_for_an_hour_thinking_and_web_searches_are_priced_as_listed()
    {
        ModelFacts model = Model with { CacheWriteHourPerMillion = Usd.FromDollars(6), WebSearchPerThousand = Usd.FromDollars(10) };
        // 1,000 at $3.75, 500 at $6, 3 searches at a cent each, 200 answer tokens at $15 of which 150 are thinking.
        var tokens = new TokenUsage(0, 0, 1_500, 200) { CacheWriteHour = 500, WebSearches = 3, Reasoning = 150 };
        Assert.Equal(new Usd(3_750 + 3_000 + 30_000 + 3_000), RequestMeter.Cost(model, tokens));
    }

    [Fact]
    public void A_prompt_of_claudes_is_bounded_at_twice_its_price_where_it_may_be_cached_for_an_hour()
    {
        ModelFacts sonnet = new ModelCatalog(Gigawatt.Configuration.Catalog.Load().Models).Find("claude-sonnet-4-6");
        Assert.Equal(new Usd(6_000_000), RequestMeter.Cost(sonnet, RequestMeter.Bound(sonnet, 1_000_000, 0)));
        Assert.Equal(new Usd(3_750_000), RequestMeter.Cost(sonnet, RequestMeter.Bound(sonnet, 1_000_000, 0, hourWrites: false)));
        Assert.Equal(new Usd(6_000_000), RequestMeter.Cost(sonnet, new(0, 0, 1_000_000, 0) { CacheWriteHour = 1_000_000 }));
    }

    [Fact]
    public void A_prompt_above_the_limit_is_dearer_and_so_is_its_answer()
    {
        ModelFacts haiku = new ModelCatalog(Gigawatt.Configuration.Catalog.Load().Models).Find("claude-haiku-5-5");
        Assert.Equal(new Usd(10_000 + 500), RequestMeter.Cost(haiku, new(100_000, 0, 0, 1_000)));
        // One token more, read from a cache, and all of it costs five times as much.
        Assert.Equal(new Usd(50_000 + 1 + 2_500), RequestMeter.Cost(haiku, new(100_000, 1, 0, 1_000)));
        ModelFacts gemini = new ModelCatalog(Gigawatt.Configuration.Catalog.Load().Models).Find("gemini-2.5-pro");
        Assert.Equal(new Usd(2 * 375_000 + 15_000 + 10_000), RequestMeter.Cost(gemini, new(300_000, 0, 0, 1_000) { WebSearches = 1 }));
    }

    [Fact]
    public void Where_no_price_for_an_hour_is_known_a_write_costs_what_writes_cost() =>
        Assert.Equal(new Usd(3_750), RequestMeter.Cost(Model, new(0, 0, 1_000, 0) { CacheWriteHour = 1_000 }));

    [Fact]
    public void No_split_of_the_prompt_costs_more_than_the_bound() =>
        Gen.Select(Gen.Int[0, 1_000], Gen.Int[0, 1_000], Gen.Int[0, 1_000], Gen.Int[0, 1_000], Gen.Long[0, 9_000_000].Array[5]).Sample(t =>
        {
            (int input, int read, int write, int output, long[] prices) = t;
            ModelFacts model = Model with
            {
                LongPromptAbove = 1_500,
                LongPromptInputPercent = 200,
                LongPromptOutputPercent = 150,
                InputPerMillion = new(prices[0]),
                CacheReadPerMillion = new(prices[1]),
                CacheWritePerMillion = new(prices[2]),
                OutputPerMillion = new(prices[3]),
                CacheWriteHourPerMillion = new(prices[4]),
            };
            RequestImpact bound = RequestMeter.MeasureBound(model, RequestMeter.Bound(model, input + read + write, output, webSearches: 2), Site);
            RequestImpact impact = RequestMeter.Measure(model, new(input, read, write, output) { CacheWriteHour = write * 2 / 3, WebSearches = 2 }, Site);
            Assert.True(impact.Cost <= bound.Cost && impact.Energy <= bound.Energy);
            Assert.True(impact.Carbon.Micrograms <= bound.Carbon.Micrograms && impact.Water.Microlitres <= bound.Water.Microlitres);
        });
}
