using Gigawatt.Workloads;

namespace Gigawatt.Fleet;

/// <summary>The fleet as it stands: capacity and what is free of it, in flat arrays by dense node id.</summary>
/// <remarks>One array per field. Nodes of a rack have consecutive ids, racks of a group too, so that an id is a position in
/// the building. Free capacity is also kept in <see cref="CapacityIndex"/>, which every change repairs.</remarks>
public sealed partial class FleetState
{
    private readonly List<NodeGroup> _groups = [];
    private readonly List<int> _groupFirstNode = [];
    private readonly Dictionary<string, int> _groupByName = new(StringComparer.Ordinal);
    private int[] _group = [];
    private int[] _rack = [];
    private int[] _cpuFreeMilli = [];
    private int[] _memoryFreeMib = [];
    private int[] _firstAccelerator = [];
    private byte[] _acceleratorCount = [];
    private byte[] _wholeFree = [];
    private NodeStatus[] _status = [];
    private ushort[] _acceleratorFreeMilli = [];
    private byte[] _acceleratorHolder = [];
    private int _acceleratorTotal;
    private readonly CapacityIndex _index = new();
    private readonly RackIndex _racks = new();

    /// <summary>Sites by index.</summary>
    public IReadOnlyList<SiteModel> Sites { get; private set; } = [];

    /// <summary>Accelerator types by index.</summary>
    public IReadOnlyList<AcceleratorType> AcceleratorTypes { get; private set; } = [];

    /// <summary>Groups in the order in which they joined.</summary>
    public IReadOnlyList<NodeGroup> Groups => _groups;

    /// <summary>Nodes ever described, removed ones included; ids run from 0 to this - 1.</summary>
    public int NodeCount { get; private set; }

    /// <summary>Racks ever described.</summary>
    public int RackCount { get; private set; }

    /// <summary>Accelerators of all nodes, in thousandths, removed nodes excluded.</summary>
    public long AcceleratorCapacityMilli { get; private set; }

    /// <summary>Accelerators held by work, in thousandths.</summary>
    public long AcceleratorUsedMilli { get; private set; }

    /// <summary>CPU of all nodes in thousandths of a core, removed nodes excluded.</summary>
    public long CpuCapacityMilli { get; private set; }

    /// <summary>CPU held by work in thousandths of a core.</summary>
    public long CpuUsedMilli { get; private set; }

    /// <summary>Goes up each time something becomes free or joins: what did not fit before may fit now.</summary>
    public long FreedVersion { get; private set; }

    /// <summary>The free-capacity index over the nodes that are up.</summary>
    internal CapacityIndex Index => _index;

    /// <summary>What is free in each rack.</summary>
    internal RackIndex Racks => _racks;

    /// <summary>The group of a node.</summary>
    public NodeGroup GroupOf(int node) => _groups[_group[node]];

    /// <summary>The index of a node's group.</summary>
    public int GroupIndexOf(int node) => _group[node];

    /// <summary>The id of a group's first node; the others follow.</summary>
    public int FirstNodeOf(int group) => _groupFirstNode[group];

    /// <summary>The rack of a node, counted over the whole fleet.</summary>
    public int RackOf(int node) => _rack[node];

    /// <summary>Name for people and agents.</summary>
    public string NameOf(int node) => _groups[_group[node]].NodeName(node - _groupFirstNode[_group[node]]);

    /// <summary>The id of the one node of a group of that name, or -1.</summary>
    public int FindSingleNode(string name) =>
        _groupByName.TryGetValue(name, out int group) && _groups[group].Nodes == 1 ? _groupFirstNode[group] : -1;

    /// <summary>Index of an accelerator type by name, or -1.</summary>
    public int FindAcceleratorType(string name)
    {
        for (int type = 0; type < AcceleratorTypes.Count; type++)
        {
            if (AcceleratorTypes[type].Name == name) { return type; }
        }

        return -1;
    }

    /// <summary>Whether the node takes work.</summary>
    public NodeStatus StatusOf(int node) => _status[node];

    /// <summary>Index of the node's accelerator type, or -1.</summary>
    public int AcceleratorTypeOf(int node) => _groups[_group[node]].AcceleratorType;

    /// <summary>Free CPU in thousandths of a core.</summary>
    public int CpuFreeMilli(int node) => _cpuFreeMilli[node];

    /// <summary>Free memory in MiB.</summary>
    public int MemoryFreeMib(int node) => _memoryFreeMib[node];

    /// <summary>Accelerators of which nothing is held.</summary>
    public int WholeFree(int node) => _wholeFree[node];

    /// <summary>What is free of each accelerator of a node, in thousandths.</summary>
    public ReadOnlySpan<ushort> AcceleratorsFreeMilli(int node) =>
        _acceleratorFreeMilli.AsSpan(_firstAccelerator[node], _acceleratorCount[node]);

    /// <summary>What is free of a node's accelerators in all, in thousandths.</summary>
    public int AcceleratorFreeMilli(int node)
    {
        int free = 0;
        foreach (ushort milli in AcceleratorsFreeMilli(node)) { free += milli; }
        return free;
    }

    /// <summary>An accelerator of <see cref="AcceleratorHolders"/> of which nothing is held.</summary>
    public const byte HeldByNobody = 0;

    /// <summary>An accelerator of <see cref="AcceleratorHolders"/> that tasks hold fractions of.</summary>
    public const byte HeldInParts = byte.MaxValue;

    /// <summary>What kind of task holds each accelerator of a node: <see cref="HeldByNobody"/>, <see cref="HeldInParts"/>, or 1 to
    /// 64 for a task that holds so many whole accelerators.</summary>
    public ReadOnlySpan<byte> AcceleratorHolders(int node) =>
        _acceleratorHolder.AsSpan(_firstAccelerator[node], _acceleratorCount[node]);

    /// <summary>Whether a task fits on a node right now.</summary>
    public bool Fits(int node, in TaskDemand demand)
    {
        if (_status[node] != NodeStatus.Up
            || _cpuFreeMilli[node] < demand.CpuMilli
            || _memoryFreeMib[node] < demand.MemoryMib
            || !demand.Accepts(AcceleratorTypeOf(node))) { return false; }
        if (demand.Accelerators == 0) { return true; }
        if (!demand.IsFraction) { return _wholeFree[node] >= demand.Accelerators; }
        return _wholeFree[node] > 0 || LargestPart(node) >= demand.AcceleratorMilli;
    }

    private int LargestPart(int node)
    {
        int largest = -1;
        foreach (ushort free in AcceleratorsFreeMilli(node))
        {
            if (free < TaskDemand.WholeAccelerator && free > largest) { largest = free; }
        }

        return largest;
    }

    private void Reindex(int node)
    {
        FreeRoom room = _status[node] == NodeStatus.Up
            ? new FreeRoom(_cpuFreeMilli[node], _memoryFreeMib[node], LargestPart(node))
            : FreeRoom.None;
        _index.Set(node, _wholeFree[node], room);
        _racks.Set(_rack[node], node, room.CpuMilli, _status[node] == NodeStatus.Up ? _wholeFree[node] : 0);
        Changes.Add(node);
    }
}
