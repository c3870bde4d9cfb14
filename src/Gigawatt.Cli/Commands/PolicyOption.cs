using System.CommandLine;
using Gigawatt.Configuration.Reading;
using Gigawatt.Placement;

namespace Gigawatt.Cli.Commands;

/// <summary>A placement policy on the command line.</summary>
internal static class PolicyOption
{
    /// <summary>Policies that need to know nothing of the work to come, which is all that a server can offer.</summary>
    public static IReadOnlyList<string> ForServers { get; } =
        [.. PlacementPolicies.Names.Where(name => PlacementPolicies.Create(name, new PlacementOptions()) is not null)];

    /// <summary>The option.</summary>
    /// <param name="names">The policies to choose from, two or more.</param>
    /// <param name="unlessGiven">Which it is otherwise.</param>
    public static Option<string?> Create(IReadOnlyList<string> names, string unlessGiven) => Options.Word(
        "--policy",
        "NAME",
        $"How nodes are chosen: {string.Join(", ", names.SkipLast(1))} or {names[^1]}; {unlessGiven} unless given.",
        Kinds.OneOf([.. names.Select(name => (name, name))]));
}
