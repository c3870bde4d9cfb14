using System.Security.Cryptography;
using System.Text;

namespace Gigawatt.Agents.Node;

/// <summary>
/// The agent's data folder:
/// <code>
/// agent.lock               held by the one agent that uses the folder
/// tasks/{key}/             the record of a task until it is forgotten, see <see cref="TaskFolder"/>
/// logs/{key}.log           what the task printed; outlives the record
/// bin/task-{hash}.sh       the supervisor; named by content, because a shell reads its script as it goes along
/// lease, guard             see <see cref="Lease"/>
/// </code>
/// </summary>
internal sealed class AgentFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // EWOULDBLOCK of flock(2), which is what FileShare.None comes down to.
    private const int ErrorWouldBlock = 11;

    private readonly FileStream _lock;

    /// <summary>Creates what is missing and takes the lock.</summary>
    /// <exception cref="IOException">Another agent uses the folder, or it cannot be written.</exception>
    public AgentFolder(string path)
    {
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        try
        {
            foreach (string folder in new[] { Root, Tasks, Logs, Binaries }) { CreatePrivate(folder); }
            string lockPath = Path.Combine(Root, "agent.lock");
            try
            {
                _lock = new(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException failure) when (failure.HResult == ErrorWouldBlock)
            {
                throw new IOException($"The agent folder '{Root}' is in use by another agent. Give each agent its own folder.");
            }
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"The agent folder '{Root}' cannot be written: {denied.Message}", denied);
        }

        TaskScript = Extract("task");
        GuardScript = Extract("guard");
    }

    public string Root { get; }

    public string Tasks => Path.Combine(Root, "tasks");

    public string TaskScript { get; }

    public string GuardScript { get; }

    private string Logs => Path.Combine(Root, "logs");

    private string Binaries => Path.Combine(Root, "bin");

    public string LogOf(TaskKey key) => Path.Combine(Logs, $"{key}.log");

    /// <summary>The records found here, in the order of their keys. Half-made ones are removed.</summary>
    public List<TaskFolder> Scan()
    {
        List<TaskFolder> found = [];
        foreach (string folder in Directory.EnumerateDirectories(Tasks))
        {
            string name = Path.GetFileName(folder);
            if (TaskKey.TryParse(name, out TaskKey key)) { found.Add(new(folder, key)); }
            else if (name.StartsWith('.')) { Directory.Delete(folder, recursive: true); }
        }

        found.Sort((left, right) => left.Key.CompareTo(right.Key));
        return found;
    }

    public string RecordOf(TaskKey key) => Path.Combine(Tasks, key.ToString());

    /// <summary>Puts a launch on record, whole or not at all; with a verdict, as one that shall not run.</summary>
    public TaskFolder Record(TaskLaunch launch, string? verdict)
    {
        string draft = Path.Combine(Tasks, $".{launch.Key}");
        if (Directory.Exists(draft)) { Directory.Delete(draft, recursive: true); }
        TaskFolder record = new(CreatePrivate(draft), launch.Key);
        if (verdict is null) { record.Fill(launch); }
        else { record.TryClaimAgainst(verdict); }
        Directory.Move(draft, RecordOf(launch.Key));
        return new(RecordOf(launch.Key), launch.Key);
    }

    public void Dispose() => _lock.Dispose();

    // Records hold the values of environment variables, which may be secrets.
    private static string CreatePrivate(string path) =>
        (OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, OwnerOnly)).FullName;

    private string Extract(string script)
    {
        using Stream resource = typeof(AgentFolder).Assembly.GetManifestResourceStream($"{script}.sh")!;
        using StreamReader reader = new(resource, Encoding.UTF8);
        string text = reader.ReadToEnd();
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12];
        string path = Path.Combine(Binaries, $"{script}-{hash}.sh");
        if (!File.Exists(path)) { AtomicFile.Write(path, text); }
        return path;
    }
}
