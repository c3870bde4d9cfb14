using Gigawatt.Configuration.Reading;
using Gigawatt.Fleet;
using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>Reads <c>catalog/accelerators.yaml</c>.</summary>
internal static class AcceleratorCatalogue
{
    public static Loaded<IReadOnlyList<CatalogAccelerator>> Parse(string text, string file) =>
        CatalogueFile.Parse(text, file, "accelerators", "accelerator", static (map, name) => new CatalogAccelerator(
            new AcceleratorType(name, map.Require("memory", Kinds.MemoryMib), map.Require("idle", Kinds.Power),
                map.Require("tdp", Kinds.Power), map.Require("price-per-hour", Kinds.Dollars)),
            map.Require("product", Kinds.Text),
            map.Require("source", Kinds.Text),
            map.Require("price-source", Kinds.Text)));
}

/// <summary>Reads <c>catalog/grids.yaml</c>.</summary>
internal static class GridCatalogue
{
    public static Loaded<IReadOnlyList<Grid>> Parse(string text, string file) =>
        CatalogueFile.Parse(text, file, "grids", "grid", static (map, name) => new Grid(
            name,
            map.Require("place", Kinds.Text),
            map.Require("carbon", Kinds.CarbonIntensity),
            map.Require("ewif", Kinds.WaterIntensity),
            map.Require("source", Kinds.Text)));
}

/// <summary>Reads <c>catalog/models.yaml</c>: speeds and energies by class of model, prices by model.</summary>
internal static class ModelCatalogue
{
    private static readonly Kind<int> Tokens = Kinds.Whole(1, 10_000_000, "8192");

    private static readonly Kind<int> Times = Kinds.Thousandths("a factor", "1.5", 1m, 10m);

    private static readonly ModelFacts Unreadable = new()
    {
        Name = "",
        InputPerMillion = Usd.Zero,
        OutputPerMillion = Usd.Zero,
        CacheReadPerMillion = Usd.Zero,
        CacheWritePerMillion = Usd.Zero,
        MaxOutputTokens = 0,
        MicrojoulesPerInputToken = 0,
        MicrojoulesPerOutputToken = 0,
        TimeToFirstToken = Duration.Zero,
        PrefillPerToken = Duration.Zero,
        TimePerOutputToken = Duration.Zero,
        Method = "",
    };

    public static Loaded<IReadOnlyList<ModelFacts>> Parse(string text, string file)
    {
        var problems = new Problems(file);
        if (ConfigFile.ReadRoot(text, "catalogue", problems) is not { } root) { return problems.Result<IReadOnlyList<ModelFacts>>(() => []); }
        var classNames = new NameTable("class", "classes", problems);
        List<ModelFacts> classes = [.. root.Blocks("classes", "class").Select(map => ReadClass(map, classNames))];
        var names = new NameTable("model", "models", problems);
        List<ModelFacts> models = [.. root.Blocks("models", "model").Select(map => ReadModel(map, names, classNames, classes))];
        root.Close();
        return problems.Result<IReadOnlyList<ModelFacts>>(() => models);
    }

    private static ModelFacts ReadClass(MapReader map, NameTable names)
    {
        string name = map.Require("name", Kinds.Name);
        names.Add(map.Where("name"), name);
        ModelFacts facts = Unreadable with
        {
            Name = name,
            MicrojoulesPerInputToken = map.Require("energy-per-input-token", Kinds.Microjoules),
            MicrojoulesPerOutputToken = map.Require("energy-per-output-token", Kinds.Microjoules),
            TimeToFirstToken = map.Require("time-to-first-token", Kinds.Time),
            PrefillPerToken = map.Require("prefill-per-token", Kinds.Time),
            TimePerOutputToken = map.Require("time-per-output-token", Kinds.Time),
            Method = map.Require("method", Kinds.Text),
        };
        map.Close();
        return facts;
    }

    private static ModelFacts ReadModel(MapReader map, NameTable names, NameTable classNames, List<ModelFacts> classes)
    {
        string name = map.Require("name", Kinds.ModelPattern);
        names.Add(map.Where("name"), name);
        if (!map.Has("class")) { map.Missing("class", "dense-70b"); }
        int index = classNames.Resolve(map, "class");
        ModelFacts facts = (index < 0 ? Unreadable : classes[index]) with
        {
            Name = name,
            InputPerMillion = map.Require("input-per-million", Kinds.Dollars),
            OutputPerMillion = map.Require("output-per-million", Kinds.Dollars),
            CacheReadPerMillion = map.Require("cache-read-per-million", Kinds.Dollars),
            CacheWritePerMillion = map.Require("cache-write-per-million", Kinds.Dollars),
            CacheWriteHourPerMillion = map.Read("cache-write-1h-per-million", Kinds.Dollars, Usd.Zero),
            LongPromptAbove = map.Read("long-prompt-above", Tokens, int.MaxValue),
            LongPromptInputPercent = map.Read("long-prompt-input", Times, 1_000) / 10,
            LongPromptOutputPercent = map.Read("long-prompt-output", Times, 1_000) / 10,
            ContextTokens = map.Require("context-tokens", Tokens),
            MaxOutputTokens = map.Require("max-output-tokens", Tokens),
            PriceSource = map.Require("price-source", Kinds.Text),
        };
        map.Close();
        return facts;
    }
}

/// <summary>What the catalogue's flat files share: one list of blocks with names.</summary>
internal static class CatalogueFile
{
    public static Loaded<IReadOnlyList<T>> Parse<T>(string text, string file, string list, string noun, Func<MapReader, string, T> read)
    {
        var problems = new Problems(file);
        if (ConfigFile.ReadRoot(text, "catalogue", problems) is not { } root) { return problems.Result<IReadOnlyList<T>>(() => []); }
        var names = new NameTable(noun, list, problems);
        var entries = new List<T>();
        foreach (MapReader map in root.RequireBlocks(list, noun))
        {
            string name = map.Require("name", Kinds.Name);
            names.Add(map.Where("name"), name);
            entries.Add(read(map, name));
            map.Close();
        }

        root.Close();
        return problems.Result<IReadOnlyList<T>>(() => entries);
    }
}
