using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw config</c>: config files.</summary>
internal static class ConfigCommand
{
    public static Verb Create(CliHost host) => new("config", "Check config files.")
    {
        Group = "The server",
        Subcommands = { Check(host) },
    };

    private static Verb Check(CliHost host)
    {
        var path = new Argument<string>("FILE") { HelpName = "FILE", Description = "The config file." };
        Option<string?> fleet = Options.Text("--fleet", "FILE", "The fleet file, as for `gw up`; the one that the config file names unless given.");
        Option<bool> json = Options.Flag("--json", "Print one JSON document with every mistake, its line and its column.");
        var verb = new Verb("check", "Check a config file and the fleet it names, and start nothing. Every mistake is shown at once, each with its line and column.")
        {
            Arguments = { path },
            Options = { fleet, json },
            Notes = ["Variables and files that keys are taken from must be there, as for a start. The exit code is 2 when there is any mistake."],
            Examples = [new("before a restart", "gw config check gigawatt.yaml")],
        };
        verb.SetAction(parse => Run(host, parse.GetRequiredValue(path), parse.GetValue(fleet), parse.GetValue(json)));
        return verb;
    }

    private static int Run(CliHost host, string path, string? fleet, bool json)
    {
        // Files are named as the user named them; what they name lies where they lie.
        string full = host.FullPath(path);
        ConfigProblem[] mistakes =
        [
            .. ConfigCheck.Of(full, fleet is null ? null : host.FullPath(fleet), host.Variables)
                .Select(m => m with { File = m.File == full ? path : fleet is not null && m.File == host.FullPath(fleet) ? fleet : m.File }),
        ];
        if (json) { host.Output.WriteLine(FileDocuments.Of(path, mistakes)); }
        else if (mistakes.Length == 0) { host.Output.WriteLine($"{path} is fine."); }
        else
        {
            foreach (ConfigProblem mistake in mistakes) { host.Error.WriteLine(Words.Safe(mistake.ToString())); }
            host.Error.WriteLine($"{Words.Count(mistakes.Length)} mistake{(mistakes.Length == 1 ? "" : "s")}.");
        }

        return mistakes.Length == 0 ? ExitCodes.Ok : ExitCodes.BadUsage;
    }
}
