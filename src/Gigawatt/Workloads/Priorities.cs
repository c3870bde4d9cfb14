namespace Gigawatt.Workloads;

/// <summary>Priority tiers by the names that files, commands and the API use.</summary>
public static class Priorities
{
    private static readonly string[] Words = ["production", "standard", "early-access", "spot"];

    /// <summary>The names, most urgent first.</summary>
    public static IReadOnlyList<string> Names => Words;

    /// <summary>The tier's name.</summary>
    public static string Name(this Priority priority) => Words[(int)priority];

    /// <summary>The tier of that name; false when there is none.</summary>
    public static bool TryParse(string name, out Priority priority)
    {
        int index = Array.IndexOf(Words, name);
        priority = (Priority)Math.Max(0, index);
        return index >= 0;
    }
}
