using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Metering;

/// <summary>What a request cost, in every currency that is metered.</summary>
/// <param name="Cost">Dollars at list price.</param>
/// <param name="Energy">Energy at the facility meter.</param>
/// <param name="Carbon">Location-based emissions.</param>
/// <param name="Water">Water consumed on site and in generation.</param>
public readonly record struct RequestImpact(Usd Cost, Joules Energy, GramsCO2e Carbon, Litres Water);

/// <summary>Turns tokens into dollars, joules, grams and litres.</summary>
public static class RequestMeter
{
    /// <summary>Prompt tokens that one web search is taken to add at most: what it finds goes into the prompt and is billed as such.
    /// OpenAI bills a fixed 8,000 for some models (platform.openai.com/docs/pricing); four times that is an assumption.</summary>
    public const int TokensPerWebSearch = 32_768;

    private const long PerMillion = 1_000_000;
    private const long ThousandsPerMillion = 1_000;
    private const long MicrojoulesPerMillijoule = 1_000;

    /// <summary>What the tokens of one call cost. All of it is modelled: no meter is read for a single request.</summary>
    public static RequestImpact Measure(ModelFacts model, TokenUsage tokens, SiteFactors site)
    {
        Joules it = AcceleratorEnergy(model, tokens);
        Joules facility = site.Facility(it);
        return new(Cost(model, tokens), facility, site.Carbon(facility), site.Water(it, facility));
    }

    /// <summary>The most that tokens of <see cref="Bound"/> can cost, in every currency.</summary>
    /// <remarks>What is dearest in dollars need not be so in joules: reading a cache costs the provider next to nothing, whatever
    /// its price. So the energy is that of a prompt that no cache holds.</remarks>
    public static RequestImpact MeasureBound(ModelFacts model, TokenUsage bound, SiteFactors site) =>
        Measure(model, new(bound.TotalInput, 0, 0, bound.Output), site) with { Cost = Cost(model, bound) };

    /// <summary>The most tokens a request can use, as usage: the whole prompt at its dearest rate, and the whole answer.</summary>
    /// <param name="model">Its price list decides which rate is the dearest.</param>
    /// <param name="inputBound">An upper bound on prompt tokens.</param>
    /// <param name="outputBound">An upper bound on answer tokens, all choices together.</param>
    /// <param name="webSearches">The most web searches that the request lets the provider make.</param>
    /// <param name="hourWrites">Whether the request may have the prompt cached for an hour.</param>
    public static TokenUsage Bound(ModelFacts model, long inputBound, long outputBound, long webSearches = 0, bool hourWrites = true)
    {
        // Any part of the prompt may be written to a cache, which is the client's to decide, so the dearest rate is assumed for all of it.
        inputBound += webSearches * TokensPerWebSearch;
        Usd written = hourWrites && model.CacheWriteHourPerMillion > model.CacheWritePerMillion ? model.CacheWriteHourPerMillion : model.CacheWritePerMillion;
        TokenUsage bound;
        if (written > model.InputPerMillion && written > model.CacheReadPerMillion)
        {
            bound = new(0, 0, inputBound, outputBound) { CacheWriteHour = written > model.CacheWritePerMillion ? inputBound : 0 };
        }
        else
        {
            bound = model.CacheReadPerMillion > model.InputPerMillion ? new(0, inputBound, 0, outputBound) : new(inputBound, 0, 0, outputBound);
        }

        return bound with { WebSearches = webSearches };
    }

    /// <summary>Dollars, rounded up once for the whole call, so that nothing is free by rounding and no part is rounded twice.</summary>
    /// <exception cref="OverflowException">More than 9.2 trillion dollars.</exception>
    public static Usd Cost(ModelFacts model, TokenUsage tokens)
    {
        Int128 input = (Int128)model.InputPerMillion.Micros * tokens.Input
            + (Int128)model.CacheReadPerMillion.Micros * tokens.CacheRead
            + (Int128)model.CacheWritePerMillion.Micros * (tokens.CacheWrite - tokens.CacheWriteHour)
            + (Int128)model.CacheWriteHourPerMillion.Micros * tokens.CacheWriteHour;
        Int128 output = (Int128)model.OutputPerMillion.Micros * tokens.Output;
        Int128 searches = (Int128)model.WebSearchPerThousand.Micros * tokens.WebSearches * ThousandsPerMillion;
        if (tokens.TotalInput <= model.LongPromptAbove) { return RoundedUp(input + output + searches, PerMillion); }
        return RoundedUp(input * model.LongPromptInputPercent + output * model.LongPromptOutputPercent + searches * 100, PerMillion * 100);
    }

    private static Usd RoundedUp(Int128 scaled, long scale) => new(checked((long)((scaled + scale - 1) / scale)));

    /// <summary>Energy of the accelerators, before PUE, rounded up to a millijoule. Prompt tokens read from a cache skip the
    /// prefill and count as none.</summary>
    public static Joules AcceleratorEnergy(ModelFacts model, TokenUsage tokens)
    {
        Int128 microjoules = (Int128)model.MicrojoulesPerInputToken * (tokens.Input + tokens.CacheWrite)
            + (Int128)model.MicrojoulesPerOutputToken * tokens.Output;
        return new(checked((long)((microjoules + MicrojoulesPerMillijoule - 1) / MicrojoulesPerMillijoule)));
    }
}
