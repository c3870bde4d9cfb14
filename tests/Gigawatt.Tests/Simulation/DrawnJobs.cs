using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt.Tests.Simulation;

/// <summary>Draws jobs.</summary>
internal static class DrawnJobs
{
    private static readonly string[] Tenants = ["ada", "bo", "cy"];

    public static string Tenant(Random random) => Tenants[random.Next(Tenants.Length)];

    public static JobSpec Draw(World world)
    {
        Random random = world.Random;
        int accelerators = world.Chance(30) ? 0 : 1 << random.Next(4);
        bool part = world.Has(Feature.Fractions) && accelerators > 0 && world.Chance(40);
        return new JobSpec
        {
            Name = "job",
            Tenant = Tenant(random),
            Command = ["true"],
            Priority = world.Has(Feature.Priorities) ? (Priority)random.Next(Priorities.Names.Count) : Priority.Standard,
            GangSize = world.Has(Feature.Gangs) && world.Chance(40) ? random.Next(2, 9) : 1,
            CpuMilli = 500 * random.Next(accelerators == 0 ? 1 : 0, 9),
            MemoryMib = world.Chance(50) ? 0 : 1024 * random.Next(9),
            Accelerators = part ? 1 : accelerators,
            AcceleratorMilli = part ? 100 * random.Next(1, 10) : TaskDemand.WholeAccelerator,
            AcceleratorTypes = accelerators == 0 || world.Chance(60) ? [] : [world.Chance(50) ? "a100" : "h100"],
            TimeLimit = world.Has(Feature.TimeLimits) && world.Chance(50) ? Duration.FromMilliseconds(random.Next(1, 400_000)) : null,
            StopGrace = Duration.FromMilliseconds(random.Next(30_000)),
            MaxRequeues = random.Next(4),
            WhenItDoesNotFit = world.Has(Feature.Drops) && world.Chance(20) ? WhenItDoesNotFit.Drop : WhenItDoesNotFit.Wait,
            Queue = world.Has(Feature.Queues) && world.Chance(50) ? DrawnQueues.Name(random) : "",
        };
    }
}
