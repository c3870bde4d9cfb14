namespace Gigawatt.Tests.Support;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its root: the folder of the solution.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gigawatt.slnx"))) { folder = folder.Parent; }
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not lie in a checkout: no Gigawatt.slnx above them.");
    }
}
