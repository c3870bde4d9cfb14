using System.Collections.Frozen;
using Gigawatt.Units;

namespace Gigawatt.Models;

/// <summary>The models that are known, by exact name or by family; never changed once made.</summary>
/// <remarks>A lookup allocates nothing, whether it hits or not: it is made for every request.</remarks>
public sealed class ModelCatalog
{
    private readonly FrozenDictionary<string, ModelFacts>.AlternateLookup<ReadOnlySpan<char>> _names;
    private readonly FrozenDictionary<string, ModelFacts>.AlternateLookup<ReadOnlySpan<char>> _families;
    private readonly int[] _prefixLengths; // distinct, longest first

    /// <summary>From entries whose names are all different. A name that ends in <c>*</c> is a family: every name that begins with the rest.</summary>
    /// <exception cref="ArgumentException">A name is there twice.</exception>
    public ModelCatalog(IReadOnlyList<ModelFacts> entries)
    {
        Entries = entries;
        Dictionary<string, ModelFacts> models = new(StringComparer.Ordinal), families = new(StringComparer.Ordinal);
        SortedSet<int> lengths = [];
        foreach (ModelFacts entry in entries)
        {
            bool family = entry.Name.EndsWith('*');
            string key = family ? entry.Name[..^1] : entry.Name;
            if (family) { lengths.Add(key.Length); }
            if (!(family ? families : models).TryAdd(key, entry)) { throw new ArgumentException($"The model {entry.Name} is there twice.", nameof(entries)); }
        }

        _names = models.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _families = families.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _prefixLengths = [.. lengths.Reverse()];
    }

    /// <summary>What is assumed of a model that no entry covers: dear, long and slow enough that not being listed is never an advantage.</summary>
    /// <remarks>Prices: $5 and $25 for a million tokens, at which Anthropic's own gateway counts unknown models; cache reads
    /// without a discount, cache writes at twice the input price (Anthropic's one-hour writes). Energy: Llama-2-70B on eight
    /// H200 draws 0.27 J for an answer token (MLPerf Inference v4.1, server, power division); scaled by parameters to a dense
    /// model of 405 billion, half of it for a prompt token. The times are assumptions.</remarks>
    public static ModelFacts Unknown { get; } = new()
    {
        Name = "*",
        InputPerMillion = Usd.FromDollars(5),
        OutputPerMillion = Usd.FromDollars(25),
        CacheReadPerMillion = Usd.FromDollars(5),
        CacheWritePerMillion = Usd.FromDollars(10),
        CacheWriteHourPerMillion = Usd.FromDollars(10),
        MaxOutputTokens = 128_000,
        MicrojoulesPerInputToken = 800_000,
        MicrojoulesPerOutputToken = 1_600_000,
        TimeToFirstToken = Duration.FromMilliseconds(500),
        PrefillPerToken = new Duration(100_000),
        TimePerOutputToken = Duration.FromMilliseconds(25),
        Method = "assumed for an unlisted model: MLPerf Inference v4.1 Llama-2-70B energy scaled to 405 billion parameters",
    };

    /// <summary>The entries in the order given.</summary>
    public IReadOnlyList<ModelFacts> Entries { get; }

    /// <summary>The entry of that name, else the family with the longest matching prefix, else the same without the prefix that a cloud
    /// or a marketplace puts before it, as in <c>eu.anthropic.claude-…</c> and <c>anthropic/claude-…</c>, else <see cref="Unknown"/>. Names are compared exactly.</summary>
    public ModelFacts Find(string model)
    {
        TryFind(model, out ModelFacts facts);
        return facts;
    }

    /// <summary>As <see cref="Find"/>, but false where only <see cref="Unknown"/> is left.</summary>
    public bool TryFind(string model, out ModelFacts facts)
    {
        if (TryFind(model.AsSpan(), out facts) || TryFind(WithoutVendor(model), out facts)) { return true; }
        facts = Unknown;
        return false;
    }

    private bool TryFind(ReadOnlySpan<char> model, out ModelFacts facts)
    {
        if (_names.TryGetValue(model, out ModelFacts? found))
        {
            facts = found;
            return true;
        }

        foreach (int length in _prefixLengths)
        {
            if (length <= model.Length && _families.TryGetValue(model[..length], out found))
            {
                facts = found;
                return true;
            }
        }

        facts = Unknown;
        return false;
    }

    // Empty where there is no such prefix: no entry has an empty name.
    private static ReadOnlySpan<char> WithoutVendor(ReadOnlySpan<char> model)
    {
        int slash = model.LastIndexOf('/');
        if (slash >= 0) { return model[(slash + 1)..]; }
        const string Anthropic = "anthropic.";
        int vendor = model.IndexOf(Anthropic, StringComparison.Ordinal);
        return vendor < 0 ? default : model[(vendor + Anthropic.Length)..];
    }
}
