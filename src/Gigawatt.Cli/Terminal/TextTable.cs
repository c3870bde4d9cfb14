using System.Text;
using Spectre.Console;

namespace Gigawatt.Cli.Terminal;

/// <summary>A column of a table.</summary>
/// <param name="Title">In capitals, above the column.</param>
/// <param name="IsNumber">Whether its cells stand at the right.</param>
/// <param name="Style">The style of a cell on a terminal, as Spectre.Console writes it; null or empty for none.</param>
internal sealed record Column(string Title, bool IsNumber = false, Func<string, string?>? Style = null);

/// <summary>A table: with rules and colours on a terminal, else plain columns with two spaces between them.</summary>
internal sealed class TextTable(params Column[] columns)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells)
    {
        if (cells.Length != columns.Length) { throw new ArgumentException($"{columns.Length} cells expected, not {cells.Length}", nameof(cells)); }
        _rows.Add([.. cells.Select(Words.Cell)]);
    }

    public void WriteTo(CliHost host)
    {
        if (host.OutputIsTerminal) { WriteStyled(host.OutputConsole); }
        else { WritePlain(host.Output); }
    }

    private void WritePlain(TextWriter output)
    {
        int[] widths = [.. columns.Select((column, i) => _rows.Select(row => row[i].Length).Append(column.Title.Length).Max())];
        foreach (string[] row in _rows.Prepend([.. columns.Select(column => column.Title)]))
        {
            var line = new StringBuilder();
            for (int i = 0; i < columns.Length; i++)
            {
                line.Append(columns[i].IsNumber ? row[i].PadLeft(widths[i]) : row[i].PadRight(widths[i])).Append("  ");
            }

            output.WriteLine(line.ToString().TrimEnd());
        }
    }

    private void WriteStyled(IAnsiConsole console)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (Column column in columns)
        {
            table.AddColumn(new TableColumn($"[bold]{Markup.Escape(column.Title)}[/]") { Alignment = column.IsNumber ? Justify.Right : Justify.Left });
        }

        foreach (string[] row in _rows)
        {
            table.AddRow([.. row.Select((cell, i) => Styled(cell, columns[i].Style?.Invoke(cell)))]);
        }

        console.Write(table);
    }

    private static string Styled(string cell, string? style) =>
        string.IsNullOrEmpty(style) ? Markup.Escape(cell) : $"[{style}]{Markup.Escape(cell)}[/]";
}
