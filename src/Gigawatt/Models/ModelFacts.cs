using Gigawatt.Units;

namespace Gigawatt.Models;

/// <summary>What the catalogue knows of a model, or of a family of models: prices, bounds, speed and energy.</summary>
public sealed record ModelFacts
{
    /// <summary>What a thousand web searches cost where nothing is said: Anthropic's and OpenAI's $10.</summary>
    public static Usd DefaultWebSearch { get; } = new(10_000_000);

    /// <summary>The model's name, or a prefix ending in <c>*</c> that stands for a family.</summary>
    public required string Name { get; init; }

    /// <summary>Dollars for a million uncached prompt tokens.</summary>
    public required Usd InputPerMillion { get; init; }

    /// <summary>Dollars for a million answer tokens.</summary>
    public required Usd OutputPerMillion { get; init; }

    /// <summary>Dollars for a million prompt tokens read from a prompt cache.</summary>
    public required Usd CacheReadPerMillion { get; init; }

    /// <summary>Dollars for a million prompt tokens written to a prompt cache, for five minutes or however long is usual.</summary>
    public required Usd CacheWritePerMillion { get; init; }

    /// <summary>Dollars for a million prompt tokens written to a prompt cache for an hour; <see cref="CacheWritePerMillion"/> where nothing is said.</summary>
    public Usd CacheWriteHourPerMillion
    {
        get => field == Usd.Zero ? CacheWritePerMillion : field;
        init;
    }

    /// <summary>Dollars for a thousand web searches that the provider makes for its answers.</summary>
    public Usd WebSearchPerThousand { get; init; } = DefaultWebSearch;

    /// <summary>A prompt with more tokens than this is dearer, and so is its answer; no prompt has more unless this is set.</summary>
    public int LongPromptAbove { get; init; } = int.MaxValue;

    /// <summary>What a long prompt costs, in percent of the input and cache prices, at least 100.</summary>
    public int LongPromptInputPercent { get; init; } = 100;

    /// <summary>What the answer to a long prompt costs, in percent of <see cref="OutputPerMillion"/>, at least 100.</summary>
    public int LongPromptOutputPercent { get; init; } = 100;

    /// <summary>Most tokens of prompt and answer together, as lists of models show it; <see cref="int.MaxValue"/> where nobody knows.</summary>
    public int ContextTokens { get; init; } = int.MaxValue;

    /// <summary>Most answer tokens of one call: the bound of a reservation whose request names none.</summary>
    public required int MaxOutputTokens { get; init; }

    /// <summary>Modelled energy of one prompt token at the accelerator, in microjoules.</summary>
    public required long MicrojoulesPerInputToken { get; init; }

    /// <summary>Modelled energy of one answer token at the accelerator, in microjoules.</summary>
    public required long MicrojoulesPerOutputToken { get; init; }

    /// <summary>Predicted fixed part of the time to first token.</summary>
    public required Duration TimeToFirstToken { get; init; }

    /// <summary>Predicted further time to first token for each prompt token.</summary>
    public required Duration PrefillPerToken { get; init; }

    /// <summary>Predicted time between two answer tokens.</summary>
    public required Duration TimePerOutputToken { get; init; }

    /// <summary>Where the prices come from, with the day they were read.</summary>
    public string PriceSource { get; init; } = "";

    /// <summary>Where the energy and speed figures come from; printed beside every modelled number.</summary>
    public required string Method { get; init; }
}
