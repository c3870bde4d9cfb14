using Gigawatt.Configuration.Reading;
using Gigawatt.Placement;

namespace Gigawatt.Cli.Commands;

/// <summary>A placement policy on the command line.</summary>
internal static class PolicyOption
{
    public static Kind<string> Kind { get; } = Kinds.OneOf([.. PlacementPolicies.Names.Select(name => (name, name))]);

    public static string Description { get; } =
        $"How nodes are chosen: {string.Join(", ", PlacementPolicies.Names.SkipLast(1))} or {PlacementPolicies.Names[^1]}; {PlacementPolicies.Default} unless given.";
}
