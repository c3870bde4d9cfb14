using Gigawatt.Wire.Control;

namespace Gigawatt.Tests.Cli;

/// <summary>Documents of the control API to print.</summary>
internal static class Samples
{
    public static JobView Job(long id = 12, string phase = "succeeded", int? exitCode = 0) => new()
    {
        Id = id,
        Name = "train",
        Tenant = "research",
        Priority = "standard",
        Phase = phase,
        Ended = phase is "succeeded" or "failed" or "cancelled" or "timed-out" or "dropped",
        Asks = "4 CPUs and 2 accelerators of h100",
        Gang = 1,
        Command = ["python3", "train.py", "--text", "it's here"],
        Attempt = 1,
        Requeues = 0,
        Submitted = CliRun.Now.AddMinutes(-90),
        Placed = CliRun.Now.AddMinutes(-89),
        EndedAt = CliRun.Now.AddSeconds(-20),
        ExitCode = exitCode,
        Node = "rack-1-n7",
        Placement = "2 accelerators on rack-1-n7 by bin-pack: the node with the fewest free accelerators that still fits",
    };

    public static JobView Waiting { get; } = Job(13, "queued", null) with
    {
        Name = "a name with [brackets] and \u001b[31mred",
        Gang = 8,
        Attempt = 0,
        Submitted = CliRun.Now.AddSeconds(-7),
        Placed = null,
        EndedAt = null,
        Node = null,
        Placement = null,
        WaitReason = "insufficient-accelerators",
        WaitExplanation = "Needs 2 free accelerators of h100 on each of 8 nodes; 3 nodes have them.",
    };

    public static UsageTotals Totals { get; } = new(1_204, 3, 2_400_000, 1_000_000, 180_000, 7_200, 90_000, 12.345678m, 5_400_000m, ["modelled", "rapl"], 1_520m, 0.42m);

    public static UsageTotals Little { get; } = new(1, 0, 9, 0, 64, 0, 0, 0.000321m, 83.5m, ["modelled"], 0.031m, 0.0002m);
}
