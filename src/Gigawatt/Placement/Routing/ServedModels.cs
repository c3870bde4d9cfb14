using System.Collections.Frozen;
using Gigawatt.Tenants;

namespace Gigawatt.Placement.Routing;

/// <summary>The models an endpoint serves: the list it gave, or, where it gives none, the operator's patterns.</summary>
public sealed class ServedModels
{
    private readonly FrozenSet<string>? _listed;
    private readonly IReadOnlyList<string> _patterns;

    private ServedModels(FrozenSet<string>? listed, IReadOnlyList<string> patterns) => (_listed, _patterns) = (listed, patterns);

    /// <summary>Exactly these.</summary>
    public static ServedModels Listed(IEnumerable<string> models) => new(models.ToFrozenSet(StringComparer.Ordinal), []);

    /// <summary>Whatever one of the <see cref="ModelPattern"/>s means.</summary>
    public static ServedModels Matching(IReadOnlyList<string> patterns) => new(null, patterns);

    /// <summary>Whether it serves the model.</summary>
    public bool Serves(string model) => _listed?.Contains(model) ?? ModelPattern.MatchesAny(_patterns, model);
}
