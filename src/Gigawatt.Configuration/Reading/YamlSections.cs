namespace Gigawatt.Configuration.Reading;

/// <summary>The parts of a YAML document that begin with its fields, each at the start of a line. What is wrong with the YAML of one
/// says nothing of the others.</summary>
internal static class YamlSections
{
    // Somebody who has more of them has one mistake, with the indentation of the whole.
    private const int BrokenMax = 20;

    /// <summary>The text with the sections blanked that are no YAML, whose mistakes then are among the problems and whose fields are noted as unread.</summary>
    /// <returns>Null when that does not help; nothing is told then.</returns>
    public static string? Without(string text, Problems problems)
    {
        string[] lines = text.Split('\n');
        var told = new List<ConfigProblem>();
        var names = new List<string>();
        while (true)
        {
            string rest = string.Join('\n', lines);
            var wrong = new Problems(problems.File);
            YamlTree.ParseWhole(rest, wrong, out bool isYaml);
            if (isYaml)
            {
                foreach (ConfigProblem problem in told) { problems.Add(problem.Line, problem.Column, problem.Message); }
                names.ForEach(problems.Unread);
                return rest;
            }

            // The parser often notices only at the next field that the one before was not closed.
            ConfigProblem mistake = wrong.Last;
            if (names.Count == BrokenMax || (Blank(lines, mistake.Line - 1) ?? Blank(lines, mistake.Line - 2)) is not { } name) { return null; }
            told.Add(mistake);
            names.Add(name);
        }
    }

    /// <summary>Blanks the section that a line lies in, if it is no YAML by itself.</summary>
    /// <returns>The field's name; null when nothing was blanked.</returns>
    private static string? Blank(string[] lines, int line)
    {
        int start = Math.Min(line, lines.Length - 1);
        while (start >= 0 && NameOf(lines[start]) is null) { start--; }
        if (start < 0) { return null; }
        int end = start + 1;
        while (end < lines.Length && NameOf(lines[end]) is null) { end++; }
        YamlTree.ParseWhole(string.Join('\n', lines[start..end]), new Problems(""), out bool isYaml);
        if (isYaml) { return null; }
        string name = NameOf(lines[start])!;
        Array.Fill(lines, "", start, end - start);
        return name;
    }

    private static string? NameOf(string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && line.AsSpan(0, colon).IndexOfAnyExcept(NameCharacters) < 0 ? line[..colon] : null;
    }

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
}
