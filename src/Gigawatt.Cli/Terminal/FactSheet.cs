using Spectre.Console;

namespace Gigawatt.Cli.Terminal;

/// <summary>Named facts about one thing, one a line.</summary>
internal sealed class FactSheet
{
    private readonly List<(string Name, string Value, string? Style)> _facts = [];

    /// <summary>Adds a fact; one without a value is left out.</summary>
    public void Add(string name, string? value, string? style = null)
    {
        if (!string.IsNullOrEmpty(value)) { _facts.Add((name, Words.Cell(value), style)); }
    }

    public void WriteTo(CliHost host)
    {
        int width = _facts.Max(fact => fact.Name.Length);
        foreach ((string name, string value, string? style) in _facts)
        {
            string label = name.PadRight(width);
            if (host.OutputIsTerminal)
            {
                host.OutputConsole.MarkupLine($"[grey]{Markup.Escape(label)}[/]  [{style ?? "default"}]{Markup.Escape(value)}[/]");
            }
            else
            {
                host.Output.WriteLine($"{label}  {value}");
            }
        }
    }
}
