using Gigawatt.Admission.Queues;
using Gigawatt.Units;

namespace Gigawatt.Tests.Simulation;

/// <summary>Draws queues in a tree of cohorts.</summary>
internal static class DrawnQueues
{
    private const int Most = 4;

    public static string Name(Random random) => $"q{random.Next(Most)}";

    public static QueueModel Draw(Random random)
    {
        int cohorts = random.Next(4), queues = random.Next(1, Most + 1);
        return new QueueModel
        {
            Cohorts = [.. Enumerable.Range(0, cohorts).Select(i => new CohortModel($"c{i}", i > 0 && random.Next(3) > 0 ? $"c{random.Next(i)}" : "", Weight(random), Quotas(random, 1)))],
            Queues = [.. Enumerable.Range(0, queues).Select(i => new JobQueueModel($"q{i}", cohorts > 0 && random.Next(4) > 0 ? $"c{random.Next(cohorts)}" : "", Weight(random), Quotas(random, 3), []))],
            DefaultQueues = [new("ada", "q0"), new("bo", $"q{random.Next(queues)}"), new("cy", $"q{random.Next(queues)}")],
            HalfLife = random.Next(2) == 0 ? null : Duration.FromSeconds(random.Next(1, 10_000)),
        };
    }

    private static int Weight(Random random) => random.Next(5) == 0 ? 0 : random.Next(1, 4_000);

    private static List<AcceleratorQuota> Quotas(Random random, int outOfFour)
    {
        var quotas = new List<AcceleratorQuota>();
        foreach (string type in random.Next(2) == 0 ? ["a100", "h100"] : (string[])["h100", "a100"])
        {
            if (random.Next(4) >= outOfFour + 1) { continue; }
            quotas.Add(new AcceleratorQuota(type, 500 * random.Next(40), Limit(random), Limit(random)));
        }

        return quotas;
    }

    private static long? Limit(Random random) => random.Next(2) == 0 ? null : 500 * random.Next(20);
}
