using System.CommandLine;
using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw node</c>: what can be done about one node.</summary>
internal static class NodeCommand
{
    public static Verb Create(CliHost host) => new("node", "Release a node from quarantine.")
    {
        Group = "The fleet and its use",
        Subcommands = { Release(host) },
        Examples = [new("a node that was repaired takes work again", "gw node release worker-3")],
    };

    private static Verb Release(CliHost host)
    {
        var name = new Argument<string>("NAME") { Description = "The node, as gw fleet shows it." };
        var verb = new Verb("release", "Let a node take work again that was lost again and again.")
        {
            Arguments = { name },
            Notes = ["A node that is lost three times within an hour gets no work for ten minutes, each further time twice as long, up to a day. After a release its record is clean."],
            Examples = [new("a node that was repaired", "gw node release worker-3")],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            call.Print(await call.Client.ReleaseNodeAsync(call.Parse.GetRequiredValue(name), cancellationToken), node => host.Output.WriteLine(
                node.NodesUp == 1 ? $"Node {Words.Safe(node.Name)} takes work." : $"Node {Words.Safe(node.Name)} is out of contact; it takes work when its agent is back.")));
        return verb;
    }
}
