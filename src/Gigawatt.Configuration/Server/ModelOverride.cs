using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>What the config file says of a model, over what the catalogue says. Null leaves the catalogue's.</summary>
/// <param name="Name">The model's name, or the start of names followed by <c>*</c>.</param>
public sealed record ModelOverride(string Name)
{
    /// <summary>Dollars for a million uncached prompt tokens.</summary>
    public Usd? InputPerMillion { get; init; }

    /// <summary>Dollars for a million answer tokens.</summary>
    public Usd? OutputPerMillion { get; init; }

    /// <summary>Dollars for a million prompt tokens read from a prompt cache.</summary>
    public Usd? CacheReadPerMillion { get; init; }

    /// <summary>Dollars for a million prompt tokens written to a prompt cache.</summary>
    public Usd? CacheWritePerMillion { get; init; }

    /// <summary>Dollars for a million prompt tokens written to a prompt cache for an hour.</summary>
    public Usd? CacheWriteHourPerMillion { get; init; }

    /// <summary>Dollars for a thousand web searches that the provider makes.</summary>
    public Usd? WebSearchPerThousand { get; init; }

    /// <summary>Most answer tokens of one call.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Energy of one prompt token at the accelerator, in microjoules.</summary>
    public long? MicrojoulesPerInputToken { get; init; }

    /// <summary>Energy of one answer token at the accelerator, in microjoules.</summary>
    public long? MicrojoulesPerOutputToken { get; init; }

    /// <summary>The facts that hold: these over <paramref name="facts"/>, whose name stays. Energies given here make the method "as configured".</summary>
    public ModelFacts Apply(ModelFacts facts)
    {
        ModelFacts changed = Plain(facts);
        // Where the price of writes changes, that of writes for an hour changes with it.
        return (CacheWriteHourPerMillion ?? CacheWritePerMillion) is null ? changed : changed with { CacheWriteHourPerMillion = CacheWriteHourPerMillion ?? HourOf(facts) };
    }

    private ModelFacts Plain(ModelFacts facts) => facts with
    {
        InputPerMillion = InputPerMillion ?? facts.InputPerMillion,
        OutputPerMillion = OutputPerMillion ?? facts.OutputPerMillion,
        CacheReadPerMillion = CacheReadPerMillion ?? facts.CacheReadPerMillion,
        CacheWritePerMillion = CacheWritePerMillion ?? facts.CacheWritePerMillion,
        WebSearchPerThousand = WebSearchPerThousand ?? facts.WebSearchPerThousand,
        MaxOutputTokens = MaxOutputTokens ?? facts.MaxOutputTokens,
        MicrojoulesPerInputToken = MicrojoulesPerInputToken ?? facts.MicrojoulesPerInputToken,
        MicrojoulesPerOutputToken = MicrojoulesPerOutputToken ?? facts.MicrojoulesPerOutputToken,
        Method = MicrojoulesPerInputToken is null && MicrojoulesPerOutputToken is null ? facts.Method : "as configured",
    };

    /// <summary>The catalogue with the overrides over it: each changes all entries that it covers and adds one of its own name.</summary>
    /// <param name="catalogue">Entries with different names.</param>
    /// <param name="overrides">The overrides; where two cover an entry, the longer name wins.</param>
    /// <param name="unknown">What is assumed of a model that no entry covers.</param>
    public static IReadOnlyList<ModelFacts> Over(IReadOnlyList<ModelFacts> catalogue, IReadOnlyList<ModelOverride> overrides, ModelFacts unknown)
    {
        List<ModelFacts> entries = [.. catalogue];
        foreach (ModelOverride one in overrides.OrderBy(o => o.Name.Length).ThenBy(o => o.Name, StringComparer.Ordinal))
        {
            if (!entries.Exists(e => e.Name == one.Name))
            {
                ModelFacts nearest = entries.Where(e => Covers(e.Name, one.Name)).MaxBy(e => e.Name.Length) ?? unknown;
                entries.Add(nearest with { Name = one.Name });
            }

            for (int i = 0; i < entries.Count; i++)
            {
                if (Covers(one.Name, entries[i].Name)) { entries[i] = one.Apply(entries[i]); }
            }
        }

        return entries;
    }

    private Usd HourOf(ModelFacts facts) => CacheWritePerMillion is not { } write ? facts.CacheWriteHourPerMillion
        : facts.CacheWritePerMillion == Usd.Zero ? write
        : new((long)((Int128)facts.CacheWriteHourPerMillion.Micros * write.Micros / facts.CacheWritePerMillion.Micros));

    private static bool Covers(string pattern, string name) =>
        pattern == name || (pattern.EndsWith('*') && name.StartsWith(pattern[..^1], StringComparison.Ordinal));
}
