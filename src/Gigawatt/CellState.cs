using Gigawatt.Admission;
using Gigawatt.Admission.Queues;
using Gigawatt.Execution;
using Gigawatt.Fleet;
using Gigawatt.Units;
using Gigawatt.Workloads;

namespace Gigawatt;

/// <summary>Everything that one control loop knows: a fold over the journal. Only <see cref="ControlLoop"/> changes it.</summary>
public sealed class CellState
{
    /// <summary>The latest time that an event brought.</summary>
    public Instant Now { get; internal set; }

    /// <summary>Events taken in so far.</summary>
    public long Steps { get; internal set; }

    /// <summary>Hash of all commands so far: equal histories have equal hashes.</summary>
    public StableHash Hash { get; internal set; }

    /// <summary>Nodes and what is free of them.</summary>
    public FleetState Fleet { get; } = new();

    /// <summary>Nodes that were lost again and again.</summary>
    public Quarantine Quarantine { get; } = new();

    /// <summary>Jobs.</summary>
    public JobTable Jobs { get; } = new();

    /// <summary>Limits of tenants.</summary>
    public QuotaTable Quotas { get; } = new();

    /// <summary>Queues and cohorts, and what they use.</summary>
    public QueueTree Queues { get; internal set; } = new(QueueModel.None);

    /// <summary>Distinct demands.</summary>
    public ShapeTable Shapes { get; } = new();

    /// <summary>Jobs that wait for a place.</summary>
    internal PendingQueue Queue { get; } = new();

    /// <summary>What is due when.</summary>
    internal DeadlineQueue Deadlines { get; } = new();

    /// <summary>The port that the next task gets; peers need to know it before it starts.</summary>
    internal int NextPort { get; set; } = FirstPort;

    internal const int FirstPort = 20_000;
    internal const int LastPort = 39_999;
}
