using System.Text;

namespace Gigawatt.Configuration.Reading;

/// <summary>Opens a file that a person wrote: the steps that all of them share.</summary>
internal static class ConfigFile
{
    // Our largest file has some hundred lines; a megabyte is a wrong file, named before it is parsed.
    private const int MaxBytes = 1024 * 1024;

    /// <summary>The file's text, or why it cannot be had.</summary>
    /// <returns>Null when it could not be read; the problem is then in <paramref name="problems"/>.</returns>
    public static string? ReadText(string path, Problems problems)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MaxBytes)
            {
                problems.Add(0, 0, $"the file has {Numbers.Show(stream.Length)} bytes and may have {Numbers.Show(MaxBytes)}; name the file that you meant");
                return null;
            }

            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add(0, 0, "there is no such file; check the path");
        }
        catch (UnauthorizedAccessException)
        {
            problems.Add(0, 0, Directory.Exists(path) ? "this is a folder; name a file" : "the file may not be read; check its permissions");
        }
        catch (DecoderFallbackException)
        {
            problems.Add(0, 0, "the file is not UTF-8 text; save it as UTF-8");
        }
        catch (IOException e)
        {
            problems.Add(0, 0, $"the file could not be read: {e.Message}");
        }

        return null;
    }

    /// <summary>The bytes of a file that is no text of ours; null with the reason when they cannot be had.</summary>
    public static byte[]? ReadBytes(string path, out string? why)
    {
        why = null;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes }) { why = "the file is too large for what it should be; check the path"; }
            return why is null ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { why = "there is no such file; check the path"; }
        catch (UnauthorizedAccessException) { why = Directory.Exists(path) ? "this is a folder; name a file" : "the file may not be read; check its permissions"; }
        catch (IOException e) { why = $"the file could not be read: {e.Message}"; }
        return null;
    }

    /// <summary>The fields of the document; an empty block when there is nothing in it. Null when it is not YAML or no block.</summary>
    public static MapReader? ReadRoot(string text, string noun, Problems problems)
    {
        int before = problems.Count;
        Node? root = YamlTree.Parse(text, problems);
        switch (root)
        {
            case MapNode map: return new MapReader(map, noun, problems);
            case null when problems.Count > before: return null;
            case null or TextNode { IsEmpty: true }: return new MapReader(new MapNode(1, 1), noun, problems);
        }

        problems.Add(root, $"this is {root.Noun}; a {noun} starts with fields, each on its own line such as name: my-name");
        return null;
    }
}
