namespace Gigawatt.Workloads;

/// <summary>Priority tiers, most urgent first.</summary>
public enum Priority : byte
{
    /// <summary>Serves users; goes first.</summary>
    Production,

    /// <summary>The default.</summary>
    Standard,

    /// <summary>Trials of what is to come; yields to the above.</summary>
    EarlyAccess,

    /// <summary>Takes what is left.</summary>
    Spot,
}
