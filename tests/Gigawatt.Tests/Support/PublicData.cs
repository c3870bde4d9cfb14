using Xunit;

namespace Gigawatt.Tests.Support;

/// <summary>Finds public data sets, which are not part of the repository: the folder <c>shared/data</c> beside it or above it, or the one
/// that GIGAWATT_PUBLIC_DATA names. A test that needs one that is absent is skipped and says so.</summary>
internal static class PublicData
{
    public static string Folder(string name)
    {
        string? folder = Candidates().Select(root => Path.Combine(root, name)).FirstOrDefault(Directory.Exists);
        Assert.SkipWhen(folder is null, $"The public data set '{name}' is not here: put it in a folder 'shared/data' beside the repository, or name the data folder in GIGAWATT_PUBLIC_DATA.");
        return folder!;
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("GIGAWATT_PUBLIC_DATA") is { Length: > 0 } named) { yield return named; }
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            yield return Path.Combine(at.FullName, "shared", "data");
        }
    }
}
