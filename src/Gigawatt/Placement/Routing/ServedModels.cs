using System.Collections.Frozen;
using Gigawatt.Tenants;

namespace Gigawatt.Placement.Routing;

/// <summary>The models an endpoint serves: the list it gave, or, where it gives none, the operator's patterns.</summary>
public sealed class ServedModels
{
    private readonly FrozenSet<string>? _listed;
    private readonly IReadOnlyList<string> _patterns;

    private ServedModels(FrozenSet<string>? listed, IReadOnlyList<string> patterns) => (_listed, _patterns) = (listed, patterns);

    /// <summary>Exactly these, and those that end in a date, such as <c>claude-x-20261021</c>, also without it: providers list
    /// the dated name and answer to both.</summary>
    public static ServedModels Listed(IEnumerable<string> models) =>
        new(models.SelectMany(m => Undated(m) is { } alias ? [m, alias] : new[] { m }).ToFrozenSet(StringComparer.Ordinal), []);

    /// <summary>Whatever one of the <see cref="ModelPattern"/>s means.</summary>
    public static ServedModels Matching(IReadOnlyList<string> patterns) => new(null, patterns);

    /// <summary>Whether it serves the model.</summary>
    public bool Serves(string model) => _listed?.Contains(model) ?? ModelPattern.MatchesAny(_patterns, model);

    private static string? Undated(string model)
    {
        int dash = model.Length - 9;
        return dash > 0 && model[dash] == '-' && !model.AsSpan(dash + 1).ContainsAnyExceptInRange('0', '9') ? model[..dash] : null;
    }
}
