namespace Gigawatt.Providers;

/// <summary>Names, which clients may choose, as one segment of an address.</summary>
internal static class UrlSegment
{
    /// <summary>The name escaped, so that it cannot lead to another address.</summary>
    public static string Of(string name) => name.Trim('.').Length == 0
        ? name.Replace(".", "%252E", StringComparison.Ordinal) // Dots alone would climb up; escaped once they would as well.
        : Uri.EscapeDataString(name);
}
