using System.Globalization;
using Gigawatt.Server.Durability;

namespace Gigawatt.Server.Hosting;

/// <summary>The folder that holds everything a server must find again. One server at a time.</summary>
/// <remarks>
/// <code>
/// version          format of the folder
/// lock             held while a server runs
/// server.json      where the running server is, and the operator's token; for the command line of this user
/// identity.*       tenants, hashed keys, the secret under which they are hashed
/// cell/            journal and snapshots of the control loop
/// usage/           usage that is not in the ledger yet
/// ledger.db        every usage record
/// batches/         requests and results of batches
/// responses.db     answers that conversations go on from
/// agent/           tasks of this machine and their output
/// logs/            output of tasks of other nodes
/// </code>
/// </remarks>
internal sealed class DataFolder : IDisposable
{
    private const int Format = 1;
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream heldLock)
    {
        Root = path;
        _lock = heldLock;
    }

    /// <summary>The folder, as a full path.</summary>
    public string Root { get; }

    public string Cell => Path.Combine(Root, "cell");

    public string Usage => Path.Combine(Root, "usage");

    public string Ledger => Path.Combine(Root, "ledger.db");

    public string Batches => Path.Combine(Root, "batches");

    public string Responses => Path.Combine(Root, "responses.db");

    public string Agent => Path.Combine(Root, "agent");

    public string Logs => Path.Combine(Root, "logs");

    public string ServerFile => Path.Combine(Root, "server.json");

    /// <summary>Creates the folder when it is missing, checks its format and takes its lock.</summary>
    /// <exception cref="StoreException">Not writable, in use, or of a newer version.</exception>
    public static DataFolder Open(string path)
    {
        path = Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            if (OperatingSystem.IsWindows()) { Directory.CreateDirectory(path); }
            else { Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); }
            held = TakeLock(Path.Combine(path, "lock"), path);
            CheckVersion(Path.Combine(path, "version"), path);
            return new DataFolder(path, held);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new StoreException(StoreProblem.NotWritable,
                $"The data folder {path} cannot be written: {e.Message} Give it to this user, or choose another with --data.", e);
        }
        catch (StoreException)
        {
            held?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static FileStream TakeLock(string file, string folder)
    {
        try { return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); }
        catch (IOException e) when (File.Exists(file) && e is not DirectoryNotFoundException)
        {
            throw new StoreException(StoreProblem.InUse, $"The data folder {folder} is in use by another server. Stop that one, or choose another folder with --data.", e);
        }
    }

    private static void CheckVersion(string file, string folder)
    {
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Format.ToString(CultureInfo.InvariantCulture) + "\n");
            return;
        }

        string text = File.ReadAllText(file).Trim();
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int found))
        {
            throw StoreException.Corrupt(file, $"it holds '{(text.Length > 40 ? text[..40] : text)}' instead of a version number");
        }

        if (found > Format) { throw StoreException.Newer(folder, found, Format); }
    }
}
