using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Configuration;
using Gigawatt.Configuration.Migration;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw migrate</c>: a config file made of another gateway's.</summary>
internal static class MigrateCommand
{
    private delegate Loaded<MigratedConfig> Reader(string text, string fileName, Func<string, string?> variable);

    private const string AboutKeys =
        "No key is ever copied: the new file names environment variables, and a key that stands in the old file itself is named with its line, to be moved. Addresses and regions that the old file takes from the environment are taken from there too.";

    public static Verb Create(CliHost host) => new("migrate", "Make a config file of another gateway's, and list what could not be carried over.")
    {
        Group = "The server",
        Subcommands =
        {
            Make(host, "litellm", "Make a config file of a LiteLLM proxy's config.yaml.", "models, routing and fallbacks of a LiteLLM proxy", "config.yaml", LiteLlmMigration.Read),
            Make(host, "portkey", "Make a config file of a Portkey gateway config, which is JSON.", "targets and strategy of a Portkey config", "config.json", PortkeyMigration.Read),
            Make(host, "openai-env", "Make a config file of an environment file with OPENAI_, ANTHROPIC_ or AZURE_ variables.", "the providers that an environment file names", ".env", EnvironmentMigration.Read),
        },
        Notes = [AboutKeys],
        Examples =
        [
            new("from a LiteLLM proxy", "gw migrate litellm config.yaml --out gigawatt.yaml"),
            new("see only what would be lost", "gw migrate portkey config.json >/dev/null"),
        ],
    };

    private static Verb Make(CliHost host, string name, string description, string example, string file, Reader read)
    {
        var path = new Argument<string>("FILE") { HelpName = "FILE", Description = "The file to read." };
        Option<string?> output = Options.Text("--out", "FILE", "Write the new file there instead of printing it; it must not be there yet.");
        Option<bool> strict = Options.Flag("--strict", "End with exit code 1 when anything could not be carried over.");
        Option<bool> json = Options.Flag("--json", "Print one JSON document: the new file's text, what was not carried over, and the variables to set.");
        var verb = new Verb(name, description)
        {
            Arguments = { path },
            Options = { output, strict, json },
            Notes = [AboutKeys],
            Examples = [new(example, $"gw migrate {name} {file} --out gigawatt.yaml")],
        };
        verb.SetAction(parse => Run(host, read, parse.GetRequiredValue(path), parse.GetValue(output), parse.GetValue(strict), parse.GetValue(json)));
        return verb;
    }

    private static int Run(CliHost host, Reader read, string path, string? output, bool strict, bool json)
    {
        var problems = new Problems(path);
        string? text = ConfigFile.ReadText(host.FullPath(path), problems);
        Loaded<MigratedConfig> loaded = text is null ? problems.Result<MigratedConfig>(() => null!) : read(text, path, name => host.Variable(name));
        if (!loaded.IsValid) { return host.Fail(CliFailure.BadUsage(string.Join('\n', loaded.Problems))); }
        MigratedConfig made = loaded.Value;
        if (output is not null && Write(host, output, made.Yaml) is { } failure) { return host.Fail(failure); }
        if (json) { host.Output.WriteLine(FileDocuments.Of(path, output, made)); }
        else if (output is null) { host.Output.Write(made.Yaml); }
        if (!json)
        {
            foreach (MigrationNote note in made.Notes) { host.Error.WriteLine($"{path}:{Words.Safe(note.ToString())}"); }
            if (made.Notes.Count > 0) { host.Error.WriteLine($"{Words.Count(made.Notes.Count)} field{(made.Notes.Count == 1 ? "" : "s")} not carried over, or not as {(made.Notes.Count == 1 ? "it was" : "they were")}."); }
        }

        return strict && made.Notes.Count > 0 ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private static CliFailure? Write(CliHost host, string output, string yaml)
    {
        try
        {
            // What is there may be somebody's work.
            using var writer = new StreamWriter(host.FullPath(output), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write });
            writer.Write(yaml);
            return null;
        }
        catch (IOException) when (File.Exists(host.FullPath(output)))
        {
            return CliFailure.BadUsage($"{output} is there already and is not overwritten. Name another file with --out, or move it away.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CliFailure.Failed(e.Message);
        }
    }
}
