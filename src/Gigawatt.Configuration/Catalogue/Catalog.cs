using Gigawatt.Configuration.Reading;
using Gigawatt.Fleet;
using Gigawatt.Models;

namespace Gigawatt.Configuration;

/// <summary>The product's own facts: accelerators, models and grids, each with its source. From <c>catalog/*.yaml</c>, which the assembly carries.</summary>
public sealed class Catalog
{
    private static readonly Lazy<Catalog> Shipped = new(static () => new Catalog(
        Read("accelerators", AcceleratorCatalogue.Parse), Read("models", ModelCatalogue.Parse), Read("grids", GridCatalogue.Parse)));

    private Catalog(IReadOnlyList<CatalogAccelerator> accelerators, IReadOnlyList<ModelFacts> models, IReadOnlyList<Grid> grids)
    {
        Accelerators = accelerators;
        Models = models;
        Grids = grids;
    }

    /// <summary>Accelerators, sorted by name.</summary>
    public IReadOnlyList<CatalogAccelerator> Accelerators { get; }

    /// <summary>Models and families of models, sorted by name.</summary>
    public IReadOnlyList<ModelFacts> Models { get; }

    /// <summary>Grids, sorted by name.</summary>
    public IReadOnlyList<Grid> Grids { get; }

    /// <summary>The catalogue that this version of the product carries. Read once.</summary>
    /// <exception cref="InvalidOperationException">A catalogue file has a mistake: a bug of the build, which the tests catch.</exception>
    public static Catalog Load() => Shipped.Value;

    /// <summary>The accelerator of that name, or null.</summary>
    public CatalogAccelerator? FindAccelerator(string name) => Accelerators.FirstOrDefault(a => a.Type.Name == name);

    /// <summary>The grid of that name, or null.</summary>
    public Grid? FindGrid(string name) => Grids.FirstOrDefault(g => g.Name == name);

    private static IReadOnlyList<T> Read<T>(string name, Func<string, string, Loaded<IReadOnlyList<T>>> parse)
    {
        string path = $"catalog/{name}.yaml";
        Loaded<IReadOnlyList<T>> loaded = parse(Resource.Read(path), path);
        return loaded.Value ?? throw new InvalidOperationException(string.Join('\n', loaded.Problems));
    }
}

/// <summary>An accelerator of the catalogue.</summary>
/// <param name="Type">Its facts, as a fleet takes them over.</param>
/// <param name="Product">The maker's name for it.</param>
/// <param name="Source">Where memory and power come from.</param>
/// <param name="PriceSource">Where the price comes from; mostly our own planning assumption.</param>
public sealed record CatalogAccelerator(AcceleratorType Type, string Product, string Source, string PriceSource);

/// <summary>An electricity grid of the catalogue.</summary>
/// <param name="Name">Short name, such as <c>pjm</c>.</param>
/// <param name="Place">Where it is, for people.</param>
/// <param name="GramsPerMegawattHour">Location-based average emissions in grams of CO2 equivalent for each MWh.</param>
/// <param name="MillilitresPerMegawattHour">Water consumed in generation in millilitres for each MWh.</param>
/// <param name="Source">Where the figures come from, with their year.</param>
public sealed record Grid(string Name, string Place, long GramsPerMegawattHour, long MillilitresPerMegawattHour, string Source);
