using Gigawatt.Execution;
using Gigawatt.Metering;
using Gigawatt.Tests.Support;
using Gigawatt.Units;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Metering;

public sealed class MeterPlausibilityTests
{
    private static readonly TaskDemand Demand = new(1000, 0, 1, 1000, 0);

    private static TaskReading Filter(long? cpuMilliseconds, long? cpu, long? accelerator) => MeterPlausibility.Filter(
        new TaskReading(cpuMilliseconds, cpu is { } c ? new Joules(c) : null, accelerator is { } a ? new Joules(a) : null),
        TestCell.Group("n", type: 0, accelerators: 1), Demand, Duration.FromSeconds(10));

    [Fact]
    public void What_can_be_true_is_taken_as_read() =>
        Assert.Equal(new TaskReading(9_000, new Joules(100_000), new Joules(4_000_000)), Filter(9_000, 100_000, 4_000_000));

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_counter_that_jumped_counts_as_not_read(long jump) => Assert.Equal(default, Filter(jump, jump, jump));

    [Fact]
    public void Each_value_is_judged_by_itself() => Assert.Equal(new TaskReading(null, new Joules(5), null), Filter(-1, 5, long.MaxValue));

    [Fact]
    public void A_task_with_a_reading_that_jumped_is_metered_by_the_model()
    {
        var cell = new TestCell(TestCell.Fleet(TestCell.Group("n", type: 0, accelerators: 1)));
        Job job = cell.Submit(TestCell.Spec(accelerators: 1));
        cell.StartAll(job);
        cell.Now += Duration.FromSeconds(10);
        cell.Step(new TaskExited(job.Id, 1, 0, 0, new TaskReading(null, new Joules(long.MaxValue), new Joules(long.MaxValue))));
        Assert.Equal(EnergyMethod.Modelled, cell.Last[0].Usage!.Record.EnergyMethod);
        Assert.Equal((5 + 320) * 1.2 * 10, cell.Last[0].Usage!.Record.Energy.InJoules, 3);
    }
}
