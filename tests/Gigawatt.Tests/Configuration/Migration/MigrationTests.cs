using Gigawatt.Configuration;
using Gigawatt.Configuration.Migration;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Configuration.Migration;

public sealed class MigrationTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "Gigawatt.Tests", "Configuration", "Migration", "Cases");

    public static TheoryData<string> Cases => [.. Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_file_becomes_the_config_and_the_list_that_were_reviewed(string name)
    {
        MigratedConfig made = Migrate(name);
        ExpectedText.Matches(name, $"{made.Yaml}\n--- not carried over\n{string.Concat(made.Notes.Select(n => $"{n}\n"))}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_written_is_read_by_the_server_without_a_mistake(string name)
    {
        MigratedConfig made = Migrate(name);
        Loaded<ServerConfig> loaded = ServerConfig.Parse(made.Yaml, "gigawatt.yaml", made.Variables.ToDictionary(v => v, _ => "set"));
        Assert.True(loaded.IsValid, string.Join('\n', loaded.Problems));
        Assert.All(made.Variables, variable => Assert.Contains(variable, made.Yaml, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void No_secret_is_in_what_is_written_or_said(string name)
    {
        MigratedConfig made = Migrate(name);
        Assert.DoesNotContain("SECRET", made.Yaml + string.Join('\n', made.Notes) + string.Join('\n', made.Variables), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_are_no_secrets_are_taken_from_the_environment_that_a_file_names()
    {
        const string Text = "model_list: [{model_name: a, litellm_params: {model: azure/d, api_base: os.environ/BASE, api_key: os.environ/KEY}}]";
        MigratedConfig made = LiteLlmMigration.Read(Text, "c.yaml", name => name == "BASE" ? "https://team.openai.azure.com" : throw new InvalidOperationException(name)).Value!;
        Assert.Contains("resource: team\n    key-env: KEY\n", made.Yaml, StringComparison.Ordinal);
        Assert.Empty(made.Notes);
    }

    [Theory]
    [InlineData("litellm", "model_list: [", "c:2:1: this is not valid YAML")]
    [InlineData("litellm", "- a", "c: this is not the config file of a LiteLLM proxy")]
    [InlineData("portkey", "{\"strategy\": ", "c:1:14: this is not valid JSON")]
    [InlineData("portkey", "[1]", "c: this is not a Portkey config")]
    [InlineData("portkey", "", "c:")]
    [InlineData("openai-env", "OPENAI_API_KEY SECRET", "c:1:1: this line is not NAME=value; write one variable on each line")]
    public void What_is_no_such_file_is_refused_in_one_sentence_that_quotes_nothing(string format, string text, string start)
    {
        ConfigProblem problem = Assert.Single(Read(format)(text, "c", _ => null).Problems);
        Assert.StartsWith(start, problem.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_read_or_refused_and_never_fails()
    {
        string[] pieces = ["model_list", ":", "\n", "- ", "  ", "{", "}", "[", "]", "\"", "litellm_params", "model", "openai/*", "*", "targets", "strategy", ",", "1e999", "os.environ/", "fallbacks", "a", "=", "weight", "&x", "*x"];
        var random = new Random(7);
        for (int i = 0; i < 3_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => pieces[random.Next(pieces.Length)]));
            foreach (string format in (string[])["litellm", "portkey", "openai-env"])
            {
                Loaded<MigratedConfig> made = Read(format)(text, "c", _ => null);
                if (!made.IsValid) { continue; }
                Loaded<ServerConfig> loaded = ServerConfig.Parse(made.Value.Yaml, "gigawatt.yaml", made.Value.Variables.ToDictionary(v => v, _ => "set"));
                Assert.True(loaded.IsValid, $"{format}\n{text}\n{made.Value.Yaml}\n{string.Join('\n', loaded.Problems)}");
            }
        }
    }

    private static MigratedConfig Migrate(string name)
    {
        string format = name.StartsWith("openai-env", StringComparison.Ordinal) ? "openai-env" : name.Split('-')[0];
        Loaded<MigratedConfig> made = Read(format)(File.ReadAllText(Path.Combine(Folder, name)), name, _ => null);
        Assert.True(made.IsValid, string.Join('\n', made.Problems));
        return made.Value;
    }

    private static Func<string, string, Func<string, string?>, Loaded<MigratedConfig>> Read(string format) => format switch
    {
        "litellm" => LiteLlmMigration.Read,
        "portkey" => PortkeyMigration.Read,
        _ => EnvironmentMigration.Read,
    };
}
