using System.Globalization;
using Gigawatt.Benchmarks.Fleet;
using Gigawatt.Benchmarks.Gateway;
using Gigawatt.Benchmarks.Ledger;
using Gigawatt.Benchmarks.Placement;

// Each comparison has a word of its own; its results lie in a folder of bench/ with the command that made them.
switch (args)
{
    case ["placement", var openb, var workload]: return FgdComparison.Run(openb, workload, onlyPolicy: null);
    case ["placement", var openb, var workload, var policy]: return FgdComparison.Run(openb, workload, policy);
    case ["gigawatt", var fleet]: return GigawattFleet.Run(fleet);
    case ["yarp", var port, var upstream]: return YarpHost.Run(int.Parse(port, CultureInfo.InvariantCulture), upstream);
    case ["ledger"]: return LedgerCost.Run();
    default:
        Console.Error.WriteLine("Usage: placement OPENB_FOLDER WORKLOAD [POLICY] | gigawatt FLEET_FILE | yarp PORT UPSTREAM | ledger");
        return 2;
}
