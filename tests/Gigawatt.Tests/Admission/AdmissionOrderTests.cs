using CsCheck;
using Gigawatt.Admission;
using Gigawatt.Workloads;

namespace Gigawatt.Tests.Admission;

public sealed class AdmissionOrderTests
{
    [Fact]
    public void Classes_go_by_urgency_tenants_take_turns_and_each_tenants_requests_go_in_their_order()
    {
        var order = new AdmissionOrder(100);
        AdmissionTicket a1 = Add(order, Priority.Standard, "a"), a2 = Add(order, Priority.Standard, "a"), a3 = Add(order, Priority.Standard, "a");
        AdmissionTicket spot = Add(order, Priority.Spot, "b"), b1 = Add(order, Priority.Standard, "b"), live = Add(order, Priority.Production, "c");
        Assert.Equal([live, a1, b1, a2, a3, spot], Drain(order));
    }

    [Fact]
    public void Only_production_may_use_what_is_kept_for_it()
    {
        var order = new AdmissionOrder(100);
        Add(order, Priority.Standard, "a");
        Assert.False(order.TryPeek(productionOnly: true, out _));
        AdmissionTicket live = Add(order, Priority.Production, "a");
        Assert.True(order.TryPeek(productionOnly: true, out AdmissionTicket? next));
        Assert.Same(live, next);
    }

    [Fact]
    public void When_there_is_no_room_the_newest_of_the_least_urgent_class_and_of_the_busiest_tenant_gives_way()
    {
        var order = new AdmissionOrder(4);
        Add(order, Priority.Production, "a");
        AdmissionTicket lone = Add(order, Priority.Spot, "a"), first = Add(order, Priority.Spot, "b"), second = Add(order, Priority.Spot, "b");
        Assert.False(order.TryAdd(new(Priority.Spot, "c"), out _));
        Assert.True(order.TryAdd(new(Priority.Standard, "c"), out AdmissionTicket? shed));
        Assert.Same(second, shed);
        Assert.True(order.TryAdd(new(Priority.EarlyAccess, "c"), out shed));
        Assert.True(shed == lone || shed == first);
        Assert.Equal(4, order.Count);
        Assert.True(order.TryAdd(new(Priority.Production, "c"), out _));
        Assert.True(order.TryAdd(new(Priority.Production, "c"), out shed));
        Assert.Equal(Priority.EarlyAccess, shed!.Priority);
        Assert.True(order.TryAdd(new(Priority.Production, "c"), out _));
        Assert.False(order.TryAdd(new(Priority.Production, "c"), out _));
    }

    /// <summary>Comes, goes and leavings at random, beside a plain list.</summary>
    [Fact]
    public void It_holds_what_came_and_did_not_leave_and_never_more_than_its_room() =>
        Gen.Select(Gen.Int[0, 20], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 4]).Array[0, 200]).Sample(t =>
        {
            (int capacity, (int What, int Class, int Tenant)[] steps) = t;
            var order = new AdmissionOrder(capacity);
            var there = new List<AdmissionTicket>();
            foreach ((int what, int tier, int tenant) in steps)
            {
                if (what < 2)
                {
                    var ticket = new AdmissionTicket((Priority)tier, $"t{tenant}");
                    bool added = order.TryAdd(ticket, out AdmissionTicket? shed);
                    Assert.Equal(there.Count < capacity || there.Exists(other => other.Priority > ticket.Priority), added);
                    if (shed is not null) { Assert.True(there.Remove(shed) && shed.Priority == Worst(there, shed)); }
                    if (added) { there.Add(ticket); }
                }
                else if (what == 2 && order.TryPeek(false, out AdmissionTicket? next))
                {
                    Assert.Equal(there.Min(static x => x.Priority), next.Priority);
                    Assert.Same(there.First(x => x.Priority == next.Priority && x.Tenant == next.Tenant), next);
                    Assert.True(order.Remove(next) && there.Remove(next));
                    Assert.False(order.Remove(next));
                }
                else if (what == 3 && there.Count > 0)
                {
                    AdmissionTicket leaving = there[tenant % there.Count];
                    Assert.True(order.Remove(leaving) && there.Remove(leaving));
                }

                Assert.Equal(there.Count, order.Count);
                Assert.True(order.Count <= capacity);
            }
        });

    private static Priority Worst(List<AdmissionTicket> rest, AdmissionTicket shed) => rest.Append(shed).Max(static t => t.Priority);

    private static AdmissionTicket Add(AdmissionOrder order, Priority priority, string tenant)
    {
        var ticket = new AdmissionTicket(priority, tenant);
        Assert.True(order.TryAdd(ticket, out AdmissionTicket? shed));
        Assert.Null(shed);
        return ticket;
    }

    private static List<AdmissionTicket> Drain(AdmissionOrder order)
    {
        var drained = new List<AdmissionTicket>();
        while (order.TryPeek(false, out AdmissionTicket? next))
        {
            order.Remove(next);
            drained.Add(next);
        }

        return drained;
    }
}
