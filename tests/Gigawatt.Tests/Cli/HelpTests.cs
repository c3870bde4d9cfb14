using System.CommandLine;
using Gigawatt.Cli;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Cli;

public sealed class HelpTests
{
    public static TheoryData<string> Paths => [.. All().Select(found => found.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Every_help_text_is_the_one_that_was_reviewed(string path)
    {
        CliRun run = await CliRun.OfAsync([.. path.Split(' ').Skip(1), "--help"]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        ExpectedText.Matches($"help {path}", run.Output);
    }

    [Fact]
    public void Every_option_says_what_it_is_for_and_what_it_takes()
    {
        foreach ((string path, Verb verb) in All())
        {
            foreach (Option option in verb.Options)
            {
                Assert.True(option.Description is { Length: > 10 } text && text.EndsWith('.'), $"{path} {option.Name} needs a sentence");
                Assert.True(option.HelpName is not null || option.ValueType == typeof(bool) || option.Name == "--help", $"{path} {option.Name} needs a name for its value");
            }
        }
    }

    [Fact]
    public async Task Lines_fit_a_narrow_terminal_unless_they_are_there_to_be_copied()
    {
        foreach ((string path, Verb verb) in All())
        {
            CliRun run = await CliRun.OfAsync([.. path.Split(' ').Skip(1), "--help"]);
            string[] copied = [.. verb.Examples.Select(example => $"  {example.Line}")];
            Assert.All(run.Output.Split('\n').Except(copied), line => Assert.InRange(line.Length, 0, 100));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("help")]
    [InlineData("-h")]
    public async Task The_help_of_everything_comes_where_nothing_else_is_asked(string word)
    {
        CliRun help = await CliRun.OfAsync(["--help"]);
        Assert.Equal(help, await CliRun.OfAsync(word.Length == 0 ? [] : [word]));
    }

    [Fact]
    public async Task Help_followed_by_a_command_is_the_help_of_the_command() =>
        Assert.Equal(await CliRun.OfAsync(["key", "create", "--help"]), await CliRun.OfAsync(["help", "key", "create"]));

    private static IEnumerable<(string Path, Verb Verb)> All()
    {
        using var host = new CliHost { Output = TextWriter.Null, OutputBytes = Stream.Null, Error = TextWriter.Null, Variable = _ => null, Folder = "/" };
        return [.. Below(CommandLine.Create(host), "gw")];
    }

    private static IEnumerable<(string Path, Verb Verb)> Below(Verb verb, string path) =>
        verb.Subcommands.Cast<Verb>().SelectMany(sub => Below(sub, $"{path} {sub.Name}")).Prepend((path, verb));
}
