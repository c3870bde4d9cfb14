namespace Gigawatt.Tenants;

/// <summary>A model's name, or a prefix that ends in <c>*</c>; <c>*</c> alone is every model.</summary>
public static class ModelPattern
{
    /// <summary>Whether <paramref name="model"/> is meant by <paramref name="pattern"/>; compared by ordinal.</summary>
    public static bool Matches(string pattern, string model) =>
        pattern.EndsWith('*')
            ? model.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal)
            : string.Equals(pattern, model, StringComparison.Ordinal);

    /// <summary>Whether any of <paramref name="patterns"/> means <paramref name="model"/>.</summary>
    public static bool MatchesAny(IReadOnlyList<string> patterns, string model)
    {
        for (int i = 0; i < patterns.Count; i++)
        {
            if (Matches(patterns[i], model)) { return true; }
        }

        return false;
    }
}
