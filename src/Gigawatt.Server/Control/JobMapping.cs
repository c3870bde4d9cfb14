using System.Numerics;
using Gigawatt.Admission;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Units;
using Gigawatt.Wire.Control;
using Gigawatt.Workloads;

namespace Gigawatt.Server.Control;

/// <summary>Between the control API's messages and the heart's types.</summary>
internal static class JobMapping
{
    private static readonly string[] Priorities = ["production", "standard", "early-access", "spot"];

    /// <summary>The specification that a request asks for, or what is wrong with it.</summary>
    public static (JobSpec? Spec, string? Error) ToSpec(JobRequest request, string tenant, string idempotencyKey)
    {
        int priority = Array.IndexOf(Priorities, request.Priority);
        if (priority < 0) { return (null, $"priority must be one of {string.Join(", ", Priorities)}; it is '{request.Priority}'."); }
        if (request.Command.Count == 0) { return (null, "command must name a program."); }
        if (request.Command.Any(static word => word is null)) { return (null, "command must hold texts only."); }
        if (!double.IsFinite(request.Cpus) || request.Cpus is < 0 or > 1_000_000) { return (null, "cpus must be 0 to 1,000,000."); }
        if (!double.IsFinite(request.Gpus) || request.Gpus < 0 || (request.Gpus > 1 && request.Gpus != Math.Floor(request.Gpus)) || request.Gpus > 64)
        {
            return (null, "gpus must be a whole number up to 64, or a share of one accelerator below 1. Use gang for more.");
        }

        if (request.TimeLimitSeconds is { } limit && (!double.IsFinite(limit) || limit is <= 0 or > 1e9)) { return (null, "timeLimitSeconds must be above 0."); }
        if (!double.IsFinite(request.StopGraceSeconds) || request.StopGraceSeconds is < 0 or > 86_400) { return (null, "stopGraceSeconds must be 0 to 86,400."); }
        if (request.Env.Keys.FirstOrDefault(static name => name.Length == 0 || name.Contains('=', StringComparison.Ordinal)) is { } bad) { return (null, $"env has a variable called '{bad}'."); }
        bool share = request.Gpus is > 0 and < 1;
        return (new JobSpec
        {
            Name = request.Name,
            Tenant = tenant,
            Queue = request.Queue ?? "",
            Priority = (Priority)priority,
            GangSize = request.Gang,
            CpuMilli = (int)Math.Round(request.Cpus * 1000),
            MemoryMib = request.MemoryMib,
            Accelerators = share ? 1 : (int)request.Gpus,
            AcceleratorMilli = share ? Math.Max(1, (int)Math.Round(request.Gpus * 1000)) : TaskDemand.WholeAccelerator,
            AcceleratorTypes = request.Accelerators,
            Command = request.Command,
            Environment = [.. request.Env.OrderBy(static v => v.Key, StringComparer.Ordinal)],
            WorkingDirectory = request.WorkingDirectory,
            TimeLimit = request.TimeLimitSeconds is { } seconds ? Duration.FromSeconds(seconds) : null,
            StopGrace = Duration.FromSeconds(request.StopGraceSeconds),
            MaxRequeues = request.MaxRequeues,
            IdempotencyKey = idempotencyKey,
        }, null);
    }

    /// <summary>A job as people see it. Called on the driver's thread.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="job">The job.</param>
    /// <param name="policy">The policy that places now.</param>
    /// <param name="whole">Whether tasks are listed too.</param>
    public static JobView ToView(ControlLoop loop, Job job, IPlacementPolicy policy, bool whole)
    {
        CellState cell = loop.State;
        WaitExplanation? wait = PlacementExplanation.WhyWaiting(cell, job);
        bool shaped = job.Tasks.Count > 0;
        return new JobView
        {
            Id = job.Id,
            Name = job.Spec.Name,
            Tenant = job.Spec.Tenant,
            Queue = job.Queue.Length > 0 ? job.Queue : null,
            Priority = Priorities[(int)job.Spec.Priority],
            Phase = PhaseName(job.Phase),
            Ended = job.Phase.IsEnded(),
            Asks = shaped ? JobAdmission.Describe(cell.Fleet, cell.Shapes[job.Shape]) : "",
            Gang = job.Spec.GangSize,
            Command = job.Spec.Command,
            Attempt = job.Attempt,
            Requeues = job.Requeues,
            Submitted = job.Submitted.ToDateTimeOffset(),
            Placed = job.Placed?.ToDateTimeOffset(),
            EndedAt = job.Ended?.ToDateTimeOffset(),
            ExitCode = job.ExitCode,
            WaitReason = wait is null ? null : KebabCase(wait.Reason.ToString()),
            WaitExplanation = wait?.Sentence,
            Placement = PlacementExplanation.WhyThere(cell, job, policy),
            Node = job.Attempt > 0 && job.Phase != JobPhase.Queued ? NodesOf(cell.Fleet, job) : null,
            Note = job.Note,
            Tasks = whole && job.Attempt > 0 ? [.. job.Tasks.Select((task, rank) => ToView(cell.Fleet, task, rank))] : [],
        };
    }

    private static TaskView ToView(FleetState fleet, TaskState task, int rank) => new(
        rank,
        fleet.NameOf(task.Placement.Node),
        Bits(task.Placement.AcceleratorMask),
        task.Ended ? "ended" : task.Started is null ? "starting" : "running",
        task.Started?.ToDateTimeOffset(),
        task.ExitCode);

    private static string NodesOf(FleetState fleet, Job job)
    {
        int more = job.Tasks.Select(static task => task.Placement.Node).Distinct().Count() - 1;
        string first = fleet.NameOf(job.Tasks[0].Placement.Node);
        return more == 0 ? first : $"{first} and {more} more";
    }

    private static List<int> Bits(ulong mask)
    {
        var bits = new List<int>();
        for (; mask != 0; mask &= mask - 1) { bits.Add(BitOperations.TrailingZeroCount(mask)); }
        return bits;
    }

    private static string PhaseName(JobPhase phase) => KebabCase(phase.ToString());

    private static string KebabCase(string name) =>
        string.Concat(name.Select(static (c, i) => char.IsUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
