using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests;

/// <summary>Holds the table of <c>docs/architecture.md</c>: which project may know which.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["Gigawatt"] = [],
        ["Gigawatt.Wire"] = ["Gigawatt"],
        ["Gigawatt.Configuration"] = ["Gigawatt"],
        ["Gigawatt.Providers"] = ["Gigawatt.Wire"],
        ["Gigawatt.Agents"] = ["Gigawatt.Wire"],
        ["Gigawatt.Twin"] = ["Gigawatt"],
        ["Gigawatt.Server"] = ["Gigawatt.Configuration", "Gigawatt.Providers", "Gigawatt.Agents", "Gigawatt.Twin"],
        ["Gigawatt.Cli"] = ["Gigawatt.Server"],
    };

    public static TheoryData<string> Projects => [.. MayReference.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_table_allows(string project)
    {
        string[] references = [.. References(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path))];
        Assert.Subset(MayReference[project].ToHashSet(), references.ToHashSet());
    }

    [Fact]
    public void Every_project_is_in_the_table() =>
        Assert.Equal(MayReference.Keys.Order(), Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(d => Path.GetFileName(d)!).Order());

    [Fact]
    public void The_heart_has_no_packages_and_only_the_base_class_library()
    {
        Assert.Empty(References("Gigawatt", "PackageReference"));
        Assembly heart = typeof(ControlLoop).Assembly;
        Assert.All(heart.GetReferencedAssemblies(), a => Assert.StartsWith("System.", a.Name, StringComparison.Ordinal));
    }

    [Fact]
    public void The_heart_is_built_as_pure()
    {
        Assert.Contains("<Pure>true</Pure>", File.ReadAllText(ProjectFile("Gigawatt")), StringComparison.Ordinal);
        string[] banned = File.ReadAllLines(Path.Combine(Repository.Root, "src", "Gigawatt", "BannedSymbols.txt"));
        Assert.Contains(banned, line => line.StartsWith("T:System.Random;", StringComparison.Ordinal));
        Assert.Contains(banned, line => line.StartsWith("P:System.DateTime.UtcNow;", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Gigawatt.Wire", "Microsoft.AspNetCore|System\\.Net\\.Http")]
    [InlineData("Gigawatt.Twin", "DateTime(Offset)?\\.(Utc)?Now|TimeProvider|Stopwatch|Environment\\.Tick")]
    [InlineData("Gigawatt.Configuration", "Microsoft.AspNetCore|System\\.Net\\.(Http|Sockets)")]
    public void A_project_does_not_touch_what_is_not_its_business(string project, string forbidden) =>
        Assert.All(Sources(project), file => Assert.False(Regex.IsMatch(File.ReadAllText(file), forbidden), $"{file} matches {forbidden}"));

    [Fact]
    public void The_table_in_the_architecture_page_is_this_one()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        Assert.All(MayReference.Keys, project => Assert.Contains($"| `{project}` |", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Normalisation_works_because_the_build_is_not_invariant() =>
        Assert.Equal("a", "\uFF41".Normalize(System.Text.NormalizationForm.FormKC));

    private static IEnumerable<string> References(string project, string kind) =>
        XDocument.Load(ProjectFile(project)).Descendants(kind).Select(e => e.Attribute("Include")!.Value.Replace('\\', '/'));

    private static string ProjectFile(string project) => Path.Combine(Repository.Root, "src", project, project + ".csproj");

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", project), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
}
