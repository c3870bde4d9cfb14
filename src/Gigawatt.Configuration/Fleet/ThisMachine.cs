using Gigawatt.Units;

namespace Gigawatt.Configuration;

/// <summary>The machine that runs the server, as a real node of the fleet. Its cores and memory are detected at start.</summary>
/// <param name="Name">The node's name, different from all groups.</param>
/// <param name="Site">Index into the model's sites.</param>
/// <param name="AcceleratorType">Index into the model's accelerator types, or -1 when it gets none. The type's name starts with <c>sim-</c>.</param>
/// <param name="Accelerators">Simulated accelerators, 0 to 64: jobs may hold them, and nothing computes on them.</param>
/// <param name="ReserveCpuMilli">Thousandths of a core that jobs do not get.</param>
/// <param name="ReserveMemoryMib">Memory in MiB that jobs do not get.</param>
/// <param name="PerCore">Power of one fully busy core, for modelled energy.</param>
/// <param name="CorePerHour">Price of one core for an hour.</param>
public sealed record ThisMachine(
    string Name,
    int Site,
    int AcceleratorType,
    int Accelerators,
    int ReserveCpuMilli,
    int ReserveMemoryMib,
    Watts PerCore,
    Usd CorePerHour);
