using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace Gigawatt.Agents.Telemetry;

/// <summary>What is asked of an accelerator driver. An answer is null when the device does not give it.</summary>
internal interface IAcceleratorDriver
{
    /// <summary>How many accelerators there are; they are numbered from zero.</summary>
    int Count { get; }

    /// <summary>Millijoules since the driver was loaded.</summary>
    long? TotalMillijoules(int index);

    /// <summary>The power drawn now, in milliwatts.</summary>
    long? PowerMilliwatts(int index);
}

/// <summary>
/// NVIDIA's management library, loaded when it is there. Names and units are those of the NVML API reference
/// (docs.nvidia.com/deploy/nvml-api): energy in millijoules from Volta on, power in milliwatts.
/// </summary>
internal sealed unsafe class Nvml : IAcceleratorDriver
{
    private const int Success = 0;

    private readonly nint[] _devices;
    private readonly delegate* unmanaged<nint, byte*, uint, int> _getName;
    private readonly delegate* unmanaged<nint, byte*, uint, int> _getUuid;
    private readonly delegate* unmanaged<nint, Memory*, int> _getMemory;
    private readonly delegate* unmanaged<nint, ulong*, int> _getEnergy;
    private readonly delegate* unmanaged<nint, uint*, int> _getPower;

    private Nvml(nint library)
    {
        _getName = (delegate* unmanaged<nint, byte*, uint, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetName");
        _getUuid = (delegate* unmanaged<nint, byte*, uint, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetUUID");
        _getMemory = (delegate* unmanaged<nint, Memory*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetMemoryInfo");
        _getEnergy = (delegate* unmanaged<nint, ulong*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetTotalEnergyConsumption");
        _getPower = (delegate* unmanaged<nint, uint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetPowerUsage");
        var initialise = (delegate* unmanaged<int>)NativeLibrary.GetExport(library, "nvmlInit_v2");
        var getCount = (delegate* unmanaged<uint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetCount_v2");
        var getHandle = (delegate* unmanaged<uint, nint*, int>)NativeLibrary.GetExport(library, "nvmlDeviceGetHandleByIndex_v2");

        uint count = 0;
        _devices = initialise() == Success && getCount(&count) == Success ? new nint[count] : [];
        for (uint i = 0; i < _devices.Length; i++)
        {
            nint handle = 0;
            // A device that has fallen off the bus keeps its number, so that the others keep theirs.
            _devices[i] = getHandle(i, &handle) == Success ? handle : 0;
        }
    }

    public int Count => _devices.Length;

    /// <summary>The library with its devices; null when it is not installed, too old, or finds no device.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The library stays loaded for the life of the process.")]
    public static Nvml? TryLoad(string library = "libnvidia-ml.so.1")
    {
        if (!NativeLibrary.TryLoad(library, out nint handle)) { return null; }
        try
        {
            Nvml nvml = new(handle);
            return nvml.Count > 0 ? nvml : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    public long? TotalMillijoules(int index)
    {
        ulong energy = 0;
        return Device(index) is var device and not 0 && _getEnergy(device, &energy) == Success ? (long)energy : null;
    }

    public long? PowerMilliwatts(int index)
    {
        uint power = 0;
        return Device(index) is var device and not 0 && _getPower(device, &power) == Success ? power : null;
    }

    /// <summary>What a device is; null when it does not answer.</summary>
    public AcceleratorFacts? Describe(int index)
    {
        Memory memory = default;
        return Device(index) is var device and not 0 && _getMemory(device, &memory) == Success
            ? new(index, Text(_getName, device), Text(_getUuid, device), (long)(memory.Total >> 20))
            : null;
    }

    private nint Device(int index) => index >= 0 && index < _devices.Length ? _devices[index] : 0;

    private static string Text(delegate* unmanaged<nint, byte*, uint, int> get, nint device)
    {
        // NVML_DEVICE_NAME_V2_BUFFER_SIZE and NVML_DEVICE_UUID_V2_BUFFER_SIZE are both 96.
        byte* buffer = stackalloc byte[96];
        return get(device, buffer, 96) == Success
            ? Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(buffer))
            : "unknown";
    }

    /// <summary>nvmlMemory_t, in bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Memory
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }
}
