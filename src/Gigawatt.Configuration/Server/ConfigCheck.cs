using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration;

/// <summary>Checks a config file and the fleet file that it names, as a start would.</summary>
public static class ConfigCheck
{
    /// <summary>Every mistake in both files, those of the config file first; empty when a server would start with them.</summary>
    /// <param name="path">The config file.</param>
    /// <param name="fleetPath">The fleet file; null is the one that the config file names, else the fleet that is used without one.</param>
    /// <param name="environment">Environment variables, for keys and for the providers that they name.</param>
    public static IReadOnlyList<ConfigProblem> Of(string path, string? fleetPath, IReadOnlyDictionary<string, string> environment)
    {
        var problems = new Problems(path);
        if (ConfigFile.ReadText(path, problems) is not { } text) { return problems.Result<ServerConfig>(() => null!).Problems; }
        Loaded<ServerConfig> config = ServerConfig.Parse(text, path, environment);
        // A file with mistakes still says which fleet it means, and the fleet's mistakes are worth knowing at once.
        MapNode? root = YamlTree.Parse(text, new Problems(path)) as MapNode;
        fleetPath ??= config.Value?.FleetFile ?? (Find(root, "fleet") is TextNode { IsEmpty: false } fleetName ? PathOf(path, fleetName) : null);
        Loaded<FleetFile> fleet = fleetPath is null ? FleetFile.LoadDefault() : FleetFile.Load(fleetPath);
        // A fleet file that cannot be had at all is a mistake of who names it.
        if (fleet.Problems is [{ Line: 0 } gone] && Find(root, "fleet") is TextNode named && gone.File == PathOf(path, named))
        {
            problems.Add(named, $"fleet: {gone.Message}");
            fleet = FleetFile.LoadDefault();
            root = null;
        }

        if (Find(root, "site") is TextNode site && fleet.IsValid && !fleet.Value.Model.Sites.Any(s => s.Name == site.Text))
        {
            problems.Add(site, $"site: {Kinds.Unknown(site.Text, fleet.Value.Model.Sites.Select(s => s.Name))}");
        }

        return [.. config.Problems.Concat(problems.Result<ServerConfig>(() => null!).Problems).OrderBy(p => p.Line).ThenBy(p => p.Column), .. fleet.Problems];
    }

    private static string PathOf(string path, TextNode named) => Path.Combine(Path.GetDirectoryName(path) ?? "", named.Text);

    private static Node? Find(MapNode? root, string field) => root?.Fields.Find(f => f.Name.Text == field).Value;
}
