using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Metering;

/// <summary>Meter: what a task held, used and cost.</summary>
internal static class JobMeter
{
    // Compute-heavy training draws about 0.8 of the rating (Latif et al., IEEE Access 2025; arXiv 2506.14551: 76 %).
    private const int SustainedThousandths = 800;

    /// <summary>The usage record of a task that ended.</summary>
    public static Command Record(CellState cell, in EndedTask ended)
    {
        Job job = ended.Job;
        TaskState task = job.Tasks[ended.Rank];
        TaskDemand demand = cell.Shapes[job.Shape];
        NodeGroup node = cell.Fleet.GroupOf(task.Placement.Node);
        SiteFactors site = cell.Fleet.Sites[node.Site].Factors;
        Instant from = task.Started ?? cell.Now;
        Duration held = cell.Now - from;
        AcceleratorType? type = node.AcceleratorType < 0 ? null : cell.Fleet.AcceleratorTypes[node.AcceleratorType];
        TaskReading reading = MeterPlausibility.Filter(ended.Reading, node, demand, held);
        Joules it = Energy(demand, node, type, held, reading, out EnergyMethod method);
        Joules facility = site.Facility(it);
        var usage = new UsageRecord
        {
            Id = $"job-{job.Id}/{ended.Attempt}/{ended.Rank}",
            Kind = UsageKind.Job,
            Tenant = job.Spec.Tenant,
            Subject = job.Spec.Name,
            Endpoint = cell.Fleet.NameOf(task.Placement.Node),
            Started = from,
            Ended = cell.Now,
            AcceleratorMilliseconds = Milliseconds(held, demand.TotalAcceleratorMilli),
            CoreMilliseconds = Milliseconds(held, demand.CpuMilli),
            Cost = Price(node.CorePerHour, held, demand.CpuMilli) + Price(type?.PerHour ?? default, held, demand.TotalAcceleratorMilli),
            Energy = facility,
            EnergyMethod = method,
            Carbon = site.Carbon(facility),
            Water = site.Water(it, facility),
            Outcome = ended.Outcome,
        };
        return new Command(CommandKind.RecordUsage, job.Id, ended.Attempt, ended.Rank, task.Placement.Node, 0, new JobUsage(usage));
    }

    private static Joules Energy(
        in TaskDemand demand, NodeGroup node, AcceleratorType? type, Duration held, in TaskReading reading, out EnergyMethod method)
    {
        bool accelerators = demand.Accelerators > 0;
        method = (reading.CpuEnergy, reading.AcceleratorEnergy) switch
        {
            ({ }, { }) => EnergyMethod.RaplAndNvml,
            ({ }, null) when !accelerators => EnergyMethod.Rapl,
            (null, { }) when demand.CpuMilli == 0 => EnergyMethod.Nvml,
            _ => EnergyMethod.Modelled,
        };
        Joules cpu = reading.CpuEnergy ?? ModelledCpu(demand, node, held, reading.CpuMilliseconds);
        return !accelerators || type is null ? cpu : cpu + (reading.AcceleratorEnergy ?? ModelledAccelerators(demand, type, held));
    }

    // Power of busy cores times the CPU time used; the CPU time reserved where nobody measured it.
    private static Joules ModelledCpu(in TaskDemand demand, NodeGroup node, Duration held, long? cpuMilliseconds) =>
        new((long)((Int128)node.PerCore.Milliwatts * (cpuMilliseconds ?? Milliseconds(held, demand.CpuMilli)) / 1000));

    // P = P_idle + (P_sustained - P_idle), held accelerators taken as busy.
    private static Joules ModelledAccelerators(in TaskDemand demand, AcceleratorType type, Duration held)
    {
        long sustained = Math.Max(type.Idle.Milliwatts, type.Tdp.Milliwatts * SustainedThousandths / 1000);
        return Joules.From(new Watts(sustained * demand.TotalAcceleratorMilli / 1000), held);
    }

    private static long Milliseconds(Duration held, int milli) => (long)((Int128)held.Nanoseconds * milli / 1_000_000_000);

    private static Usd Price(Usd perHour, Duration held, int milli)
    {
        Int128 milliNanoseconds = (Int128)held.Nanoseconds * milli;
        Int128 hour = (Int128)3_600_000_000_000 * 1000;
        return new Usd((long)((perHour.Micros * milliNanoseconds + hour - 1) / hour));
    }
}
