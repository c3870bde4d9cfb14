using CsCheck;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Tests.Support;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Fleet;

public sealed class AcceleratorHoldersTests
{
    private static readonly TaskDemand[] Demands =
        [new(100, 0, 1, 300, 0), new(100, 0, 1, 500, 0), new(100, 0, 1, 1000, 0), new(100, 0, 2, 1000, 0), new(100, 0, 3, 1000, 0), new(100, 0, 0, 0, 0)];

    [Fact]
    public void They_tell_what_kind_of_task_is_on_each_accelerator_whatever_came_and_went() =>
        Gen.Select(Gen.Int[0, Demands.Length - 1], Gen.Int[0, 100], Gen.Bool).Array[1, 80].Sample(course =>
        {
            var fleet = new FleetState();
            fleet.Apply(TestCell.Fleet(TestCell.Group("n", type: 0, accelerators: 6)));
            var held = new List<(TaskDemand Demand, TaskPlacement Place)>();
            foreach ((int which, int victim, bool release) in course)
            {
                if (release && held.Count > 0)
                {
                    (TaskDemand demand, TaskPlacement place) = held[victim % held.Count];
                    held.RemoveAt(victim % held.Count);
                    fleet.Release(demand, place);
                }
                else if (fleet.Fits(0, Demands[which]))
                {
                    var place = new TaskPlacement(0, AcceleratorChoice.BestFit(fleet, 0, Demands[which]));
                    fleet.Hold(Demands[which], place);
                    held.Add((Demands[which], place));
                }

                byte[] expected = new byte[6];
                foreach ((TaskDemand demand, TaskPlacement place) in held)
                {
                    for (int i = 0; i < 6; i++)
                    {
                        if ((place.AcceleratorMask >> i & 1) != 0) { expected[i] = demand.AcceleratorMilli < 1000 ? FleetState.HeldInParts : (byte)demand.Accelerators; }
                    }
                }

                Assert.Equal(expected, fleet.AcceleratorHolders(0).ToArray());
            }
        });
}
