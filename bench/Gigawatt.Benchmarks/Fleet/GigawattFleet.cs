using System.Diagnostics;
using System.Globalization;
using Gigawatt.Configuration;
using Gigawatt.Execution;
using Gigawatt.Journal;
using Gigawatt.Placement;
using Gigawatt.Placement.BinPack;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Benchmarks.Fleet;

/// <summary>What the control loop costs on a fleet of a gigawatt: loading, placing, a gang, a snapshot.</summary>
internal static class GigawattFleet
{
    private const int Jobs = 100_000;

    public static int Run(string fleetPath)
    {
        FleetFile file = FleetFile.Load(fleetPath).Value ?? throw new InvalidOperationException($"{fleetPath} has mistakes.");
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var loop = new ControlLoop(new BinPackPolicy());
        var commands = new CommandList();
        Report("describe the fleet", () => Step(loop, new FleetDescribed(file.Model), commands), 1);
        Print("fleet state, MiB", Mebibytes(GC.GetTotalMemory(forceFullCollection: true) - before));

        Report($"{Jobs:N0} one-accelerator jobs, submitted and placed", () => Submit(loop, commands, Jobs, gang: 1, accelerators: 1), Jobs);
        Report("gang of 64 nodes", () => Submit(loop, commands, 1, gang: 64, accelerators: 4), 1);
        Report("gang of 2,500 nodes (10,000 accelerators)", () => Submit(loop, commands, 1, gang: 2500, accelerators: 4), 1);
        Print($"state with {Jobs:N0} running jobs, MiB", Mebibytes(GC.GetTotalMemory(forceFullCollection: true) - before));
        byte[] snapshot = [];
        Report("save a snapshot", () => snapshot = Snapshot.Save(loop), 1);
        Print("snapshot, MiB", Mebibytes(snapshot.Length));
        ControlLoop loaded = loop;
        Report("load a snapshot", () => loaded = Snapshot.Load(snapshot, new BinPackPolicy()), 1);
        Print("placed", loaded.State.Jobs.InOrder().Count(static j => j.Phase == JobPhase.Starting));
        PlacingAlone(loop);
        return 0;
    }

    // The decision and its hold, without the job around it.
    private static void PlacingAlone(ControlLoop loop)
    {
        var policy = new BinPackPolicy();
        var demand = new TaskDemand(1000, 0, 1, TaskDemand.WholeAccelerator, 0);
        const int Placements = 100_000;
        long allocated = 0;
        void Place()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Placements; i++)
            {
                if (!policy.TryChoose(loop.State.Fleet, 0, demand, out Gigawatt.Fleet.TaskPlacement place)) { throw new InvalidOperationException("The fleet is full."); }
                loop.State.Fleet.Hold(demand, place);
                loop.State.Fleet.Release(demand, place);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Place();
        Report("choose, hold and release", Place, Placements);
        Print("bytes allocated by it", allocated);
    }

    private static void Submit(ControlLoop loop, CommandList commands, int jobs, int gang, int accelerators)
    {
        var spec = new JobSpec { Name = "bench", Tenant = "bench", GangSize = gang, Accelerators = accelerators };
        for (int i = 0; i < jobs; i++) { Step(loop, new JobSubmitted(loop.State.Jobs.NextId, spec), commands); }
    }

    private static void Step(ControlLoop loop, Event happened, CommandList commands)
    {
        commands.Clear();
        loop.Step(happened, Instant.Epoch + Duration.FromSeconds(1), commands);
    }

    private static void Report(string what, Action work, int times)
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        work();
        TimeSpan spent = Process.GetCurrentProcess().TotalProcessorTime - before;
        string each = times > 1 ? string.Create(CultureInfo.InvariantCulture, $" | {times / spent.TotalSeconds:N0} a CPU second") : " |";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {spent.TotalMilliseconds:N1} ms{each} |"));
    }

    private static void Print(string what, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {value:N1} | |"));

    private static double Mebibytes(long bytes) => bytes / 1048576.0;
}
