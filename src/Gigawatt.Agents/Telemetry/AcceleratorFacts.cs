namespace Gigawatt.Agents.Telemetry;

/// <summary>An accelerator of this machine.</summary>
/// <param name="Index">The driver's number for it, in the order of the PCI bus.</param>
/// <param name="Model">The maker's name for it, such as <c>NVIDIA H100 80GB HBM3</c>.</param>
/// <param name="Uuid">Its serial identity, which stays the same when it is moved.</param>
/// <param name="MemoryMib">Its memory in MiB.</param>
public sealed record AcceleratorFacts(int Index, string Model, string Uuid, long MemoryMib)
{
    /// <summary>The model as a fleet names accelerator types: <c>nvidia-h100-80gb-hbm3</c>.</summary>
    public string TypeName => string.Join('-', Model.ToLowerInvariant().Split([' ', '/', '_'], StringSplitOptions.RemoveEmptyEntries));
}
