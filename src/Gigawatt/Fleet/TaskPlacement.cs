namespace Gigawatt.Fleet;

/// <summary>Where one task runs: a node and the accelerators it holds there.</summary>
/// <param name="Node">Dense node id.</param>
/// <param name="AcceleratorMask">One bit for each of the node's accelerators that is held.</param>
public readonly record struct TaskPlacement(int Node, ulong AcceleratorMask);
