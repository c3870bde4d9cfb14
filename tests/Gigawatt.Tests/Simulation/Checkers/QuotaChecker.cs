using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Simulation.Checkers;

/// <summary>No tenant comes to hold more than it may. One whose limit was lowered may go on, but takes nothing more.</summary>
internal sealed class QuotaChecker : IChecker
{
    private readonly Dictionary<string, long> _before = new(StringComparer.Ordinal);

    public void Check(World world)
    {
        foreach (string tenant in world.Cell.Jobs.InOrder().Select(static job => job.Spec.Tenant).Distinct())
        {
            long held = Naive.HeldBy(world.Cell, tenant);
            if (held != world.Cell.Quotas.HeldBy(tenant)) { Assert.Fail($"tenant {tenant} holds {held}, and the table says {world.Cell.Quotas.HeldBy(tenant)}"); }
            if (held > _before.GetValueOrDefault(tenant) && held > (world.Cell.Quotas.LimitOf(tenant) ?? long.MaxValue)) { Assert.Fail($"tenant {tenant} comes to hold {held} of {world.Cell.Quotas.LimitOf(tenant)}"); }
            _before[tenant] = held;
        }
    }
}
