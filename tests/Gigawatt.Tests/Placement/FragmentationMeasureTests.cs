using Gigawatt.Placement;
using Gigawatt.Placement.Fgd;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Placement;

public sealed class FragmentationMeasureTests
{
    private static double Of(TypicalTask task, int cpu, int type, params ushort[] free) => new FragmentationMeasure([task]).Of(cpu, type, free);

    private static TypicalTask Task(int cpu, int accelerators, int milli, ulong types = 0) =>
        new(new TaskDemand(cpu, 0, accelerators, milli, types), 1);

    [Fact]
    public void A_task_that_fits_cannot_use_accelerators_with_less_left_than_it_needs() =>
        Assert.Equal(700, Of(Task(1000, 1, 500), 8000, 0, 1000, 400, 300, 500));

    [Theory]
    [InlineData(9000, 1, 500)]
    [InlineData(1000, 2, 1000)]
    [InlineData(9000, 2, 1000)]
    [InlineData(1000, 0, 0)]
    [InlineData(9000, 0, 0)]
    public void A_task_that_does_not_fit_or_asks_for_no_accelerator_can_use_nothing_that_is_idle(int cpu, int accelerators, int milli) =>
        Assert.Equal(1900, Of(Task(cpu, accelerators, milli), 8000, 0, 1000, 900));

    [Fact]
    public void A_task_whose_types_exclude_the_node_can_use_nothing()
    {
        Assert.Equal(2000, Of(Task(1000, 1, 500, types: 0b10), 8000, 0, 1000, 1000));
        Assert.Equal(0, Of(Task(1000, 1, 500, types: 0b10), 8000, 1, 1000, 1000));
        Assert.Equal(2000, Of(Task(1000, 1, 500) with { FitsNoType = true }, 8000, 1, 1000, 1000));
    }

    [Fact]
    public void Shares_weigh_the_tasks()
    {
        var measure = new FragmentationMeasure([Task(1000, 1, 500) with { Share = 0.75 }, Task(1000, 0, 0) with { Share = 0.25 }]);
        Assert.Equal(0.75 * 400 + 0.25 * 1400, measure.Of(8000, 0, [1000, 400]));
    }

    [Fact]
    public void The_order_of_accelerators_makes_no_difference_and_large_nodes_are_measured_too()
    {
        var measure = new FragmentationMeasure([Task(1000, 1, 500)]);
        Assert.Equal(measure.Of(8000, 0, [1000, 400, 300]), measure.Of(8000, 0, [300, 1000, 400]));
        ushort[] twelve = [1000, 400, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 100];
        Assert.Equal(500, measure.Of(8000, 0, twelve));
        Assert.Equal(500, measure.Of(8000, 0, twelve));
    }
}
