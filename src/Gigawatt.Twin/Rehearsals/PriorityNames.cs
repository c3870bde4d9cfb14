using Gigawatt.Workloads;

namespace Gigawatt.Twin.Rehearsals;

/// <summary>Tiers of priority as files and the command line write them.</summary>
internal static class PriorityNames
{
    public static string Of(Priority priority) => priority switch
    {
        Priority.Production => "production",
        Priority.EarlyAccess => "early-access",
        Priority.Spot => "spot",
        _ => "standard",
    };
}
