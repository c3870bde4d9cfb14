namespace Gigawatt.Wire;

/// <summary>The values of the <c>anthropic-version</c> header that change what a request may hold.</summary>
public static class AnthropicVersion
{
#pragma warning disable CA1707 // The underscores are the dashes of the date.
    /// <summary>The first version; sampling parameters are allowed.</summary>
    public const string V2023_06_01 = "2023-06-01";

    /// <summary>The second version: <c>temperature</c>, <c>top_p</c> and <c>top_k</c> are refused.</summary>
    public const string V2026_10_21 = "2026-10-21";
#pragma warning restore CA1707

    /// <summary>The known versions as a message to a caller lists them.</summary>
    public const string KnownList = $"{V2023_06_01}, {V2026_10_21}";

    /// <summary>Whether <paramref name="version"/> is one of the known ones; compared exactly.</summary>
    public static bool IsKnown(string version) => version is V2023_06_01 or V2026_10_21;
}
