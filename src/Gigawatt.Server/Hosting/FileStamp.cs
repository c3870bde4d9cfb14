namespace Gigawatt.Server.Hosting;

/// <summary>Time and length of a file, by which it is seen that another one is in its place.</summary>
/// <remarks>Not events of the file system: a file that is replaced as a whole, by an editor or as a mounted configuration, gives none at its own name.</remarks>
internal static class FileStamp
{
    /// <summary>The stamp of a file; the default where there is none.</summary>
    public static (DateTime Written, long Length) Of(string path)
    {
        try
        {
            // Through links: a mounted configuration is replaced by pointing a link elsewhere.
            var file = new FileInfo(path);
            if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) { file = target; }
            return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { return default; }
    }
}
