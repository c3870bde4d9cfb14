using System.Globalization;
using System.Numerics;
using Gigawatt.Agents.Node;
using Gigawatt.Fleet;
using Gigawatt.Workloads;
using TaskState = Gigawatt.Workloads.TaskState;

namespace Gigawatt.Server.Tasks;

/// <summary>Makes of a placed job what its nodes need to run its tasks.</summary>
/// <remarks>What all tasks of a gang share is made once: it is as long as the gang, and so would be quadratic.</remarks>
internal sealed class LaunchBuilder
{
    private Gang? _gang;

    /// <summary>The task of one rank. The gang's variables come first, so that the job's own can override them.</summary>
    public PlacedTask Build(CellState cell, Job job, int rank)
    {
        TaskState task = job.Tasks[rank];
        int node = task.Placement.Node;
        List<int> accelerators = Bits(task.Placement.AcceleratorMask);
        var environment = new List<KeyValuePair<string, string>>();
        AddIdentity(environment, job, rank, cell.Fleet.NameOf(node));
        AddGang(environment, cell.Fleet, job, rank, GangOf(cell.Fleet, job));
        AddAccelerators(environment, cell.Fleet, node, accelerators);
        environment.AddRange(job.Spec.Environment);
        var key = new TaskKey(job.Id, job.Attempt, rank);
        // Simulated accelerators have numbers but no meters.
        bool simulated = accelerators.Count > 0 && IsSimulated(cell.Fleet.AcceleratorTypes[cell.Fleet.AcceleratorTypeOf(node)]);
        var launch = new TaskLaunch(key, job.Spec.Command, environment, job.Spec.WorkingDirectory, simulated ? [] : accelerators);
        return new PlacedTask(cell.Fleet.NameOf(node), launch, job.Spec.TimeLimit, task.Started);
    }

    private static void AddIdentity(List<KeyValuePair<string, string>> environment, Job job, int rank, string node)
    {
        Add(environment, "GIGAWATT_JOB_ID", job.Id);
        environment.Add(new("GIGAWATT_JOB_NAME", job.Spec.Name));
        environment.Add(new("GIGAWATT_TENANT", job.Spec.Tenant));
        Add(environment, "GIGAWATT_ATTEMPT", job.Attempt);
        Add(environment, "GIGAWATT_RANK", rank);
        Add(environment, "GIGAWATT_WORLD_SIZE", job.Tasks.Count);
        environment.Add(new("GIGAWATT_NODE", node));
    }

    // RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR and MASTER_PORT are what torch.distributed reads with init_method "env://".
    private static void AddGang(List<KeyValuePair<string, string>> environment, FleetState fleet, Job job, int rank, Gang gang)
    {
        environment.Add(new("GIGAWATT_PEERS", gang.Peers));
        Add(environment, "GIGAWATT_PORT", job.Tasks[rank].Port);
        Add(environment, "RANK", rank);
        Add(environment, "WORLD_SIZE", job.Tasks.Count);
        Add(environment, "LOCAL_RANK", gang.LocalRanks[rank]);
        environment.Add(new("MASTER_ADDR", AddressOf(fleet, job.Tasks[0].Placement.Node)));
        Add(environment, "MASTER_PORT", job.Tasks[0].Port);
    }

    private Gang GangOf(FleetState fleet, Job job)
    {
        if (_gang is { } last && last.Job == job && last.Attempt == job.Attempt) { return last; }
        var onNode = new Dictionary<int, int>();
        var localRanks = new int[job.Tasks.Count];
        for (int rank = 0; rank < localRanks.Length; rank++)
        {
            int node = job.Tasks[rank].Placement.Node;
            localRanks[rank] = onNode.GetValueOrDefault(node);
            onNode[node] = localRanks[rank] + 1;
        }

        string peers = string.Join(',', job.Tasks.Select(t => $"{AddressOf(fleet, t.Placement.Node)}:{t.Port.ToString(CultureInfo.InvariantCulture)}"));
        return _gang = new Gang(job, job.Attempt, peers, localRanks);
    }

    private static void AddAccelerators(List<KeyValuePair<string, string>> environment, FleetState fleet, int node, List<int> accelerators)
    {
        string numbers = string.Join(',', accelerators);
        environment.Add(new("GIGAWATT_ACCELERATORS", numbers));
        if (accelerators.Count == 0)
        {
            environment.Add(new("CUDA_VISIBLE_DEVICES", ""));
            return;
        }

        AcceleratorType type = fleet.AcceleratorTypes[fleet.AcceleratorTypeOf(node)];
        bool simulated = IsSimulated(type);
        environment.Add(new("GIGAWATT_ACCELERATOR_TYPE", type.Name));
        environment.Add(new("GIGAWATT_ACCELERATORS_SIMULATED", simulated ? "1" : "0"));
        environment.Add(new("CUDA_VISIBLE_DEVICES", simulated ? "" : numbers));
    }

    private static bool IsSimulated(AcceleratorType type) => type.Name.StartsWith("sim-", StringComparison.Ordinal);

    private static string AddressOf(FleetState fleet, int node)
    {
        string address = fleet.GroupOf(node).Address;
        return address.Length > 0 ? address : "127.0.0.1";
    }

    private static List<int> Bits(ulong mask)
    {
        var bits = new List<int>();
        for (; mask != 0; mask &= mask - 1) { bits.Add(BitOperations.TrailingZeroCount(mask)); }
        return bits;
    }

    private static void Add(List<KeyValuePair<string, string>> environment, string name, long value) =>
        environment.Add(new(name, value.ToString(CultureInfo.InvariantCulture)));

    private sealed record Gang(Job Job, int Attempt, string Peers, int[] LocalRanks);
}
