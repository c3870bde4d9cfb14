using Gigawatt.Cli.Help;
using Gigawatt.Cli.Terminal;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Commands;

/// <summary><c>gw fleet</c>: nodes, and what is free on them.</summary>
internal static class FleetCommand
{
    public static Verb Create(CliHost host)
    {
        var verb = new Verb("fleet", "Show the fleet: groups of equal nodes, what they have and what is free.")
        {
            Group = "The fleet and its use",
            Notes = ["RUNS tells real nodes, where an agent starts processes, from simulated ones, where nothing runs."],
            Examples = [new("the fleet", "gw fleet")],
        };
        ConnectionOptions.Connect(verb, host, async (call, cancellationToken) =>
            call.Print(await call.Client.GetAsync<FleetView>("gigawatt/v1/fleet", cancellationToken), fleet => Print(fleet, host)));
        return verb;
    }

    private static void Print(FleetView fleet, CliHost host)
    {
        var table = new TextTable(
            new("GROUP"), new("SITE"), new("NODES UP", IsNumber: true), new("CPUS FREE", IsNumber: true),
            new("ACCELERATOR"), new("FREE", IsNumber: true), new("RUNS"));
        foreach (GroupView group in fleet.Groups)
        {
            table.Add(
                group.Name,
                group.Site,
                $"{Words.Count(group.NodesUp)} of {Words.Count(group.Nodes)}",
                $"{Words.Number(group.CpusFree)} of {Words.Number(group.Cpus)}",
                group.AcceleratorType ?? "-",
                group.AcceleratorType is null ? "-" : $"{Words.Number(group.AcceleratorsFree)} of {Words.Number(group.Accelerators)}",
                group.Execution);
        }

        table.WriteTo(host);
        foreach (GroupView group in fleet.Groups)
        {
            if (group.Quarantine is { } why) { host.Output.WriteLine($"{Words.Safe(group.Name)} is {Words.Safe(why)}."); }
        }
    }
}
