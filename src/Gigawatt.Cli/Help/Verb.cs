using System.CommandLine;

namespace Gigawatt.Cli.Help;

/// <summary>One line that shows a use of a command.</summary>
/// <param name="Purpose">What it does; a phrase without a full stop.</param>
/// <param name="Line">The command line.</param>
internal readonly record struct Example(string Purpose, string Line);

/// <summary>A command with what its help needs beyond names and options.</summary>
/// <param name="name">The word on the command line.</param>
/// <param name="description">The first sentence says what it does; it stands alone in the list of commands.</param>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>The heading under which the list of commands shows it.</summary>
    public string Group { get; init; } = "Commands";

    /// <summary>What stands after the options in the usage line, such as <c>-- COMMAND [ARG...]</c>.</summary>
    public string Tail { get; init; } = "";

    /// <summary>Options without which it does not run, for the usage line.</summary>
    public string RequiredOptions { get; init; } = "";

    /// <summary>Paragraphs after the options.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Lines to copy.</summary>
    public IReadOnlyList<Example> Examples { get; init; } = [];
}
