namespace Gigawatt.Workloads;

/// <summary>What one task needs of one node. Equal demands share one number (a shape), so that decisions can be remembered by shape.</summary>
/// <param name="CpuMilli">Thousandths of a core.</param>
/// <param name="MemoryMib">Memory in MiB.</param>
/// <param name="Accelerators">Accelerators, 0 to 64.</param>
/// <param name="AcceleratorMilli">Thousandths of each accelerator: 1,000 is a whole one; less is a fraction, and then
/// <paramref name="Accelerators"/> is 1. Zero when no accelerator is asked for.</param>
/// <param name="AcceleratorTypes">Set of accepted accelerator types, one bit for each type of the fleet; 0 accepts any.</param>
public readonly record struct TaskDemand(
    int CpuMilli,
    int MemoryMib,
    int Accelerators,
    int AcceleratorMilli,
    ulong AcceleratorTypes)
{
    /// <summary>A whole accelerator, in thousandths.</summary>
    public const int WholeAccelerator = 1000;

    /// <summary>True when a part of one accelerator is asked for.</summary>
    public bool IsFraction => Accelerators == 1 && AcceleratorMilli < WholeAccelerator;

    /// <summary>Thousandths of accelerators in all.</summary>
    public int TotalAcceleratorMilli => Accelerators * AcceleratorMilli;

    /// <summary>Whether accelerators of a type are accepted.</summary>
    /// <param name="type">Index of the type, or -1 for a node without accelerators.</param>
    public bool Accepts(int type) =>
        AcceleratorTypes == 0 ? Accelerators == 0 || type >= 0 : type >= 0 && (AcceleratorTypes >> type & 1) != 0;
}
