using Gigawatt.Configuration.Reading;
using Gigawatt.Fleet;

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

        if (fleet.IsValid) { CheckTypes(root, fleet.Value.Model, problems); }
        return [.. config.Problems.Concat(problems.Result<ServerConfig>(() => null!).Problems).OrderBy(p => p.Line).ThenBy(p => p.Column), .. fleet.Problems];
    }

    // What a queue has a quota for must be something that the fleet has, or that a machine of the catalogue would bring when it joins:
    // its maker's name holds the catalogue's ("nvidia-h100-80gb-hbm3" holds "h100").
    private static void CheckTypes(MapNode? root, FleetModel fleet, Problems problems)
    {
        List<string> catalogued = [.. Catalog.Load().Accelerators.Select(static a => a.Type.Name.Split('-')[0])];
        foreach (Node quota in Items(root, "queues").Concat(Items(root, "cohorts")).SelectMany(static owner => Items(owner as MapNode, "quotas")))
        {
            if (Find(quota as MapNode, "accelerator") is TextNode { IsEmpty: false } type
                && !fleet.AcceleratorTypes.Any(t => t.Name == type.Text) && !catalogued.Any(name => type.Text.Contains(name, StringComparison.Ordinal)))
            {
                problems.Add(type, fleet.AcceleratorTypes.Count == 0
                    ? $"accelerator: {Numbers.Quote(type.Text)} is unknown; the fleet has no accelerator types"
                    : $"accelerator: {Kinds.Unknown(type.Text, fleet.AcceleratorTypes.Select(static t => t.Name))}");
            }
        }
    }

    private static List<Node> Items(MapNode? map, string field) => Find(map, field) is ListNode list ? [.. list.Items] : [];

    private static string PathOf(string path, TextNode named) => Path.Combine(Path.GetDirectoryName(path) ?? "", named.Text);

    private static Node? Find(MapNode? root, string field) => root?.Fields.Find(f => f.Name.Text == field).Value;
}
