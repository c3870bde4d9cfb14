namespace Gigawatt.Workloads;

/// <summary>Gives each distinct demand a small number, so that what was learnt for one task holds for all of its shape.</summary>
public sealed class ShapeTable
{
    private readonly Dictionary<TaskDemand, int> _numbers = [];
    private readonly List<TaskDemand> _demands = [];

    /// <summary>Distinct demands seen.</summary>
    public int Count => _demands.Count;

    /// <summary>The demand of a shape.</summary>
    public TaskDemand this[int shape] => _demands[shape];

    /// <summary>The number of a demand, new or known.</summary>
    public int NumberOf(in TaskDemand demand)
    {
        if (_numbers.TryGetValue(demand, out int shape)) { return shape; }
        _numbers.Add(demand, _demands.Count);
        _demands.Add(demand);
        return _demands.Count - 1;
    }
}
