using System.CommandLine;
using System.CommandLine.Invocation;
using Gigawatt.Cli.Terminal;

namespace Gigawatt.Cli.Help;

/// <summary>Writes the help of a command: what it is for, how it is called, its options, and lines to copy.</summary>
internal sealed class HelpPage(CliHost host) : SynchronousCommandLineAction
{
    private const int WidthMax = 100;
    private const int LabelMax = 30;

    private readonly int _width = Math.Min(host.Width, WidthMax);

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command);
        return ExitCodes.Ok;
    }

    /// <summary>Gives every command that only has subcommands the action of showing its help.</summary>
    public static void ShowWhereNothingIsAsked(Command command, CliHost host)
    {
        if (command.Subcommands.Count > 0) { command.SetAction(new HelpPage(host).Invoke); }
        foreach (Command sub in command.Subcommands) { ShowWhereNothingIsAsked(sub, host); }
    }

    private void Write(Command command)
    {
        var verb = command as Verb;
        WriteWrapped(command.Description ?? "", indent: 0);
        WriteTitle("Usage");
        host.Output.WriteLine($"  {UsageOf(command, verb)}");
        WriteArguments(command);
        WriteSubcommands(command);
        WriteOptions(command);
        foreach (string note in verb?.Notes ?? [])
        {
            host.Output.WriteLine();
            WriteWrapped(note, indent: 0);
        }

        WriteExamples(verb?.Examples ?? []);
        host.Output.WriteLine();
        WriteWrapped($"Exit codes: {ExitCodes.Explanation}", indent: 0);
    }

    private static string UsageOf(Command command, Verb? verb)
    {
        string[] parts =
        [
            PathOf(command),
            verb?.RequiredOptions ?? "",
            command.Subcommands.Any(sub => !sub.Hidden) ? "COMMAND" : "",
            string.Join(' ', command.Arguments.Where(argument => !argument.Hidden).Select(LabelOf)),
            command.Options.Any(option => !option.Hidden) ? "[OPTIONS]" : "",
            verb?.Tail ?? "",
        ];
        return string.Join(' ', parts.Where(part => part.Length > 0));
    }

    /// <summary>The command as it is typed, such as <c>gw key create</c>.</summary>
    public static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "gw";

    private static string LabelOf(Argument argument) =>
        argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.HelpName ?? argument.Name}..." : argument.HelpName ?? argument.Name;

    private void WriteArguments(Command command) =>
        WriteRows("Arguments", [.. command.Arguments.Where(argument => !argument.Hidden).Select(argument => (LabelOf(argument), argument.Description ?? ""))]);

    private void WriteSubcommands(Command command)
    {
        int nameMax = command.Subcommands.Select(sub => sub.Name.Length).DefaultIfEmpty().Max();
        foreach (IGrouping<string, Verb> group in command.Subcommands.OfType<Verb>().GroupBy(sub => sub.Group))
        {
            WriteRows(group.Key, [.. group.Select(sub => (sub.Name.PadRight(nameMax), FirstSentence(sub.Description ?? "")))]);
        }
    }

    private void WriteOptions(Command command) =>
        WriteRows("Options", [.. command.Options.Where(option => !option.Hidden).Select(option => (LabelOf(option), option.Description ?? ""))]);

    private static string LabelOf(Option option)
    {
        IEnumerable<string> names = option.Aliases.Where(alias => alias.Length == 2 && alias[1] != '?' && alias[0] == '-').Append(option.Name);
        string label = string.Join(", ", names);
        return option.HelpName is { } value ? $"{label} {value}" : label;
    }

    private static string FirstSentence(string text)
    {
        int end = text.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).TrimEnd('.');
    }

    private void WriteExamples(IReadOnlyList<Example> examples)
    {
        if (examples.Count == 0) { return; }
        WriteTitle("Examples");
        foreach (Example example in examples)
        {
            host.Output.WriteLine($"  # {example.Purpose}");
            host.Output.WriteLine($"  {example.Line}");
        }
    }

    private void WriteRows(string title, IReadOnlyList<(string Label, string Text)> rows)
    {
        if (rows.Count == 0) { return; }
        WriteTitle(title);
        int column = Math.Min(rows.Max(row => row.Label.Length), LabelMax) + 4;
        foreach ((string label, string text) in rows)
        {
            // A label too long for its column has a line to itself.
            string start = $"  {label}";
            if (start.Length > column - 2)
            {
                host.Output.WriteLine(start);
                start = "";
            }

            foreach (string line in Wrap(text, Math.Max(20, _width - column)))
            {
                host.Output.WriteLine($"{start.PadRight(column)}{line}");
                start = "";
            }
        }
    }

    private void WriteTitle(string title)
    {
        host.Output.WriteLine();
        host.Output.WriteLine($"{title}:");
    }

    private void WriteWrapped(string text, int indent)
    {
        foreach (string line in Wrap(text, _width - indent)) { host.Output.WriteLine($"{new string(' ', indent)}{line}".TrimEnd()); }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        yield return line;
    }
}
