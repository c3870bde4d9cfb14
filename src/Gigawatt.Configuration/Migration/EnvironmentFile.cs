using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration.Migration;

/// <summary>Reads an environment file: <c>NAME=value</c> on each line, as shells and container engines take it.</summary>
internal static class EnvironmentFile
{
    /// <summary>The variables with their places. Values without quotes end at <c> #</c>; nothing is expanded.</summary>
    public static MapNode Parse(string text, Problems problems)
    {
        var file = new MapNode(1, 1);
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#') { continue; }
            if (line.StartsWith("export ", StringComparison.Ordinal)) { line = line["export ".Length..].TrimStart(); }
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? "" : line[..equals].TrimEnd();
            if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_') || char.IsAsciiDigit(name[0]))
            {
                // The line is not quoted back: it may hold a key.
                problems.Add(i + 1, 1, "this line is not NAME=value; write one variable on each line");
                continue;
            }

            file.Fields.Add((new TextNode(i + 1, 1, name, isPlain: true), new TextNode(i + 1, lines[i].IndexOf('=', StringComparison.Ordinal) + 2, Value(line[(equals + 1)..].Trim()), isPlain: true)));
        }

        return file;
    }

    private static string Value(string text)
    {
        if (text.Length >= 2 && text[0] is '"' or '\'' && text.IndexOf(text[0], 1) is var end and > 0) { return text[1..end]; }
        int comment = text.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? text : text[..comment].TrimEnd();
    }
}
