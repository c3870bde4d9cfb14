using System.Globalization;
using System.Runtime.CompilerServices;
using Gigawatt.Configuration;
using Gigawatt.Tests.Support;

namespace Gigawatt.Tests.Configuration;

/// <summary>
/// Goal: a file with ten mistakes reports ten, each where it is: none hides another, and none is told twice under other names.
/// Method: the files in <c>Mistakes/</c> say in their first line how many they have; the words are compared with <c>Expected/</c>.
/// </summary>
public sealed class ConfigMistakesTests
{
    private static readonly Dictionary<string, string> Environment = new() { ["HOME"] = "somewhere" };

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Folder(), "*.yaml").Select(static f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_mistake_of_a_file_is_reported_once_with_its_line_and_column(string name)
    {
        string path = Path.Combine(Folder(), name + ".yaml");
        int written = int.Parse(File.ReadLines(path).First().Split(' ')[1], CultureInfo.InvariantCulture);
        IReadOnlyList<ConfigProblem> problems = ConfigCheck.Of(path, null, Environment);
        string told = string.Concat(problems.Select(p => (p with { File = name + ".yaml" }) + "\n"));
        Assert.True(written == problems.Count, $"{name}.yaml has {written} mistakes, and {problems.Count} are told:\n{told}");
        Assert.All(problems, p => Assert.True(p is { Line: > 1, Column: > 0 }));
        Assert.DoesNotContain("never-shown", told, StringComparison.Ordinal);
        Assert.DoesNotContain("password@", told, StringComparison.Ordinal);
        ExpectedText.Matches($"mistakes {name}", told);
    }

    /// <summary>What is right in a file is not wrong because something else is.</summary>
    [Fact]
    public void Every_single_mistake_of_the_first_file_put_right_leaves_the_others()
    {
        (string Wrong, string Right)[] repairs =
        [
            ("84200", "8420"), ("anthropc", "anthropic"), ("cheap", "$1"), ("cluod", "cloud"), ("weight: -1", "weight: 1"), ("10 minutes", "10m"),
            ("planet", "tenant"), ("fortnight", "week"), ("per hour", "per minute"), ("32 apples", "32MiB"),
        ];
        string text = File.ReadAllText(Path.Combine(Folder(), "ten.yaml"));
        foreach ((string wrong, string right) in repairs)
        {
            Assert.Equal(repairs.Length - 1, ServerConfig.Parse(text.Replace(wrong, right, StringComparison.Ordinal), "gw.yaml", Environment).Problems.Count);
        }

        string repaired = repairs.Aggregate(text, static (t, repair) => t.Replace(repair.Wrong, repair.Right, StringComparison.Ordinal));
        Assert.Empty(ServerConfig.Parse(repaired, "gw.yaml", Environment).Problems);
    }

    private static string Folder([CallerFilePath] string test = "") => Path.Combine(Path.GetDirectoryName(test)!, "Mistakes");
}
