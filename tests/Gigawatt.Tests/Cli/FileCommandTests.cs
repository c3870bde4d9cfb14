using System.Text.Json;
using Gigawatt.Tests.EndToEnd;
using Xunit;

namespace Gigawatt.Tests.Cli;

public sealed class FileCommandTests
{
    private const string TenMistakes = """
        listen: 8420
        site: nowhere
        providers:
          - name: a
            kind: antropic
          - name: b
            kind: openai
            key-env: NOT_SET
        routes:
          - model: m
            strategy: fastest
            targets:
              - provider: c
        tenants:
          - name: t
            budget: $5
          - name: t
        models:
          - input-per-million: $1
        limit: {}
        """;

    private const string LiteLlm = "model_list: [{model_name: a, litellm_params: {model: openai/gpt-4o, temperature: 1}}]\n";

    [Fact]
    public async Task A_config_with_ten_mistakes_reports_exactly_ten_each_with_its_place()
    {
        using var folder = await FolderWithAsync("gw.yaml", TenMistakes);

        CliRun run = await CliRun.OfAsync(["config", "check", "gw.yaml"], folder: folder.Path);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        string[] lines = run.Error.TrimEnd().Split('\n');
        Assert.Equal("10 mistakes.", lines[^1]);
        Assert.Equal(
            ["1:9", "2:7", "5:11", "8:14", "11:15", "13:19", "16:13", "17:11", "19:5", "20:1"],
            lines[..^1].Select(l => string.Join(':', l.Split(':')[1..3])));
    }

    [Fact]
    public async Task Mistakes_come_as_json_too_and_a_sound_file_has_none()
    {
        using var folder = await FolderWithAsync("gw.yaml", "listen: 8420\nfleet: fleet.yaml\n");
        await WriteAsync(folder, "fleet.yaml", "sites: []\n");

        CliRun run = await CliRun.OfAsync(["config", "check", "gw.yaml", "--json"], folder: folder.Path);

        JsonElement document = JsonElement.Parse(run.Output);
        Assert.Equal((2, false), (run.ExitCode, document.GetProperty("valid").GetBoolean()));
        JsonElement[] mistakes = [.. document.GetProperty("mistakes").EnumerateArray()];
        Assert.Equal(("gw.yaml", 1, 9), (mistakes[0].GetProperty("file").GetString(), mistakes[0].GetProperty("line").GetInt32(), mistakes[0].GetProperty("column").GetInt32()));
        Assert.EndsWith("fleet.yaml", mistakes[1].GetProperty("file").GetString(), StringComparison.Ordinal);

        await WriteAsync(folder, "good.yaml", "listen: 127.0.0.1:0\n");
        Assert.Equal(new CliRun(0, "good.yaml is fine.\n", ""), await CliRun.OfAsync(["config", "check", "good.yaml"], folder: folder.Path));
    }

    [Fact]
    public async Task A_config_that_is_not_there_is_one_mistake()
    {
        CliRun run = await CliRun.OfAsync(["config", "check", "absent.yaml"], folder: Path.GetTempPath());
        Assert.Equal((2, "absent.yaml: there is no such file; check the path\n1 mistake.\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Migration_prints_the_file_says_what_is_lost_and_is_strict_only_when_asked()
    {
        using var folder = await FolderWithAsync("config.yaml", LiteLlm);

        CliRun run = await CliRun.OfAsync(["migrate", "litellm", "config.yaml"], folder: folder.Path);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("routes:\n  - model: a\n", run.Output, StringComparison.Ordinal);
        Assert.StartsWith("config.yaml:1:82: model_list[0].litellm_params.temperature: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await CliRun.OfAsync(["migrate", "litellm", "config.yaml", "--strict"], folder: folder.Path)).ExitCode);
    }

    [Fact]
    public async Task Migration_writes_a_new_file_and_never_over_one()
    {
        using var folder = await FolderWithAsync("config.yaml", LiteLlm);

        CliRun run = await CliRun.OfAsync(["migrate", "litellm", "config.yaml", "--out", "gw.yaml", "--json"], folder: folder.Path);
        JsonElement document = JsonElement.Parse(run.Output);
        Assert.Equal("OPENAI_API_KEY", Assert.Single(document.GetProperty("variables").EnumerateArray()).GetString());
        Assert.Equal(1, document.GetProperty("not_carried").GetArrayLength());
        CliRun check = await CliRun.OfAsync(["config", "check", "gw.yaml"], new Dictionary<string, string> { ["OPENAI_API_KEY"] = "k" }, folder.Path);
        Assert.Equal((0, "gw.yaml is fine.\n"), (check.ExitCode, check.Output));

        CliRun again = await CliRun.OfAsync(["migrate", "litellm", "config.yaml", "--out", "gw.yaml"], folder: folder.Path);
        Assert.Equal((2, "gw: gw.yaml is there already and is not overwritten. Name another file with --out, or move it away.\n"), (again.ExitCode, again.Error));
    }

    private static async Task<TestFolder> FolderWithAsync(string name, string text)
    {
        var folder = new TestFolder();
        await WriteAsync(folder, name, text);
        return folder;
    }

    private static Task WriteAsync(TestFolder folder, string name, string text) =>
        File.WriteAllTextAsync(folder.At(name), text, TestContext.Current.CancellationToken);
}
