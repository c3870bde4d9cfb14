namespace Gigawatt.Fleet;

/// <summary>Whether a node takes work.</summary>
public enum NodeStatus : byte
{
    /// <summary>Described, but its agent has not joined or is out of contact; takes no work.</summary>
    Down,

    /// <summary>Takes work.</summary>
    Up,

    /// <summary>No longer part of the fleet; its number is not used again.</summary>
    Removed,

    /// <summary>Its agent is back, but it was lost so often that it takes no work for a while.</summary>
    Quarantined,
}
