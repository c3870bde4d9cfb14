using System.Diagnostics.CodeAnalysis;
using Gigawatt.Workloads;

namespace Gigawatt.Admission;

/// <summary>A request that waits until it may run.</summary>
/// <param name="priority">How urgent it is.</param>
/// <param name="tenant">Whose it is.</param>
public class AdmissionTicket(Priority priority, string tenant)
{
    /// <summary>How urgent it is.</summary>
    public Priority Priority { get; } = priority;

    /// <summary>Whose it is.</summary>
    public string Tenant { get; } = tenant;

    internal LinkedListNode<AdmissionTicket>? Place { get; set; }
}

/// <summary>Requests that wait until they may run, in the order in which they will: the most urgent class first; within a class
/// the tenants take turns, so that one with a thousand waiting does not keep one with a single request back; within a tenant the
/// oldest first. When there is no room, the least urgent class gives way.</summary>
/// <remarks>It is bounded: a queue that only grows answers everybody too late. It is not thread-safe.</remarks>
/// <param name="capacity">How many may wait, 0 or more.</param>
public sealed class AdmissionOrder(int capacity)
{
    private readonly Lane[] _lanes = [.. Priorities.Names.Select(static _ => new Lane())];

    /// <summary>How many may wait. When it is lowered, those who wait already stay.</summary>
    public int Capacity { get; set; } = capacity;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>How many of a class wait.</summary>
    public int CountOf(Priority priority) => _lanes[(int)priority].Count;

    /// <summary>Lets a request wait.</summary>
    /// <param name="ticket">The request; it waits nowhere yet.</param>
    /// <param name="shed">One of a less urgent class that had to give way for it; it waits no longer.</param>
    /// <returns>False when there is no room and nobody less urgent waits: it is the one to give way.</returns>
    public bool TryAdd(AdmissionTicket ticket, out AdmissionTicket? shed)
    {
        shed = null;
        if (Count >= Capacity)
        {
            for (int lane = _lanes.Length - 1; lane > (int)ticket.Priority && shed is null; lane--) { shed = _lanes[lane].Last(); }
            if (shed is null) { return false; }
            Remove(shed);
        }

        _lanes[(int)ticket.Priority].Add(ticket);
        Count++;
        return true;
    }

    /// <summary>The one that runs next; it goes on waiting until it is removed.</summary>
    /// <param name="productionOnly">Whether only class production may run now.</param>
    /// <param name="ticket">The one; null when there is none.</param>
    public bool TryPeek(bool productionOnly, [NotNullWhen(true)] out AdmissionTicket? ticket)
    {
        ticket = null;
        for (int lane = 0; lane < (productionOnly ? 1 : _lanes.Length) && ticket is null; lane++) { ticket = _lanes[lane].First(); }
        return ticket is not null;
    }

    /// <summary>Takes one out, to run or because it waits no longer; false when it did not wait.</summary>
    public bool Remove(AdmissionTicket ticket)
    {
        if (ticket.Place is null) { return false; }
        _lanes[(int)ticket.Priority].Remove(ticket);
        Count--;
        return true;
    }

    private sealed class Lane
    {
        private readonly Dictionary<string, LinkedListNode<LinkedList<AdmissionTicket>>> _byTenant = new(StringComparer.Ordinal);

        // The tenant whose turn it is first.
        private readonly LinkedList<LinkedList<AdmissionTicket>> _turns = new();

        public int Count { get; private set; }

        public AdmissionTicket? First() => _turns.First?.Value.First!.Value;

        /// <summary>The newest of the tenant with the most waiting.</summary>
        public AdmissionTicket? Last()
        {
            LinkedList<AdmissionTicket>? longest = null;
            foreach (LinkedList<AdmissionTicket> line in _turns)
            {
                if (longest is null || line.Count > longest.Count) { longest = line; }
            }

            return longest?.Last!.Value;
        }

        public void Add(AdmissionTicket ticket)
        {
            if (!_byTenant.TryGetValue(ticket.Tenant, out LinkedListNode<LinkedList<AdmissionTicket>>? turn))
            {
                _byTenant[ticket.Tenant] = turn = _turns.AddLast(new LinkedList<AdmissionTicket>());
            }

            ticket.Place = turn.Value.AddLast(ticket);
            Count++;
        }

        public void Remove(AdmissionTicket ticket)
        {
            LinkedListNode<LinkedList<AdmissionTicket>> turn = _byTenant[ticket.Tenant];
            bool hadItsTurn = turn.Previous is null && ticket.Place!.Previous is null;
            turn.Value.Remove(ticket.Place!);
            ticket.Place = null;
            Count--;
            if (turn.Value.Count == 0)
            {
                _byTenant.Remove(ticket.Tenant);
                _turns.Remove(turn);
            }
            else if (hadItsTurn)
            {
                _turns.Remove(turn);
                _turns.AddLast(turn);
            }
        }
    }
}
