using CsCheck;
using Gigawatt.Configuration;
using Xunit;

namespace Gigawatt.Tests.Configuration;

/// <summary>Whatever a file holds, reading it ends in a value or in problems, never in an exception and never in neither.</summary>
public sealed class ArbitraryTextTests
{
    private static readonly Dictionary<string, string> NoEnvironment = [];

    private static readonly string[] Scraps =
    [
        "name: ", "sites:", "groups:", "- ", "  ", "\n", "\n  ", "\n    ", "pue: 1.2", "grid: pjm", "memory: ", "64GiB", "-5", "kW", "[", "]", "{", "}", ":", ",",
        "&a ", "*a", "\"", "'", "|", ">", "#", "---\n", "...", "%TAG", "!!int ", "\t", "\0", "\u2028", "é", "null", "~", "this-machine:", "accelerators: ", "catalog: h100",
        "providers:", "kind: openai", "key: x", "tenants:", "budget: $5 per day", "command: ", "env:", "gpus: 0.5", "\"a\\nb\"", "99999999999999999999999999999", "1e400", "? ", "<<: *a",
    ];

    private static readonly Gen<string> Yamlish = Gen.OneOf(Scraps).Array[0, 40].Select(string.Concat);

    [Fact]
    public void Reading_text_made_of_YAML_scraps_never_throws() => Yamlish.Sample(ReadAll, iter: 20_000);

    [Fact]
    public void Reading_any_text_never_throws() => Gen.String.Sample(ReadAll, iter: 5_000);

    [Fact]
    public void Damage_to_a_shipped_file_never_throws()
    {
        string valid = Resource.Read("fleets/laptop.yaml");
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int[0, 40], Gen.OneOf(Scraps))
            .Sample((at, cut, scrap) => ReadAll(string.Concat(valid.AsSpan(0, at), scrap, valid.AsSpan(Math.Min(valid.Length, at + cut)))), iter: 5_000);
    }

    [Fact]
    public void Aliases_upon_aliases_do_not_blow_up()
    {
        string bomb = "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 200).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n"));
        Assert.Equal(201 + 3, FleetFile.Parse(bomb, "bomb.yaml").Problems.Count);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        ConfigProblem problem = Assert.Single(FleetFile.Parse(new string('[', 100_000), "deep.yaml").Problems);
        Assert.Equal("this is nested more than 32 levels deep", problem.Message);
    }

    private static bool ReadAll(string text) =>
        IsEither(FleetFile.Parse(text, "f")) && IsEither(ServerConfig.Parse(text, "f", NoEnvironment)) && IsEither(JobFile.Parse(text, "f"));

    private static bool IsEither<T>(Loaded<T> loaded) where T : class =>
        loaded.IsValid == (loaded.Problems.Count == 0) && loaded.Problems.All(p => p.Line >= 0 && p.Column >= 0 && !p.Message.Contains('\n', StringComparison.Ordinal));
}
