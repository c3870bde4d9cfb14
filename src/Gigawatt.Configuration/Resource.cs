namespace Gigawatt.Configuration;

/// <summary>The files that the assembly carries, so that the product works from any folder.</summary>
internal static class Resource
{
    /// <summary>The text of a file by its path in the repository, such as <c>catalog/grids.yaml</c>.</summary>
    public static string Read(string path)
    {
        using Stream stream = typeof(Resource).Assembly.GetManifestResourceStream(path)
            ?? throw new InvalidOperationException($"The assembly does not carry {path}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
