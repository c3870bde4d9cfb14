using Gigawatt.Metering;
using Gigawatt.Units;

namespace Gigawatt.Agents.Telemetry;

/// <summary>The energy that meters attribute to a task. What was not measured is null, never zero; the heart models it.</summary>
/// <param name="Cpu">
/// The task's share of the processor packages' energy; null when the machine has no readable RAPL counters or they
/// were read for less than nine tenths of the task's life. The attribution is <see cref="EnergyAccount"/>'s.
/// </param>
/// <param name="Accelerators">
/// All energy of the accelerators the task held; null when it held none, or one has no meter, or they were read for
/// less than nine tenths of its life.
/// </param>
/// <param name="Method">Which of the two were measured.</param>
public sealed record TaskEnergy(Joules? Cpu, Joules? Accelerators, EnergyMethod Method)
{
    /// <summary>Nothing was measured.</summary>
    public static TaskEnergy Unmeasured { get; } = new(null, null, EnergyMethod.Modelled);

    internal static TaskEnergy From(Joules? cpu, Joules? accelerators) => new(cpu, accelerators, (cpu, accelerators) switch
    {
        (null, null) => EnergyMethod.Modelled,
        (_, null) => EnergyMethod.Rapl,
        (null, _) => EnergyMethod.Nvml,
        _ => EnergyMethod.RaplAndNvml,
    });
}
