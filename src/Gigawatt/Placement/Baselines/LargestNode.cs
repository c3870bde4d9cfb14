namespace Gigawatt.Placement.Baselines;

/// <summary>The largest node of the cluster that the baselines were published for; their scores are shares of it.</summary>
/// <remarks>Constants of the simulator behind Weng et al., USENIX ATC 2023, used for smaller nodes too.</remarks>
internal static class LargestNode
{
    public const double CpuMilli = 128_000;
    public const int AcceleratorMilli = 8_000;
}
