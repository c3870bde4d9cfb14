using CsCheck;
using Gigawatt.Fleet;
using Gigawatt.Placement;
using Gigawatt.Placement.BinPack;
using Gigawatt.Tests.Support;
using Gigawatt.Workloads;
using Xunit;

namespace Gigawatt.Tests.Fleet;

public sealed class CapacityIndexTests
{
    [Fact]
    public void The_tree_finds_what_a_scan_finds() =>
        Gen.Select(Gen.Int[1, 400], Gen.Select(Gen.Int[0, 399], Gen.Int[-1, 5], Gen.Int[-1, 5], Gen.Int[-1, 5]).Array[0, 60], Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[-1, 5])
            .Sample((count, sets, cpu, memory, part) =>
            {
                var tree = new CapacityTree();
                tree.Grow(count / 2);
                tree.Grow(count);
                var rooms = new FreeRoom[count];
                Array.Fill(rooms, FreeRoom.None);
                foreach ((int position, int c, int m, int p) in sets)
                {
                    rooms[position % count] = new FreeRoom(c, m, p);
                    tree.Set(position % count, rooms[position % count]);
                }

                var need = new FreeRoom(cpu, memory, part);
                Assert.Equal(Array.FindIndex(rooms, r => r.Covers(need)), tree.FindFirst(need));
                int from = count / 3;
                Assert.Equal(Array.FindIndex(rooms, from, r => r.Covers(need)), tree.FindFirst(need, from));
            });

    [Fact]
    public void Bin_pack_chooses_the_node_with_the_fewest_free_accelerators_that_fits() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[1, 4], Gen.Bool).Array[1, 40].Sample(requests =>
        {
            var fleet = new FleetState();
            fleet.Apply(TestCell.Fleet(TestCell.Group("a", 2, 4, 16_000, type: 0, accelerators: 4), TestCell.Group("c", 1, 2, 16_000)));
            var policy = new BinPackPolicy();
            foreach ((int accelerators, int cores, bool share) in requests)
            {
                var demand = new TaskDemand(cores * 1000, 0, share ? 1 : accelerators, share ? 400 : accelerators > 0 ? 1000 : 0, 0);
                bool found = policy.TryChoose(fleet, 0, demand, out TaskPlacement place);
                List<int> fitting = [.. Enumerable.Range(0, fleet.NodeCount).Where(n => fleet.Fits(n, demand))];
                Assert.Equal(fitting.Count > 0, found);
                if (!found) { continue; }
                Assert.Contains(place.Node, fitting);
                if (!share && accelerators > 0) { Assert.Equal(fitting.Min(fleet.WholeFree), fleet.WholeFree(place.Node)); }
                fleet.Hold(demand, place);
            }
        }, iter: 200);

    [Fact]
    public void Placing_allocates_nothing_once_warm()
    {
        var fleet = new FleetState();
        fleet.Apply(TestCell.Fleet(TestCell.Group("a", 10, 18, 144_000, type: 0, accelerators: 4)));
        var policy = new BinPackPolicy();
        var demand = new TaskDemand(8000, 0, 1, 1000, 0);
        long allocated = 0;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 500; i++)
            {
                Assert.True(policy.TryChoose(fleet, 0, demand, out TaskPlacement place));
                fleet.Hold(demand, place);
                if (i % 2 == 0) { fleet.Release(demand, place); }
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            fleet = round == 2 ? fleet : Fresh();
        }

        Assert.Equal(0, allocated);

        static FleetState Fresh()
        {
            var fresh = new FleetState();
            fresh.Apply(TestCell.Fleet(TestCell.Group("a", 10, 18, 144_000, type: 0, accelerators: 4)));
            return fresh;
        }
    }

    [Fact]
    public void A_gang_that_fits_in_one_rack_goes_to_one_rack()
    {
        var cell = new TestCell(TestCell.Fleet(TestCell.Group("a", 3, 4, 16_000, type: 0, accelerators: 4)));
        cell.Submit(TestCell.Spec(accelerators: 4));
        Job gang = cell.Submit(TestCell.Spec(accelerators: 4, gang: 4));
        Assert.Single(gang.Tasks.Select(t => cell.Loop.State.Fleet.RackOf(t.Placement.Node)).Distinct());
    }
}
