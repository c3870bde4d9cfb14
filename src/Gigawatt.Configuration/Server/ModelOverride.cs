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

    /// <summary>Most answer tokens of one call.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Energy of one prompt token at the accelerator, in microjoules.</summary>
    public long? MicrojoulesPerInputToken { get; init; }

    /// <summary>Energy of one answer token at the accelerator, in microjoules.</summary>
    public long? MicrojoulesPerOutputToken { get; init; }

    /// <summary>The facts that hold: these over <paramref name="facts"/>. Energies given here make the method "as configured".</summary>
    public ModelFacts Apply(ModelFacts facts) => facts with
    {
        Name = Name,
        InputPerMillion = InputPerMillion ?? facts.InputPerMillion,
        OutputPerMillion = OutputPerMillion ?? facts.OutputPerMillion,
        CacheReadPerMillion = CacheReadPerMillion ?? facts.CacheReadPerMillion,
        CacheWritePerMillion = CacheWritePerMillion ?? facts.CacheWritePerMillion,
        MaxOutputTokens = MaxOutputTokens ?? facts.MaxOutputTokens,
        MicrojoulesPerInputToken = MicrojoulesPerInputToken ?? facts.MicrojoulesPerInputToken,
        MicrojoulesPerOutputToken = MicrojoulesPerOutputToken ?? facts.MicrojoulesPerOutputToken,
        Method = MicrojoulesPerInputToken is null && MicrojoulesPerOutputToken is null ? facts.Method : "as configured",
    };
}
