using Gigawatt.Workloads;

namespace Gigawatt.Fleet;

/// <content>Groups joining and leaving, nodes going up and down.</content>
public sealed partial class FleetState
{
    /// <summary>Takes over a fleet description: new groups join, missing or altered ones leave, equal ones stay as they are.</summary>
    /// <remarks>Accelerator types keep their numbers; new ones are added behind them.</remarks>
    /// <returns>Indices of the groups that left; the work on them is lost.</returns>
    public IReadOnlyList<int> Apply(FleetModel model)
    {
        Sites = model.Sites;
        AcceleratorTypes = MergeTypes(model.AcceleratorTypes);
        var described = new HashSet<string>(StringComparer.Ordinal);
        var left = new List<int>();
        var joining = new List<NodeGroup>();
        foreach (NodeGroup group in model.Groups)
        {
            NodeGroup own = group with
            {
                AcceleratorType = group.AcceleratorType < 0 ? -1 : FindAcceleratorType(model.AcceleratorTypes[group.AcceleratorType].Name),
            };
            described.Add(own.Name);
            bool known = _groupByName.TryGetValue(own.Name, out int index);
            if (known && _groups[index] == own) { continue; }
            if (known) { left.Add(index); }
            joining.Add(own);
        }

        for (int group = 0; group < _groups.Count; group++)
        {
            if (_groupByName.TryGetValue(_groups[group].Name, out int live) && live == group
                && !described.Contains(_groups[group].Name) && !_joinedByAgent.Contains(_groups[group].Name)) { left.Add(group); }
        }

        left.Sort();
        foreach (int group in left) { Remove(group); }
        foreach (NodeGroup group in joining) { Add(group); }
        return left;
    }

    private readonly HashSet<string> _joinedByAgent = new(StringComparer.Ordinal);

    /// <summary>The number of an accelerator type, added when it is new.</summary>
    public int NumberOfType(AcceleratorType type)
    {
        AcceleratorTypes = MergeTypes([type]);
        return FindAcceleratorType(type.Name);
    }

    /// <summary>Adds the node of an agent that joined of its own accord; it stays when the fleet file changes.</summary>
    /// <returns>The node's id.</returns>
    public int AddJoined(NodeGroup group)
    {
        if (_groupByName.TryGetValue(group.Name, out int old)) { Remove(old); }
        _joinedByAgent.Add(group.Name);
        return Add(group);
    }

    /// <summary>Whether a group came with an agent rather than from the fleet file.</summary>
    public bool JoinedByAgent(string groupName) => _joinedByAgent.Contains(groupName);

    /// <summary>Adds a group's nodes: up when simulated, else down until their agent joins.</summary>
    /// <returns>The id of its first node.</returns>
    public int Add(NodeGroup group)
    {
        int first = NodeCount, nodes = group.Nodes, index = _groups.Count;
        Grow(first + nodes, _acceleratorTotal + nodes * group.Accelerators);
        _groups.Add(group);
        _groupFirstNode.Add(first);
        _groupByName[group.Name] = index;
        _racks.Add(RackCount, group.Racks, first, group.NodesPerRack);
        _index.AddPool(group.AcceleratorType, group.Accelerators, first, nodes);
        for (int offset = 0; offset < nodes; offset++)
        {
            int node = first + offset;
            _group[node] = index;
            _rack[node] = RackCount + offset / group.NodesPerRack;
            _cpuFreeMilli[node] = group.CpuMilli;
            _memoryFreeMib[node] = group.MemoryMib;
            _firstAccelerator[node] = _acceleratorTotal + offset * group.Accelerators;
            _acceleratorCount[node] = _wholeFree[node] = (byte)group.Accelerators;
            _status[node] = group.Execution == NodeExecution.Simulated ? NodeStatus.Up : NodeStatus.Down;
        }

        _acceleratorFreeMilli.AsSpan(_acceleratorTotal, nodes * group.Accelerators).Fill(TaskDemand.WholeAccelerator);
        _acceleratorTotal += nodes * group.Accelerators;
        NodeCount += nodes;
        RackCount += group.Racks;
        AcceleratorCapacityMilli += (long)nodes * group.Accelerators * TaskDemand.WholeAccelerator;
        CpuCapacityMilli += (long)nodes * group.CpuMilli;
        FreedVersion++;
        for (int node = first; node < NodeCount; node++) { Reindex(node); }
        return first;
    }

    /// <summary>Marks a node up or down. What is held on it stays held until it is released.</summary>
    public void SetStatus(int node, NodeStatus status)
    {
        if (_status[node] == status || _status[node] == NodeStatus.Removed) { return; }
        _status[node] = status;
        FreedVersion++;
        Reindex(node);
    }

    internal void Restore(IReadOnlyList<SiteModel> sites, IReadOnlyList<AcceleratorType> types)
    {
        Sites = sites;
        AcceleratorTypes = types;
    }

    internal void RestoreRemoved(int firstNode) => Remove(GroupIndexOf(firstNode));

    private void Remove(int group)
    {
        NodeGroup gone = _groups[group];
        for (int offset = 0; offset < gone.Nodes; offset++) { SetStatus(_groupFirstNode[group] + offset, NodeStatus.Removed); }
        AcceleratorCapacityMilli -= (long)gone.Nodes * gone.Accelerators * TaskDemand.WholeAccelerator;
        CpuCapacityMilli -= (long)gone.Nodes * gone.CpuMilli;
        _groupByName.Remove(gone.Name);
        _joinedByAgent.Remove(gone.Name);
    }

    private List<AcceleratorType> MergeTypes(IReadOnlyList<AcceleratorType> described)
    {
        var types = new List<AcceleratorType>(AcceleratorTypes);
        foreach (AcceleratorType type in described)
        {
            int known = types.FindIndex(t => t.Name == type.Name);
            if (known < 0) { types.Add(type); } else { types[known] = type; }
        }

        return types.Count <= 64 ? types : throw new InvalidOperationException("A fleet has at most 64 accelerator types.");
    }

    private void Grow(int nodes, int accelerators)
    {
        if (nodes > _group.Length)
        {
            int size = Math.Max(nodes, _group.Length * 2);
            Array.Resize(ref _group, size);
            Array.Resize(ref _rack, size);
            Array.Resize(ref _cpuFreeMilli, size);
            Array.Resize(ref _memoryFreeMib, size);
            Array.Resize(ref _firstAccelerator, size);
            Array.Resize(ref _acceleratorCount, size);
            Array.Resize(ref _wholeFree, size);
            Array.Resize(ref _status, size);
        }

        if (accelerators > _acceleratorFreeMilli.Length)
        {
            int size = Math.Max(accelerators, _acceleratorFreeMilli.Length * 2);
            Array.Resize(ref _acceleratorFreeMilli, size);
            Array.Resize(ref _acceleratorHolder, size);
        }
    }
}
