namespace Gigawatt.Metering;

/// <summary>How an energy figure came about. Every figure says it.</summary>
public enum EnergyMethod
{
    /// <summary>Computed from a model of the work; no meter was read.</summary>
    Modelled,

    /// <summary>Read from the CPU's RAPL counters and attributed by share of CPU time.</summary>
    Rapl,

    /// <summary>Read from NVIDIA accelerators through NVML.</summary>
    Nvml,

    /// <summary>CPU part from RAPL, accelerator part from NVML.</summary>
    RaplAndNvml,
}
