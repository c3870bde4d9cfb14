namespace Gigawatt.Models;

/// <summary>The models that are known, by exact name or by family.</summary>
public sealed class ModelCatalog
{
    /// <summary>From entries whose names are all different.</summary>
    /// <exception cref="ArgumentException">A name is there twice.</exception>
    public ModelCatalog(IReadOnlyList<ModelFacts> entries) => Entries = entries;

    /// <summary>The entries in the order given.</summary>
    public IReadOnlyList<ModelFacts> Entries { get; }

    /// <summary>What is assumed of a model that no entry covers.</summary>
    public static ModelFacts Unknown => throw new NotImplementedException();

    /// <summary>The entry of that name, else the family with the longest matching prefix, else <see cref="Unknown"/>.</summary>
    public ModelFacts Find(string model) => throw new NotImplementedException();

    /// <summary>As <see cref="Find"/>, but false where only <see cref="Unknown"/> is left.</summary>
    public bool TryFind(string model, out ModelFacts facts) => throw new NotImplementedException();
}
