using System.CommandLine;
using System.CommandLine.Parsing;
using Gigawatt.Cli.Help;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Cli;

/// <summary>What is wrong with a command line, in words that say what to write.</summary>
internal static class ParseComplaint
{
    /// <summary>The complaint, or null when the command line can run.</summary>
    public static CliFailure? Of(ParseResult parse)
    {
        if (parse.Action is HelpPage) { return null; }
        Command command = parse.CommandResult.Command;
        string path = HelpPage.PathOf(command);
        string? complaint = Stray(parse) is { } stray ? AboutStray(stray, command, path)
            : parse.Errors.Count > 0 ? string.Join('\n', parse.Errors.Select(error => error.Message).Distinct())
            : null;
        return complaint is null ? null : CliFailure.BadUsage($"{complaint}\nSee: {path} --help");
    }

    /// <summary>The first word that belongs to nothing.</summary>
    /// <remarks>The parser gives a job's command every word that it does not know, a misspelt option before the "--" too.</remarks>
    private static string? Stray(ParseResult parse)
    {
        if (parse.UnmatchedTokens is [string unmatched, ..]) { return unmatched; }
        Argument? command = parse.CommandResult.Command.Arguments.FirstOrDefault(argument => argument.Hidden);
        if (command is null || parse.GetResult(command) is not { Tokens.Count: > 0 } words) { return null; }
        int separator = parse.Tokens.ToList().FindIndex(token => token.Type == TokenType.DoubleDash);
        int wordsAfter = separator < 0 ? 0 : parse.Tokens.Count - separator - 1;
        return words.Tokens.Count > wordsAfter ? words.Tokens[0].Value : null;
    }

    private static string AboutStray(string word, Command command, string path)
    {
        string quoted = Numbers.Quote(word);
        if (command.Subcommands.Count > 0)
        {
            return $"There is no command {quoted} in {path}{DidYouMean(word, command.Subcommands.Select(sub => sub.Name))}";
        }

        if (word.StartsWith('-'))
        {
            if (command.Options.Any(option => option.Name == word)) { return $"{quoted} goes after the command: {path} {word} ..."; }

            return $"{path} has no option {quoted}{DidYouMean(word, command.Options.Select(option => option.Name))}";
        }

        return command is Verb { Tail.Length: > 0 } verb
            ? $"{quoted} is not an option of {path}. The job's command goes last, after two hyphens: {path} {verb.RequiredOptions} {verb.Tail}"
            : $"{quoted} is one word too many for {path}.";
    }

    private static string DidYouMean(string word, IEnumerable<string> names) =>
        NearestName.Of(word, names) is { } near ? $"; did you mean {Numbers.Quote(near)}?" : ".";
}
