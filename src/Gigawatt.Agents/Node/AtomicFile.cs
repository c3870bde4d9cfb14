using System.Runtime.InteropServices;

namespace Gigawatt.Agents.Node;

/// <summary>
/// Small files that appear whole or not at all. They are not forced to the disk: they guard against the death of
/// processes, and a power failure that could lose them also ends every process they speak of.
/// </summary>
internal static class AtomicFile
{
    /// <summary>Creates or replaces.</summary>
    public static void Write(string path, string text)
    {
        string draft = Draft(path, text);
        File.Move(draft, path, overwrite: true);
    }

    /// <summary>Creates; false when the name was already there, whoever was first.</summary>
    public static bool TryCreate(string path, string text)
    {
        string draft = Draft(path, text);
        try
        {
            if (Libc.Link(draft, path) == 0) { return true; }
            int error = Marshal.GetLastPInvokeError();
            return error == Libc.ErrorExists
                ? false
                : throw new IOException($"Cannot create '{path}': {Marshal.GetPInvokeErrorMessage(error)}");
        }
        finally
        {
            File.Delete(draft);
        }
    }

    // A draft left by a crash may already be linked to the real name: written over, it would change the real file.
    private static string Draft(string path, string text)
    {
        string draft = path + ".agent";
        File.Delete(draft);
        File.WriteAllText(draft, text);
        return draft;
    }

    /// <summary>The text, or null when there is no such file.</summary>
    public static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }
}
