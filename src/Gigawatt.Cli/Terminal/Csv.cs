namespace Gigawatt.Cli.Terminal;

/// <summary>Comma-separated values by RFC 4180.</summary>
internal static class Csv
{
    /// <summary>Writes one line. What holds a comma, a quote or a line end is quoted.</summary>
    public static void Write(TextWriter output, IReadOnlyList<string> fields)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            if (i > 0) { output.Write(','); }
            output.Write(Quoted(fields[i]));
        }

        output.Write("\r\n");
    }

    private static string Quoted(string field)
    {
        // Names come from clients, and a spreadsheet takes these for the beginning of a formula.
        if (field is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] && !decimal.TryParse(field, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out _)) { field = "'" + field; }
        return field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
