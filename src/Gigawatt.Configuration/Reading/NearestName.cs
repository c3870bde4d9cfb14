namespace Gigawatt.Configuration.Reading;

/// <summary>Finds what somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>The closest of <paramref name="names"/> when it is close enough to be a slip: a third of its length, 3 edits at most. Else null.</summary>
    public static string? Of(string written, IEnumerable<string> names)
    {
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string name in names)
        {
            // Lengths bound the distance from below, and keep a long text from costing anything.
            int allowed = Math.Clamp(name.Length / 3, 1, 3);
            if (Math.Abs(name.Length - written.Length) > allowed) { continue; }
            int distance = Distance(written, name);
            if (distance <= allowed && distance < bestDistance) { (best, bestDistance) = (name, distance); }
        }

        return best;
    }

    /// <summary>Edits (insert, delete, replace, swap neighbours) from one text to the other, letter case aside.</summary>
    /// <remarks>Optimal string alignment, the restricted Damerau-Levenshtein distance.</remarks>
    private static int Distance(string a, string b)
    {
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) { d[i, 0] = i; }
        for (int j = 0; j <= b.Length; j++) { d[0, j] = j; }
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = d[i - 1, j - 1] + (Same(a[i - 1], b[j - 1]) ? 0 : 1);
                d[i, j] = Math.Min(replace, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }

    private static bool Same(char x, char y) => char.ToLowerInvariant(x) == char.ToLowerInvariant(y);
}
